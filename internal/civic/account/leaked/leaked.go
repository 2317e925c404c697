// Package leaked knows the passwords that attackers try first: those that leaked most
// often from other sites, and words. They are kept as the sorted first five bytes of
// their SHA-256: little room, nothing to load, and one password in fifteen million that is
// not in the list looks as if it were.
//
// The list is that of @zxcvbn-ts/language-common 3.0.4, with the Spanish words of
// @zxcvbn-ts/language-es-es 4.1.2, both under the MIT licence (LICENSE.txt here):
// whatever of them has six letters or more, in lower case. It is written by
// internal/tool/leakedpasswords from their JSON files.
package leaked

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"sort"
)

// Width is how many bytes of a hash are kept.
const Width = 5

//go:embed passwords.bin
var hashes []byte

// Count is how many passwords are known.
func Count() int { return len(hashes) / Width }

// Has reports whether the password, in lower case, is one of them.
func Has(password string) bool {
	sum := sha256.Sum256([]byte(password))
	n := Count()
	at := func(i int) []byte { return hashes[i*Width : (i+1)*Width] }
	i := sort.Search(n, func(i int) bool { return bytes.Compare(at(i), sum[:Width]) >= 0 })
	return i < n && bytes.Equal(at(i), sum[:Width])
}
