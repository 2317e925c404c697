package delimited_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/delimited"
)

func TestQuotesThatAreNotClosedNeverSwallowTheFile(t *testing.T) {
	cases := []struct {
		name, content string
		want          [][]string
		line          int64
	}{
		{"an open quote", "id,nombre,valor\n1,\"El Güero,3\n2,\"abc\",4\n3,d,5\n", [][]string{{"1", "\"El Güero", "3"}, {"2", "abc", "4"}, {"3", "d", "5"}}, 2},
		{"quotes within", "id,nombre,valor\n1,x,3\n2,\"El \"Güero\" Pérez\",4\n3,d,5\n", [][]string{{"1", "x", "3"}, {"2", "El \"Güero\" Pérez", "4"}, {"3", "d", "5"}}, 3},
		{"quotes within several lines", "id,nombre,valor\n1,x,3\n2,\"Uno\nel \"Güero\" dos\",4\n3,d,5\n", [][]string{{"1", "x", "3"}, {"2", "Uno\nel \"Güero\" dos", "4"}, {"3", "d", "5"}}, 3},
		{"an open quote at the end", "id,nombre,valor\n1,x,3\n2,\"abc,4\n", [][]string{{"1", "x", "3"}, {"2", "\"abc", "4"}}, 3},
		{"inches", "id,nombre,valor\n1,tubo de 5\" de PVC,3\n2,b,4\n", [][]string{{"1", "tubo de 5\" de PVC", "3"}, {"2", "b", "4"}}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := opened(t, written(t, c.content))
			got, err := rows(t, src)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			p := problem(src, "q01")
			if c.line == 0 && p.Count != 0 || c.line > 0 && (p.Count != 1 || p.Samples[0].Line != c.line) {
				t.Errorf("reported as %+v", p)
			}
		})
	}
}

func TestAnOpenQuoteBeforeManyLinesCostsOneRowOnly(t *testing.T) {
	content := "id,nombre,valor\n1,\"abierta,2\n" + strings.Repeat("2,Puebla,3\n", 200_000)
	src := opened(t, written(t, content))
	if n := count(t, src); n != 200_001 {
		t.Errorf("%d rows", n)
	}
	if p := problem(src, "q01"); p.Count != 1 || p.Samples[0].Line != 2 || p.Samples[0].Byte != 16 {
		t.Errorf("reported as %+v", p)
	}
}

func TestQuotesOutOfStepDoNotJoinRowsWithoutEnd(t *testing.T) {
	content := "id,nombre,valor\n" + strings.Repeat("1,b,3\n", 50) + strings.Repeat("1,x\",\"y,2\n", 20_000)
	src := opened(t, written(t, content))
	got, err := rows(t, src)
	if err != nil || len(got) < 20_000 {
		t.Errorf("%d rows: %v", len(got), err)
	}
}

func TestEscapesAndOtherQuotesAreUnderstood(t *testing.T) {
	cases := []struct {
		name, content string
		want          []string
	}{
		{"backslashes", "id,nombre,valor\n1,\"El \\\"Güero\\\", dos\",3\n2,\"b\",4\n", []string{"1", "El \"Güero\", dos", "3"}},
		{"doubled", "id,nombre,valor\n1,\"El \"\"Güero\"\", dos\",3\n2,\"b\",4\n", []string{"1", "El \"Güero\", dos", "3"}},
		{"apostrophes", "id,nombre,valor\n1,'uno, dos',3\n2,'b',4\n3,'c, d',4\n", []string{"1", "uno, dos", "3"}},
		{"spaces before quotes", "id, nombre, valor\n1, \"uno, dos\", 3\n2, \"b\", 4\n", []string{"1", "uno, dos", " 3"}},
		{"line ends", "id,nombre,valor\n1,\"uno\r\ndos\",3\n2,\"b\",4\n", []string{"1", "uno\r\ndos", "3"}},
		{"columns of spaces", "id   nombre    valor\n1    Puebla    30\n22   Colima    4\n3    Jalisco   50\n", []string{"1", "Puebla", "30"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := rows(t, opened(t, written(t, c.content)))
			if err != nil || len(got) == 0 {
				t.Fatal(got, err)
			}
			if diff := cmp.Diff(c.want, got[0]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzTokensAgreeWithTheStandardReader writes well-formed text of what the standard
// library reads out of any bytes and reads it with both.
func FuzzTokensAgreeWithTheStandardReader(f *testing.F) {
	f.Add([]byte("a,b\n1,\"x\"\"y\"\n"))
	f.Add([]byte("a,\"b\nc\"\r\nd,e"))
	f.Add([]byte(" \"\",,x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var well [][]string
		in := csv.NewReader(bytes.NewReader(data))
		in.FieldsPerRecord, in.LazyQuotes = -1, true
		for {
			row, err := in.Read()
			if err != nil {
				break
			}
			for i := range row {
				row[i] = strings.ReplaceAll(row[i], "\r", "")
			}
			well = append(well, row)
		}
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		if w.WriteAll(well) != nil || out.Len() == 0 {
			return
		}
		got := delimited.Split(out.Bytes(), ',')
		again := csv.NewReader(&out)
		again.FieldsPerRecord = -1
		want, err := again.ReadAll()
		if err != nil {
			return
		}
		got = slicesWithout(got)
		if diff := cmp.Diff(slicesWithout(want), got); diff != "" {
			t.Error(diff)
		}
	})
}

// slicesWithout leaves out rows of one empty cell, which are empty lines.
func slicesWithout(rows [][]string) (out [][]string) {
	for _, r := range rows {
		if len(r) != 1 || r[0] != "" {
			out = append(out, r)
		}
	}
	return out
}

// FuzzAnyFileOpensOrIsRefused reads anything to its end.
func FuzzAnyFileOpensOrIsRefused(f *testing.F) {
	for _, seed := range []string{places, "\xFF\xFEa\x00,\x00", "a;b\n\"1;2\n3;\"4\"x\n", "sep=\t\n1\t2", "a\rb\r\"", "1 2\n3 4\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tables, err := delimited.Open(t.Context(), written(t, string(data)))
		var fault *tabular.Fault
		if err != nil {
			if !errors.As(err, &fault) {
				t.Fatal(err)
			}
			return
		}
		r, err := tables[0].Open(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var b tabular.Batch
		for {
			err := r.Next(t.Context(), &b)
			if errors.Is(err, io.EOF) || errors.As(err, &fault) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Each of these took minutes as long as every quote made the cell be searched again
// from its beginning.
func TestALongCellFullOfQuotesIsReadOnce(t *testing.T) {
	for name, c := range map[string]struct{ one, want string }{
		"doubled":     {`""`, `"`},
		"backslashes": {`\"`, `"`},
		"escapes":     {`\\`, `\`},
	} {
		t.Run(name, func(t *testing.T) {
			const times = 1 << 20
			content := "id,nombre,valor\n1,\"a" + c.one + "b\",2\n2,\"b" + `\"` + "\",3\n3,\"" + strings.Repeat(c.one, times) + "\",4\n"
			if name == "doubled" {
				content = strings.Replace(content, `b\"`, "b", 1)
			}
			got, err := rows(t, opened(t, written(t, content)))
			if err != nil || len(got) != 3 || got[2][1] != strings.Repeat(c.want, times) {
				t.Errorf("%d rows: %v", len(got), err)
			}
		})
	}
}

func TestALongLineIsReadInAnyEncoding(t *testing.T) {
	long := strings.Repeat("x", 4<<20)
	for name, content := range map[string]string{
		"Latin-1":   "id,nombre,valor\n1,Le\xF3n,2\n2,M\xE9rida,3\n3," + long + ",4\n",
		"16 bits":   "\xFF\xFE" + wide("id,nombre,valor\n1,León,2\n2,Mérida,3\n3,"+long+",4\n", true),
		"bytes 0":   "id,nombre,valor\n1,Leon,2\n2,Merida\x00,3\n3," + long + ",4\n",
		"zeros far": "id,nombre,valor\n1,Leon,2\n2,Merida,3\n3," + strings.Repeat("\x00", 26<<20) + long + ",4\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rows(t, opened(t, written(t, content)))
			if err != nil || len(got) != 3 || got[2][1] != long || got[2][2] != "4" {
				t.Errorf("%d rows: %v", len(got), err)
			}
		})
	}
}
