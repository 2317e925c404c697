package oidctest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Forge is a provider that signs whatever a test wants said.
type Forge struct {
	*httptest.Server

	mu        sync.Mutex
	claims    map[string]any
	challenge string
	down      bool
	other     bool
	key, evil *rsa.PrivateKey
}

// NewForge starts one; it ends with the test.
func NewForge(tb testing.TB) *Forge {
	tb.Helper()
	f := &Forge{}
	var err error
	if f.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		tb.Fatal(err)
	}
	if f.evil, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		tb.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.about)
	mux.HandleFunc("GET /keys", f.keys)
	mux.HandleFunc("POST /token", f.token)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.down {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	tb.Cleanup(f.Close)
	return f
}

// Say sets the claims of the next token and the PKCE challenge that its code was asked
// for with.
func (f *Forge) Say(challenge string, claims map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.challenge, f.claims = challenge, claims
}

// Down makes every answer a failure, or ends that.
func (f *Forge) Down(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// Evil makes it sign with a key that it does not publish, or ends that.
func (f *Forge) Evil(evil bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.other = evil
}

func (f *Forge) about(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"issuer": f.URL, "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token",
		"jwks_uri": f.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (f *Forge) keys(w http.ResponseWriter, _ *http.Request) {
	b := base64.RawURLEncoding
	answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "uno",
		"n": b.EncodeToString(f.key.N.Bytes()), "e": b.EncodeToString(big.NewInt(int64(f.key.E)).Bytes())}}})
}

func (f *Forge) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != f.challenge {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]any{"error": "invalid_grant"})
		return
	}
	answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": f.sign()})
}

// sign makes a token of the claims.
func (f *Forge) sign() string {
	part := func(v any) string {
		raw, _ := json.Marshal(v) // maps of texts and numbers
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	key := f.key
	if f.other {
		key = f.evil
	}
	text := part(map[string]string{"alg": "RS256", "kid": "uno"}) + "." + part(f.claims)
	sum := sha256.Sum256([]byte(text))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:]) // fails for short keys only
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a client that has left
}
