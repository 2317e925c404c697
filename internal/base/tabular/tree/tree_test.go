package tree_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/tree"
)

// table is a table as a test sees it.
type table struct {
	name, path string
	labels     []string
	rows       []string // cells joined by "|"
	fault      string   // code of the fault that reading ended with
}

// file writes a file that is to be read.
func file(t testing.TB, content string) tabular.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return tabular.File{Path: path, Name: "f"}
}

// readAll reads a source whole.
func readAll(t testing.TB, src *tabular.Source) table {
	t.Helper()
	out := table{name: src.Name, path: src.Layout.Path, labels: src.Labels}
	last := int64(0)
	r, err := src.Open(context.Background(), func(n int64) {
		if n < last || n > src.Bytes {
			t.Errorf("progress went from %d to %d of %d", last, n, src.Bytes)
		}
		last = n
	})
	if err != nil {
		out.fault = code(t, err)
		return out
	}
	defer r.Close()
	var b tabular.Batch
	next := int64(1)
	for {
		err := r.Next(context.Background(), &b)
		if b.First != next {
			t.Errorf("a batch begins at row %d, want %d", b.First, next)
		}
		for i := range b.Rows() {
			cells := make([]string, b.Cols)
			for c := range cells {
				cells[c] = string(b.Cell(i, c))
			}
			out.rows = append(out.rows, strings.Join(cells, "|"))
		}
		next += int64(b.Rows())
		if err == io.EOF {
			return out
		}
		if err != nil {
			out.fault = code(t, err)
			return out
		}
	}
}

func code(t testing.TB, err error) string {
	t.Helper()
	var f *tabular.Fault
	if !errors.As(err, &f) {
		t.Fatalf("not a fault: %v", err)
	}
	return f.Code
}

func open(t testing.TB, opener tabular.Opener, content string) []table {
	t.Helper()
	sources, err := opener(context.Background(), file(t, content))
	if err != nil {
		return []table{{fault: code(t, err)}}
	}
	var out []table
	for _, s := range sources {
		out = append(out, readAll(t, s))
	}
	return out
}

func check(t *testing.T, want, got []table) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(table{})); diff != "" {
		t.Error(diff)
	}
}

func TestListsOfRecordsAreFoundWhereverTheyLie(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []table
	}{
		"array of objects": {`[{"a":1,"b":"x"},{"b":"y","c":true},{"a":null}]`,
			[]table{{path: "[]", labels: []string{"a", "b", "c"}, rows: []string{"1|x|", "|y|true", "||"}}}},
		"below two objects": {`{"help":"h","result":{"count":2,"records":[{"a":1},{"a":2}]}}`,
			[]table{{path: "result.records[]", labels: []string{"a"}, rows: []string{"1", "2"}}}},
		"several, the largest first": {`{"few":[{"a":1}],"many":[{"b":1},{"b":2}],"tags":["x"]}`,
			[]table{{name: "many", path: "many[]", labels: []string{"b"}, rows: []string{"1", "2"}},
				{name: "few", path: "few[]", labels: []string{"a"}, rows: []string{"1"}}}},
		"rows with names": {`[["clave","pob"],["01",10],["02",2.50]]`,
			[]table{{path: "[]", labels: []string{"clave", "pob"}, rows: []string{"01|10", "02|2.50"}}}},
		"rows without names": {`{"datos":[[1,2],[3,4,5]]}`,
			[]table{{path: "datos[]", labels: []string{"", "", ""}, rows: []string{"1|2|", "3|4|5"}}}},
		"columns": {`{"a":[1,2],"b":["x",null]}`,
			[]table{{labels: []string{"a", "b"}, rows: []string{"1|x", "2|"}}}},
		"columns below": {`{"lat":1,"hourly":{"time":["t1","t2"],"v":[0.5,1e3]}}`,
			[]table{{path: "hourly", labels: []string{"time", "v"}, rows: []string{"t1|0.5", "t2|1e3"}}}},
		"columns with numbered keys": {`{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"},"c":{"0":0,"1":1}}`,
			[]table{{labels: []string{"a", "b", "c"}, rows: []string{"1|x|0", "2|y|1"}}}},
		"object of objects": {`{"AGS":{"nombre":"Aguascalientes"},"BC":{"nombre":"Baja California","cap":"Mexicali"}}`,
			[]table{{path: "{}", labels: []string{"clave", "nombre", "cap"}, rows: []string{"AGS|Aguascalientes|", "BC|Baja California|Mexicali"}}}},
		"one record": {`{"a":1,"b":{"c":[1,"dos",null,true]},"d":[]}`,
			[]table{{labels: []string{"a", "b.c", "d"}, rows: []string{"1|1; dos; true|"}}}},
		"plain values": {`["x",1,null]`,
			[]table{{path: "[]", labels: []string{"valor"}, rows: []string{"x", "1", ""}}}},
		"a tree of charts": {`{"Concurso":{"name":"Concurso","children":[{"name":"A","children":[{"name":"B"}]},{"name":"C"}]}}`,
			[]table{{path: "Concurso.children[]", labels: []string{"name", "children"}, rows: []string{`A|[{"name":"B"}]`, "C|"}}}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.want, open(t, tree.JSON, c.in)) })
	}
}

func TestNestedValuesBecomeColumnsOrText(t *testing.T) {
	got := open(t, tree.JSON, `[
		{"a":{"b":1,"c":{"d":"x"}},"l":[1,2],"o":[ {"k" : "v\"\u00e1"} , 2 ]},
		{"a":null,"e":-0.10e+05,"l":[[1],[2]]},
		{"a":"solo","big":12345678901234567890123}]`)
	check(t, []table{{path: "[]",
		labels: []string{"a", "a.b", "a.c.d", "l", "o", "e", "big"},
		rows: []string{
			`|1|x|1; 2|[{"k":"v\"á"},2]||`,
			`|||[[1],[2]]||-0.10e+05|`,
			`solo||||||12345678901234567890123`,
		}}}, got)
}

func TestABrokenDocumentGivesItsWholeRowsAndThenItsFault(t *testing.T) {
	whole := []string{"1", "2"}
	for in, want := range map[string]table{
		`[{"a":1},{"a":2},{"a":`:                 {fault: "json_truncated", rows: whole},
		`[{"a":1},{"a":2},{"a":3,"z":"x`:         {fault: "json_truncated", rows: whole},
		`[{"a":1},{"a":2}] x`:                    {fault: "json_trailing", rows: whole},
		`[{"a":1},{"a":2},]`:                     {fault: "json_syntax", rows: whole},
		`[{"a":1},{"a":2},{"a":NaN}]`:            {fault: "json_nan", rows: whole},
		`[{"a":1},{"a":2},{"a":-Infinity}]`:      {fault: "json_nan", rows: whole},
		`[{"a":1},{"a":2},{"a":nan}]`:            {fault: "json_nan", rows: whole},
		"[{\"a\":1},{\"a\":2}, // fin\n]":        {fault: "json_comment", rows: whole},
		`[{"a":1},{"a":2},{'a':3}]`:              {fault: "json_quote", rows: whole},
		`[{"a":1},{"a":2},{"a":01}]`:             {fault: "json_number", rows: whole},
		`[{"a":1},{"a":2},{"a":"\x"}]`:           {fault: "json_escape", rows: whole},
		"[{\"a\":1},{\"a\":2},{\"a\":\"\x01\"}]": {fault: "json_control", rows: whole},
	} {
		want.path, want.labels = "[]", []string{"a"}
		t.Run(in, func(t *testing.T) { check(t, []table{want}, open(t, tree.JSON, in)) })
	}
}

func TestADocumentWithoutRecordsIsRefusedWithWhy(t *testing.T) {
	for in, want := range map[string]string{
		"": "empty", " \n": "empty", `{"a":1`: "json_truncated", `{`: "json_truncated", `hola`: "json_syntax",
		`12`: "json_no_records", `[]`: "json_no_records", `{}`: "json_no_records", `"x"`: "json_no_records",
		`// hola`: "json_comment", `{'a':1}`: "json_quote", `NaN`: "json_nan", "\x00\x00": "json_syntax",
		strings.Repeat("[", 100_000):                       "depth",
		strings.Repeat(`{"a":`, 100_000):                   "depth",
		`[{` + manyKeys(200_000) + `}]`:                    "columns",
		`{"a":1,"a":` + strings.Repeat("1", 300) + `,"a"}`: "json_syntax",
	} {
		check(t, []table{{fault: want}}, open(t, tree.JSON, in))
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"k` + strings.Repeat("x", i%3) + string(rune('a'+i%26)) + strings.Repeat("y", i/26%50) + string(rune(0x4e00+i/100)) + `":1`)
	}
	return b.String()
}

func TestAFaultSaysItsLineAndByteInEveryEncoding(t *testing.T) {
	text := "[{\"año\":1},\n{\"año\":2},\n{\"año\":x}]"
	for name, c := range map[string]struct {
		content string
		at      int64
		labels  string
	}{
		"utf-8":        {text, 33, "año"},
		"utf-8 marked": {"\xef\xbb\xbf" + text, 36, "año"},
		"utf-16le":     {"\xff\xfe" + wide(text, false), 62, "año"},
		"utf-16be":     {"\xfe\xff" + wide(text, true), 62, "año"},
		"windows-1252": {strings.ReplaceAll(text, "ñ", "\xf1"), 30, "año"},
	} {
		t.Run(name, func(t *testing.T) {
			sources, err := tree.JSON(context.Background(), file(t, c.content))
			if err != nil {
				t.Fatal(err)
			}
			if sources[0].Labels[0] != c.labels || !strings.HasPrefix(name, sources[0].Layout.Encoding) {
				t.Errorf("label %q, encoding %q", sources[0].Labels[0], sources[0].Layout.Encoding)
			}
			r, err := sources[0].Open(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var b tabular.Batch
			if err := r.Next(context.Background(), &b); err != nil || b.Rows() != 2 {
				t.Fatalf("%d rows, %v", b.Rows(), err)
			}
			var f *tabular.Fault
			if err := r.Next(context.Background(), &b); !errors.As(err, &f) || f.Line != 3 || f.Byte != c.at {
				t.Errorf("fault %+v, want line 3, byte %d", f, c.at)
			}
		})
	}
}

func wide(s string, big bool) string {
	var out bytes.Buffer
	for _, c := range s {
		hi, lo := byte(c>>8), byte(c)
		if big {
			out.WriteByte(hi)
		}
		out.WriteByte(lo)
		if !big {
			out.WriteByte(hi)
		}
	}
	return out.String()
}

func TestTextThatIsNoneIsReplacedAndDuplicateKeysAreReported(t *testing.T) {
	sources, err := tree.JSON(context.Background(), file(t,
		`[{"a":"\ud800x","b":"á`+"\xff"+`"},{"a":1,"a":2},{"a":{"x":1},"a":{"y":2}},{"a":"\ud83d\ude00"}]`))
	if err != nil {
		t.Fatal(err)
	}
	got := readAll(t, sources[0])
	check(t, []table{{path: "[]", labels: []string{"a", "b", "a.x", "a.y"},
		rows: []string{"\ufffdx|á\ufffd||", "2|||", "|||2", "😀|||"}}}, []table{got})
	counts := map[string]int64{}
	for _, p := range sources[0].Problems.List() {
		counts[p.Code+" "+p.Column] += p.Count
	}
	if diff := cmp.Diff(map[string]int64{"i12 a": 1, "i12 b": 1, "j02 a": 2}, counts); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenLinesAreLeftOutAndReported(t *testing.T) {
	sources, err := tree.Lines(context.Background(), file(t,
		"{\"a\":1}\n\n{\"a\":\n{\"b\":2,\"a\":3} x\n12\n\x1e{\"a\":4,\"c\":{\"d\":5}}\r\n{\"a\":6}"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, []table{{labels: []string{"a", "c.d"}, rows: []string{"1|", "4|5", "6|"}}}, []table{readAll(t, sources[0])})
	p := sources[0].Problems.List()
	if len(p) != 1 || p[0].Code != "j01" || p[0].Count != 3 || p[0].Samples[0].Line != 3 || p[0].Samples[1].Line != 4 {
		t.Errorf("problems %+v", p)
	}
	check(t, []table{{fault: "jsonl_broken"}}, open(t, tree.Lines, "hola\nadios\n"))
	check(t, []table{{fault: "empty"}}, open(t, tree.Lines, "\n\n"))
	check(t, []table{{labels: []string{"a", "b"}, rows: []string{"1|x", "2|y"}}},
		open(t, tree.Lines, "[\"a\",\"b\"]\n[1,\"x\"]\n[2,\"y\"]\n"))
	check(t, []table{{labels: []string{"a"}, rows: []string{"1", "2"}}}, open(t, tree.JSON, "{\"a\":1}\n{\"a\":2}\n"))
}

func TestALineKnowsItsNumber(t *testing.T) {
	sources, err := tree.Lines(context.Background(), file(t, "{\"a\":1}\n\nx\n{\"a\":2}\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := sources[0].Open(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b tabular.Batch
	if err := r.Next(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{1, 4}, b.Lines); diff != "" {
		t.Error(diff)
	}
}
