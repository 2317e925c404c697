package parquet

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

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
	raw   bool   // bytes are kept as they are
	srid  uint32 // of geometries in another reference system than WGS 84, by its EPSG number
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
// the reference system of each.
type geoColumns map[string]reference

// reference is a reference system; the zero one is longitude and latitude of WGS 84.
type reference struct {
	name string
	epsg uint32 // its number there, 0 when it has none
}

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
		out[name] = reference{}
		if c.CRS == nil {
			continue
		}
		code := strings.Trim(string(c.CRS.ID.Code), `"`)
		switch id := c.CRS.ID.Authority + ":" + code; {
		case id == "OGC:CRS84" || id == "EPSG:4326":
		case code == "" || code == "null":
			out[name] = reference{name: c.CRS.Name}
		default:
			number, _ := strconv.ParseUint(code, 10, 32)
			if c.CRS.ID.Authority != "EPSG" {
				number = 0
			}
			out[name] = reference{id, uint32(number)}
		}
	}
	return out
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
	if bytes := out.text; c.srid > 0 {
		out.text = func(dst []byte, i int) []byte { return referred(bytes(dst, i), len(dst), c.srid) }
	}
	return out
}

// referred makes the WKB in b from a place on EWKB, which says its reference system: who
// reads the cell brings it to degrees.
func referred(b []byte, from int, srid uint32) []byte {
	wkb := b[from:]
	if len(wkb) < 5 || wkb[0] > 1 {
		return b
	}
	order, flags := binary.AppendByteOrder(binary.BigEndian), 1
	if wkb[0] == 1 {
		order, flags = binary.LittleEndian, 4
	}
	const hasSRID = 0x20
	if wkb[flags]&hasSRID != 0 {
		return b
	}
	wkb[flags] |= hasSRID
	return slices.Insert(b, from+5, order.AppendUint32(nil, srid)...)
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
