// Command letters unpacks a font from WOFF, as npm's packages of fonts hold it, to the TTF
// that internal/base/plot draws pictures with:
//
//	go run ./internal/tool/letters FONT.woff FONT.ttf
//
// WOFF 1 is a TTF whose tables are compressed one by one; nothing is changed but that.
package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
)

// The sizes of what WOFF 1 and TTF are made of, in bytes, and the most a font may have.
const (
	woffHeader = 44
	woffEntry  = 20
	ttfHeader  = 12
	ttfEntry   = 16
	biggest    = 4 << 20
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: letters FONT.woff FONT.ttf")
		os.Exit(2)
	}
	if err := convert(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "letters:", err)
		os.Exit(1)
	}
}

func convert(from, to string) error {
	woff, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	ttf, err := unpack(woff)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, ttf, 0o644)
}

// unpack writes the header and the directory of a TTF and each table behind them, at places
// that divide by four.
func unpack(woff []byte) ([]byte, error) {
	if len(woff) < woffHeader || string(woff[:4]) != "wOFF" {
		return nil, errors.New("it is no WOFF 1")
	}
	be := binary.BigEndian
	tables := int(be.Uint16(woff[12:]))
	if tables == 0 || len(woff) < woffHeader+tables*woffEntry {
		return nil, errors.New("its directory ends too early")
	}
	search := 1 << (bits.Len(uint(tables)) - 1)
	out := append([]byte(nil), woff[4:8]...)
	for _, n := range []int{tables, search * ttfEntry, bits.Len(uint(search)) - 1, (tables - search) * ttfEntry} {
		out = be.AppendUint16(out, uint16(n))
	}
	at := ttfHeader + tables*ttfEntry
	var body []byte
	for i := range tables {
		entry := woff[woffHeader+i*woffEntry:]
		table, err := inflate(woff, be.Uint32(entry[4:]), be.Uint32(entry[8:]), be.Uint32(entry[12:]))
		if err != nil {
			return nil, fmt.Errorf("table %q: %w", entry[:4], err)
		}
		out = append(append(out, entry[:4]...), entry[16:20]...) // its name and its sum
		out = be.AppendUint32(out, uint32(at+len(body)))
		out = be.AppendUint32(out, uint32(len(table)))
		body = append(body, table...)
		body = append(body, make([]byte, -len(body)&3)...)
	}
	return append(out, body...), nil
}

// inflate reads one table; it lies as it is when it would not have become smaller.
func inflate(woff []byte, at, packed, size uint32) ([]byte, error) {
	if uint64(at)+uint64(packed) > uint64(len(woff)) || size > biggest {
		return nil, errors.New("it lies outside of the file")
	}
	data := woff[at : at+packed]
	if packed == size {
		return data, nil
	}
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	table := make([]byte, size)
	if _, err := io.ReadFull(r, table); err != nil {
		return nil, err
	}
	return table, nil
}
