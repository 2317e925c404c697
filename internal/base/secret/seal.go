package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
)

// Sealer encrypts what has to be read again (AES-256-GCM): secrets in the store and
// short-lived cookies. What was sealed for one purpose opens for no other.
type Sealer struct{ aead cipher.AEAD }

// NewSealer makes a Sealer; the key (Root.Derive(Sealing, 32)) has 32 bytes.
func NewSealer(key []byte) Sealer {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("secret: " + err.Error()) // its length is a constant of the caller's
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("secret: " + err.Error()) // AES has the block that GCM wants
	}
	return Sealer{aead}
}

// Seal encrypts for a purpose; each time it is another text.
func (s Sealer) Seal(purpose string, plain []byte) string {
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, []byte(purpose)))
}

// Open decrypts what was sealed for a purpose; ok is false for anything else.
func (s Sealer) Open(purpose, sealed string) (plain []byte, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	n := s.aead.NonceSize()
	if err != nil || len(raw) < n {
		return nil, false
	}
	plain, err = s.aead.Open(nil, raw[:n], raw[n:], []byte(purpose))
	return plain, err == nil
}
