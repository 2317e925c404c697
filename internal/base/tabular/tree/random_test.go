package tree_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/tree"
)

// drain reads all tables of a file, for fuzzing: nothing may panic, and no cell may be
// outside of its batch.
func drain(t testing.TB, opener tabular.Opener, f tabular.File) (rows int64, failed bool) {
	sources, err := opener(context.Background(), f)
	if err != nil {
		code(t, err)
		return 0, true
	}
	for _, s := range sources {
		if len(s.Labels) > tabular.MaxColumns {
			t.Fatalf("%d columns", len(s.Labels))
		}
		r, err := s.Open(context.Background(), nil)
		if err != nil {
			code(t, err)
			failed = true
			continue
		}
		var b tabular.Batch
		for {
			if err = r.Next(context.Background(), &b); err != nil {
				break
			}
			for i := range b.Rows() {
				for c := range b.Cols {
					_ = b.Cell(i, c)
				}
			}
			rows += int64(b.Rows())
		}
		if err != io.EOF {
			code(t, err)
			failed = true
		}
		r.Close()
	}
	return rows, failed
}

func fuzz(f *testing.F, opener tabular.Opener, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "f")
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := os.WriteFile(path, in, 0o600); err != nil {
			t.Fatal(err)
		}
		drain(t, opener, tabular.File{Path: path})
	})
}

func FuzzLines(f *testing.F) {
	fuzz(f, tree.Lines, "{\"a\":1}\n{\"a\":\"\\ud800\"}\n", "[1,2]\nx\n[3]", "\xff\xfe{\x00}\x00")
}

// FuzzJSON also asks that exactly the documents that encoding/json accepts are read
// without a fault, where limits are no matter.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`[{"a":1.5e3,"b":[1,"x"]},{"a":{"c":"\u00e1\ud83d\ude00"}}]`, `{"a":[1,2],"b":[3,4]}`, `{"r":{"x":[[1,2],["a",{}]]}}`,
		`{"a":{"0":1},"b":{"0":2}}`, `{"AGS":{"n":1},"BC":{"n":2}}`, `[NaN]`, `[1,]`, "\xff\xfe[\x001\x00]\x00", `{"a":1} {"a":2}`,
	} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "f")
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := os.WriteFile(path, in, 0o600); err != nil {
			t.Fatal(err)
		}
		_, failed := drain(t, tree.JSON, tabular.File{Path: path})
		bom := bytes.HasPrefix(in, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(in, []byte("\xff\xfe")) || bytes.HasPrefix(in, []byte("\xfe\xff"))
		if !failed && !bom && bytes.IndexByte(in, 0) < 0 && !json.Valid(in) && !bytes.Contains(in, []byte{'\n'}) && !bytes.Contains(in, []byte("\x1e")) {
			t.Errorf("read without a fault, and it is no JSON: %q", in)
		}
	})
}

// value is a random value of JSON.
func value(r *rand.Rand, depth int) any {
	switch n := r.IntN(9); {
	case n < 2 || depth > 3 && n > 5:
		return json.Number(fmt.Sprintf("%d.%de%d", r.IntN(100)-50, r.IntN(1000), r.IntN(5)))
	case n < 4:
		pieces := []string{"a", "ñ", "\"", "\\", "\n", "\u2028", "😀", "<", "\x01", " ", "; ", "\u0000"}
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	case n == 4:
		return r.IntN(2) == 0
	case n == 5:
		return nil
	case n == 6:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, value(r, depth+1))
		}
		return list
	}
	return object(r, depth+1)
}

func object(r *rand.Rand, depth int) map[string]any {
	out := map[string]any{}
	for range r.IntN(5) {
		out[[]string{"a", "b", "c\"", "ñ", "é\n"}[r.IntN(5)]] = value(r, depth)
	}
	return out
}

// flatten is what a record's cells must be, computed the slow way.
func flatten(label string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, one := range v {
			if label == "" {
				flatten(k, one, out)
			} else {
				flatten(label+"."+k, one, out)
			}
		}
	case []any:
		var parts []string
		for _, one := range v {
			switch one.(type) {
			case map[string]any, []any:
				text, _ := json.Marshal(v)
				out[label] = string(text)
				return
			case nil:
			default:
				parts = append(parts, fmt.Sprint(one))
			}
		}
		out[label] = strings.Join(parts, "; ")
	case nil:
	default:
		out[label] = fmt.Sprint(v)
	}
}

func TestRandomDocumentsReadAsTheStandardLibraryReadsThem(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var records []any
		for range 1 + r.IntN(40) {
			records = append(records, object(r, 0))
		}
		doc := map[string]any{"n": 1, "lista": records}
		text, err := json.MarshalIndent(doc, "", strings.Repeat(" ", r.IntN(3)))
		if err != nil {
			t.Fatal(err)
		}
		sources, err := tree.JSON(context.Background(), file(t, string(text)))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		rd, err := sources[0].Open(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var b tabular.Batch
		if err := rd.Next(context.Background(), &b); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for i := range b.Rows() {
			got := map[string]string{}
			for c, label := range sources[0].Labels {
				if cell := string(b.Cell(i, c)); cell != "" {
					got[label] = alike(cell)
				}
			}
			want := map[string]string{}
			flatten("", records[i], want)
			for k, v := range want {
				if want[k] = alike(v); v == "" {
					delete(want, k)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, row %d: %s\n%s", seed, i+1, diff, text)
			}
		}
		if b.Rows() != len(records) {
			t.Fatalf("seed %d: %d rows of %d", seed, b.Rows(), len(records))
		}
		rd.Close()
	}
}

// alike makes two spellings of the same JSON text one; other text stays.
func alike(cell string) string {
	if !strings.HasPrefix(cell, "[") {
		return cell
	}
	d := json.NewDecoder(strings.NewReader(cell))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return cell
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// records writes a document of about n bytes.
func records(n int) string {
	var b strings.Builder
	r := rand.New(rand.NewPCG(1, 2))
	b.WriteString(`{"success":true,"result":{"records":[`)
	for i := 0; b.Len() < n; i++ {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{"id":%d,"entidad":"%02d","municipio":"Cuauhtémoc","fecha":"2024-%02d-%02d","monto":%d.%02d,"programa":{"clave":"S%03d","nombre":"Programa de apoyo"},"activo":%v,"nota":null,"temas":["salud","vivienda"]}`,
			i, 1+r.IntN(32), 1+r.IntN(12), 1+r.IntN(28), r.IntN(1_000_000), r.IntN(100), r.IntN(500), i%2 == 0)
	}
	b.WriteString(`]}}`)
	return b.String()
}

// BenchmarkJSON finds the records of 100 MB and reads them once, as two lines.
func BenchmarkJSON(b *testing.B) {
	text := records(100 << 20)
	f := file(b, text)
	sources, err := tree.JSON(context.Background(), f)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("find", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := tree.JSON(context.Background(), f); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		var batch tabular.Batch
		for b.Loop() {
			r, err := sources[0].Open(context.Background(), nil)
			if err != nil {
				b.Fatal(err)
			}
			for err == nil {
				err = r.Next(context.Background(), &batch)
			}
			if err != io.EOF {
				b.Fatal(err)
			}
			r.Close()
		}
	})
}
