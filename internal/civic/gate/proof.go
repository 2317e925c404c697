package gate

import (
	"crypto/sha256"
	"math/bits"
	"strconv"
)

// The work is a hashcash on the form's seal: a number is looked for with which the
// SHA-256 of seal, colon and number begins with so many zero bits. The seal is signed,
// for one purpose, of one day and never drawn twice, so that it serves as the challenge
// as it stands: nothing else has to be sent or kept, and checking costs one hash.
//
// proofBits are sixteen thousand hashes on average: a fraction of a second on a cheap
// telephone while its owner writes, and minutes of a machine for every thousand forms
// that are sent from it.
const proofBits = 14

// maxProof bounds the length of a number that is looked at.
const maxProof = 16

// Proven reports whether the work on a seal was done: what a browser sends as proof
// is a decimal number.
func Proven(seal, proof string) bool {
	if proof == "" || len(proof) > maxProof {
		return false
	}
	if _, err := strconv.ParseUint(proof, 10, 64); err != nil {
		return false
	}
	return zeroBits(sha256.Sum256([]byte(seal+":"+proof))) >= proofBits
}

// Prove does the work on a seal, for tests and for programs that send forms.
func Prove(seal string) string {
	for n := uint64(0); ; n++ {
		if proof := strconv.FormatUint(n, 10); Proven(seal, proof) {
			return proof
		}
	}
}

func zeroBits(sum [sha256.Size]byte) (n int) {
	for _, b := range sum {
		n += bits.LeadingZeros8(b)
		if b != 0 {
			return n
		}
	}
	return n
}
