package parquet

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// texts gives the function that appends the text of an array's value, which must not
// be null.
func texts(a arrow.Array, raw bool) func(dst []byte, i int) []byte {
	switch a := a.(type) {
	case *array.String:
		return func(dst []byte, i int) []byte { return append(dst, a.Value(i)...) }
	case *array.LargeString:
		return func(dst []byte, i int) []byte { return append(dst, a.Value(i)...) }
	case *array.StringView:
		return func(dst []byte, i int) []byte { return append(dst, a.Value(i)...) }
	case *array.Binary:
		return func(dst []byte, i int) []byte { return appendBytes(dst, a.Value(i), raw) }
	case *array.LargeBinary:
		return func(dst []byte, i int) []byte { return appendBytes(dst, a.Value(i), raw) }
	case *array.BinaryView:
		return func(dst []byte, i int) []byte { return appendBytes(dst, a.Value(i), raw) }
	case *array.FixedSizeBinary:
		return func(dst []byte, i int) []byte { return appendBytes(dst, a.Value(i), raw) }
	case *array.Boolean:
		return func(dst []byte, i int) []byte { return strconv.AppendBool(dst, a.Value(i)) }
	case array.ExtensionArray:
		if a.ExtensionType().ExtensionName() == "arrow.uuid" {
			return uuids(a.Storage())
		}
		return texts(a.Storage(), raw)
	case *array.Dictionary:
		values := texts(a.Dictionary(), raw)
		return func(dst []byte, i int) []byte {
			if at := a.GetValueIndex(i); !a.Dictionary().IsNull(at) {
				return values(dst, at)
			}
			return dst
		}
	case *array.Map:
		return asJSON(a)
	case array.ListLike:
		return lists(a)
	}
	if f := numbers(a); f != nil {
		return f
	}
	if f := times(a); f != nil {
		return f
	}
	return func(dst []byte, i int) []byte { return append(dst, a.ValueStr(i)...) }
}

// numbers is texts for numbers, nil for others.
func numbers(a arrow.Array) func(dst []byte, i int) []byte {
	switch a := a.(type) {
	case *array.Int8:
		return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, int64(a.Value(i)), 10) }
	case *array.Int16:
		return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, int64(a.Value(i)), 10) }
	case *array.Int32:
		return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, int64(a.Value(i)), 10) }
	case *array.Int64:
		return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, a.Value(i), 10) }
	case *array.Duration:
		return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, int64(a.Value(i)), 10) }
	case *array.Uint8:
		return func(dst []byte, i int) []byte { return strconv.AppendUint(dst, uint64(a.Value(i)), 10) }
	case *array.Uint16:
		return func(dst []byte, i int) []byte { return strconv.AppendUint(dst, uint64(a.Value(i)), 10) }
	case *array.Uint32:
		return func(dst []byte, i int) []byte { return strconv.AppendUint(dst, uint64(a.Value(i)), 10) }
	case *array.Uint64:
		return func(dst []byte, i int) []byte { return strconv.AppendUint(dst, a.Value(i), 10) }
	case *array.Float16:
		return func(dst []byte, i int) []byte { return appendFloat(dst, float64(a.Value(i).Float32()), 32) }
	case *array.Float32:
		return func(dst []byte, i int) []byte { return appendFloat(dst, float64(a.Value(i)), 32) }
	case *array.Float64:
		return func(dst []byte, i int) []byte { return appendFloat(dst, a.Value(i), 64) }
	case *array.Decimal32:
		scale := a.DataType().(arrow.DecimalType).GetScale()
		return func(dst []byte, i int) []byte { return append(dst, a.Value(i).ToString(scale)...) }
	case *array.Decimal64:
		scale := a.DataType().(arrow.DecimalType).GetScale()
		return func(dst []byte, i int) []byte { return append(dst, a.Value(i).ToString(scale)...) }
	case *array.Decimal128:
		scale := a.DataType().(arrow.DecimalType).GetScale()
		return func(dst []byte, i int) []byte { return append(dst, a.Value(i).ToString(scale)...) }
	case *array.Decimal256:
		scale := a.DataType().(arrow.DecimalType).GetScale()
		return func(dst []byte, i int) []byte { return append(dst, a.Value(i).ToString(scale)...) }
	}
	return nil
}

// Forms of days and instants, to the microsecond, in UTC.
const (
	dayForm     = "2006-01-02"
	timeForm    = "15:04:05.999999"
	instantForm = "2006-01-02T15:04:05.999999"
)

// times is texts for days, times and instants, nil for others.
func times(a arrow.Array) func(dst []byte, i int) []byte {
	switch a := a.(type) {
	case *array.Date32:
		return func(dst []byte, i int) []byte {
			return time.Unix(int64(a.Value(i))*86_400, 0).UTC().AppendFormat(dst, dayForm)
		}
	case *array.Date64:
		return func(dst []byte, i int) []byte {
			return time.UnixMilli(int64(a.Value(i))).UTC().AppendFormat(dst, dayForm)
		}
	case *array.Timestamp:
		unit := a.DataType().(*arrow.TimestampType).Unit
		return func(dst []byte, i int) []byte {
			return a.Value(i).ToTime(unit).UTC().AppendFormat(dst, instantForm)
		}
	case *array.Time32:
		unit := a.DataType().(*arrow.Time32Type).Unit
		return func(dst []byte, i int) []byte { return a.Value(i).ToTime(unit).AppendFormat(dst, timeForm) }
	case *array.Time64:
		unit := a.DataType().(*arrow.Time64Type).Unit
		return func(dst []byte, i int) []byte { return a.Value(i).ToTime(unit).AppendFormat(dst, timeForm) }
	}
	return nil
}

// appendFloat writes a number without exponent as far as that is readable.
func appendFloat(dst []byte, v float64, bits int) []byte {
	if size := math.Abs(v); v != 0 && (size < 1e-9 || size >= 1e21) {
		return strconv.AppendFloat(dst, v, 'e', -1, bits)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, bits)
}

// appendBytes writes bytes that are text as text, others as hexadecimal digits.
func appendBytes(dst, v []byte, raw bool) []byte {
	if raw || utf8.Valid(v) {
		return append(dst, v...)
	}
	return hex.AppendEncode(dst, v)
}

// uuids writes identifiers of 16 bytes in groups.
func uuids(storage arrow.Array) func(dst []byte, i int) []byte {
	fixed, ok := storage.(*array.FixedSizeBinary)
	if !ok {
		return texts(storage, false)
	}
	return func(dst []byte, i int) []byte {
		v := fixed.Value(i)
		for j, c := range v {
			if j == 4 || j == 6 || j == 8 || j == 10 {
				dst = append(dst, '-')
			}
			dst = hex.AppendEncode(dst, []byte{c})
		}
		return dst
	}
}

// lists joins lists of plain values, and writes others as JSON.
func lists(a array.ListLike) func(dst []byte, i int) []byte {
	values := a.ListValues()
	if arrow.IsNested(values.DataType().ID()) {
		return asJSON(a)
	}
	one := texts(values, false)
	return func(dst []byte, i int) []byte {
		from, to := a.ValueOffsets(i)
		for n, written := int(from), false; n < int(to); n++ {
			if values.IsNull(n) {
				continue
			}
			if written {
				dst = append(dst, "; "...)
			}
			dst, written = one(dst, n), true
		}
		return dst
	}
}

// asJSON writes values as JSON text.
func asJSON(a arrow.Array) func(dst []byte, i int) []byte {
	return func(dst []byte, i int) []byte {
		text, err := json.Marshal(a.GetOneForMarshal(i))
		if err != nil {
			return append(dst, a.ValueStr(i)...)
		}
		return append(dst, text...)
	}
}
