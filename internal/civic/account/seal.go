package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

// sealer encrypts what has to be read again (AES-256-GCM): secrets in the store and
// short-lived cookies. What was sealed for one purpose opens for no other.
type sealer struct{ aead cipher.AEAD }

// newSealer makes a sealer; the key has 32 bytes.
func newSealer(key []byte) sealer {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("account: " + err.Error()) // its length is a constant of the caller's
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("account: " + err.Error()) // AES has the block that GCM wants
	}
	return sealer{aead}
}

func (s sealer) seal(purpose string, plain []byte) string {
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, []byte(purpose)))
}

func (s sealer) open(purpose, sealed string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	n := s.aead.NonceSize()
	if err != nil || len(raw) < n {
		return nil, false
	}
	plain, err := s.aead.Open(nil, raw[:n], raw[n:], []byte(purpose))
	return plain, err == nil
}

// note is a sealed cookie: what a browser carries for a few minutes between two pages,
// and can neither read nor change nor keep alive.
type note struct {
	name string
	life time.Duration
}

type noteBody struct {
	Until int64           `json:"u"` // Unix milliseconds by Plaza's clock
	Value json.RawMessage `json:"v"`
}

// cookieName has the prefix that binds a cookie to this host, where there is TLS.
func (a *Accounts) cookieName(n note) string {
	if a.secure {
		return "__Host-" + n.name
	}
	return n.name
}

// write gives the browser a note; nil takes it away.
func (a *Accounts) write(w http.ResponseWriter, n note, v any) {
	c := &http.Cookie{Name: a.cookieName(n), Path: "/", HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode}
	if v == nil {
		c.MaxAge = -1
		http.SetCookie(w, c)
		return
	}
	value, err := json.Marshal(v)
	if err == nil {
		value, err = json.Marshal(noteBody{a.db.Now().Add(n.life).UnixMilli(), value})
	}
	if err != nil {
		panic("account: a note that is no JSON: " + err.Error()) // its types are this package's
	}
	c.Value, c.MaxAge = a.seals.seal("note:"+n.name, value), int(n.life.Seconds())
	http.SetCookie(w, c)
}

// read reports whether the browser carries the note and reads it into v.
func (a *Accounts) read(r *http.Request, n note, v any) bool {
	c, err := r.Cookie(a.cookieName(n))
	if err != nil {
		return false
	}
	raw, ok := a.seals.open("note:"+n.name, c.Value)
	var body noteBody
	return ok && json.Unmarshal(raw, &body) == nil && a.db.Now().Before(time.UnixMilli(body.Until)) &&
		json.Unmarshal(body.Value, v) == nil
}
