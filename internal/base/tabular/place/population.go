package place

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// CensusYear is the year of the census that Population is of.
const CensusYear = 2020

//go:embed poblacion_2020.csv.gz
var counted []byte

var people = sync.OnceValue(func() map[string]int64 {
	m, err := unpackPeople(counted)
	if err != nil {
		panic("place: the embedded population does not open: " + err.Error())
	}
	return m
})

// unpackPeople reads a line for each municipality, its code and the number; states are the
// sums of theirs.
func unpackPeople(packed []byte) (map[string]int64, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		code, number, _ := strings.Cut(lines.Text(), ",")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || len(code) != 5 {
			return nil, fmt.Errorf("%q is no municipality with its population", lines.Text())
		}
		out[code] = n
		out[code[:2]] += n
	}
	return out, lines.Err()
}

// Population is how many people live in a state or municipality, by the Censo de Población
// y Vivienda 2020. It is false for a code that the census does not have.
func Population(code string) (int64, bool) {
	n, ok := people()[code]
	return n, ok
}
