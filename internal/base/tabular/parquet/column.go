package parquet

import (
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"plaza/internal/base/tabular"
)

// column is a column of the table: a leaf of the schema, or a list in it.
type column struct {
	label string
	path  []int // field, and fields of structures below it
	known tabular.Type
	raw   bool // bytes are kept as they are
}

// known is what the schema says of values.
func known(t arrow.DataType) tabular.Type {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return known(t.ValueType)
	case arrow.ExtensionType:
		if t.ExtensionName() == "arrow.uuid" {
			return tabular.Code
		}
		return known(t.StorageType())
	case arrow.DecimalType:
		if t.GetScale() <= 0 && t.GetPrecision() <= 18 {
			return tabular.Integer
		}
		return tabular.Decimal
	}
	switch id := t.ID(); {
	case arrow.IsInteger(id), id == arrow.DURATION:
		return tabular.Integer
	case arrow.IsFloating(id):
		return tabular.Decimal
	case id == arrow.BOOL:
		return tabular.Boolean
	case id == arrow.DATE32, id == arrow.DATE64:
		return tabular.Date
	case id == arrow.TIMESTAMP:
		return tabular.DateTime
	case id == arrow.TIME32, id == arrow.TIME64:
		return tabular.Time
	case id == arrow.NULL:
		return ""
	}
	return tabular.Text
}

// binaryType reports whether values are bytes.
func binaryType(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.FIXED_SIZE_BINARY, arrow.BINARY_VIEW:
		return true
	}
	return false
}

// geoColumns are the columns that GeoParquet's metadata calls geometries in WKB, and
// the reference system of each, "" for longitude and latitude of WGS 84.
type geoColumns map[string]string

// geometries reads GeoParquet's metadata. What is not as it should be is no geometry.
func geometries(pairs metadata.KeyValueMetadata) geoColumns {
	out := geoColumns{}
	text := pairs.FindValue("geo")
	if text == nil {
		return out
	}
	var geo struct {
		Columns map[string]struct {
			Encoding string `json:"encoding"`
			CRS      *struct {
				Name string `json:"name"`
				ID   struct {
					Authority string          `json:"authority"`
					Code      json.RawMessage `json:"code"`
				} `json:"id"`
			} `json:"crs"`
		} `json:"columns"`
	}
	if json.Unmarshal([]byte(*text), &geo) != nil {
		return out
	}
	for name, c := range geo.Columns {
		if c.Encoding != "WKB" {
			continue
		}
		out[name] = ""
		if c.CRS == nil {
			continue
		}
		var code any
		_ = json.Unmarshal(c.CRS.ID.Code, &code)
		switch id := c.CRS.ID.Authority + ":" + trimQuotes(c.CRS.ID.Code); {
		case id == "OGC:CRS84" || id == "EPSG:4326":
		case code != nil:
			out[name] = id
		default:
			out[name] = c.CRS.Name
		}
	}
	return out
}

func trimQuotes(b []byte) string {
	if len(b) > 1 && b[0] == '"' {
		return string(b[1 : len(b)-1])
	}
	return string(b)
}

// in finds the column's values in a batch of records.
func (c column) in(rec arrow.RecordBatch) cells {
	at := rec.Column(c.path[0])
	out := cells{raw: c.raw}
	for _, i := range c.path[1:] {
		s, ok := at.(*array.Struct)
		if !ok {
			break
		}
		if s.NullN() > 0 {
			out.around = append(out.around, s)
		}
		at = s.Field(i)
	}
	out.array = at
	out.text = texts(at, c.raw)
	return out
}

// cells are a column's values in a batch.
type cells struct {
	array  arrow.Array
	around []arrow.Array // structures with holes in which the value lies
	text   func(dst []byte, i int) []byte
	raw    bool
}

// append appends the text of value i, nothing for a hole.
func (c *cells) append(dst []byte, i int) []byte {
	for _, a := range c.around {
		if a.IsNull(i) {
			return dst
		}
	}
	if c.array.IsNull(i) {
		return dst
	}
	return c.text(dst, i)
}
