package form

import (
	"cmp"
	"encoding/json"
	"strconv"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/text"
)

// Resource is a file that a Data Package describes.
type Resource struct {
	Path   string // of the file beside the descriptor, or its address
	Form   child.Form
	Bytes  int64  // 0: not known, the file is written when it is asked for
	SHA256 string // "" likewise
	Table  tabular.Table
}

// DataPackage is the descriptor (datapackage.json, Data Package 2.0) of some tables as
// this package writes them: names, types, units, what is known to hold for all values,
// source and licence. about is what New is given; "licence_url" is the licence's address,
// "source_sha256" the checksum of the file that the tables were read from.
// A column with cells that do not fit its type is of type "any"; nothing is said of the
// values of suspected personal data.
func DataPackage(about map[string]string, resources []Resource) ([]byte, error) {
	type named = map[string]any
	out := named{
		"$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
		"name":    cmp.Or(text.Slug(about[Dataset], 80), "datos"),
	}
	set(out, "title", about[Dataset])
	set(out, "created", about[Date])
	set(out, "homepage", about[Address])
	if about[Licence] != "" || about["licence_url"] != "" {
		licence := named{}
		set(licence, "name", text.Slug(about[Licence], 60))
		set(licence, "title", about[Licence])
		set(licence, "path", about["licence_url"])
		out["licenses"] = []named{licence}
	}
	if about[Institution] != "" || about[Origin] != "" {
		source := named{"title": cmp.Or(about[Institution], about[Origin])}
		set(source, "path", about[Origin])
		if sum := about["source_sha256"]; sum != "" {
			source["hash"] = "sha256:" + sum
		}
		out["sources"] = []named{source}
	}
	var list []named
	taken := map[string]bool{} // a resource is known by its name
	for i, r := range resources {
		name := cmp.Or(text.Slug(r.Table.Name, 80), "tabla-"+strconv.Itoa(i+1))
		for base, n := name, 2; taken[name]; n++ {
			name = base + "-" + strconv.Itoa(n)
		}
		taken[name] = true
		one := named{
			"name":      name,
			"path":      r.Path,
			"type":      "table",
			"format":    string(r.Form),
			"mediatype": MediaType(r.Form),
			"schema":    schema(r.Table),
		}
		set(one, "title", r.Table.Name)
		if r.Form == child.CSV {
			one["encoding"] = "utf-8"
			one["dialect"] = named{"delimiter": ",", "lineTerminator": "\n", "quoteChar": `"`, "doubleQuote": true, "header": true}
		}
		if r.Bytes > 0 {
			one["bytes"] = r.Bytes
		}
		if r.SHA256 != "" {
			one["hash"] = "sha256:" + r.SHA256
		}
		list = append(list, one)
	}
	out["resources"] = list
	return json.MarshalIndent(out, "", "  ")
}

// set keeps empty members out.
func set(m map[string]any, key, value string) {
	if value != "" {
		m[key] = value
	}
}

func schema(t tabular.Table) map[string]any {
	fields := []map[string]any{}
	for _, c := range t.Columns {
		f := map[string]any{"name": c.Name}
		kind, format := fieldType(c.Type)
		if c.Odd > 0 {
			kind, format = "any", ""
		}
		f["type"] = kind
		set(f, "format", format)
		set(f, "title", c.Label)
		set(f, "description", c.Note)
		set(f, "unit", c.Unit)
		set(f, "meaning", string(c.Meaning))
		if kind == "boolean" {
			f["trueValues"], f["falseValues"] = []string{"true"}, []string{"false"}
		}
		if known := constraints(c, t.Rows); len(known) > 0 {
			f["constraints"] = known
		}
		fields = append(fields, f)
	}
	out := map[string]any{"fields": fields, "missingValues": []string{""}}
	if len(t.Key) > 0 {
		out["primaryKey"] = t.Key
	}
	return out
}

func fieldType(t tabular.Type) (kind, format string) {
	switch t {
	case tabular.Integer:
		return "integer", ""
	case tabular.Decimal, tabular.Money, tabular.Percent:
		return "number", ""
	case tabular.Year:
		return "year", ""
	case tabular.Date:
		return "date", ""
	case tabular.DateTime:
		return "datetime", "any" // it has no zone
	case tabular.Time:
		return "time", "any"
	case tabular.Boolean:
		return "boolean", ""
	case tabular.Geometry:
		return "geojson", ""
	case tabular.URL:
		return "string", "" // published addresses are not all valid ones
	case tabular.Email:
		return "string", ""
	}
	return "string", ""
}

// constraints are what is known to hold for all values of a column.
func constraints(c tabular.Column, rows int64) map[string]any {
	out := map[string]any{}
	if rows > 0 && c.Stats.Nulls == 0 && c.Stats.Count == rows {
		out["required"] = true
	}
	if c.Meaning == tabular.Key {
		out["unique"] = true
	}
	if c.Meaning.Personal() || c.Odd > 0 {
		return out
	}
	for name, s := range map[string]string{"minimum": c.Stats.Min, "maximum": c.Stats.Max} {
		switch {
		case s == "":
		case c.Type.Number() && isNumber(s):
			out[name] = json.Number(s)
		case c.Type == tabular.Date:
			out[name] = s
		}
	}
	return out
}
