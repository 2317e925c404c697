// Package tabular says what a table is here, whatever file it came in: the nouns that
// readers of formats, the judge of columns, the engine and the pages share. It opens
// nothing and stands on nothing of ours.
//
// The way of a file:
//
//	detect  what it is (and what it is not), which tables lie in it
//	  │         delimited · sheet · tree · geo   read each as rows of text (Reader)
//	  ▼
//	infer   reads every cell once: type, meaning, unit, nulls, doubts of each column
//	  ▼
//	engine  reads again, casts, writes Parquet with a number for every row, then
//	        describes each column (Stats); all of it in a child process that may die
//	  ▼
//	query   typed questions (Query), compiled to SQL with bound values only
//
// A cell is text until the engine casts it. Text that does not fit its column's type
// is never lost: it stays beside the row (ColumnOdd) and is shown as it was.
package tabular

import "embed"

// Locale holds the words of types, meanings, doubts, problems and faults, in Spanish and
// English.
//
//go:embed locale/*.json
var Locale embed.FS

// Type is what a column's values are.
type Type string

// The types. Those whose values are numbers are Integer, Decimal, Money, Percent and Year.
const (
	Integer  Type = "integer"
	Decimal  Type = "decimal"
	Money    Type = "money"    // a decimal with a currency sign or code; Unit says which
	Percent  Type = "percent"  // "12.5 %" is stored as 12.5
	Year     Type = "year"     // four digits, stored as an integer
	Date     Type = "date"     // a day
	DateTime Type = "datetime" // an instant without zone, to the microsecond
	Time     Type = "time"     // of day
	Boolean  Type = "boolean"
	Text     Type = "text"
	Code     Type = "code" // text that identifies: leading zeros count
	URL      Type = "url"
	Email    Type = "email"
	Geometry Type = "geometry" // stored as WKB, longitude first, WGS 84
)

// Types are all of them, in the order in which people choose one.
var Types = []Type{Text, Code, Integer, Decimal, Money, Percent, Year, Date, DateTime, Time, Boolean, URL, Email, Geometry}

// Number reports whether values of the type can be added up or averaged.
func (t Type) Number() bool {
	return t == Integer || t == Decimal || t == Money || t == Percent || t == Year
}

// Temporal reports whether values of the type lie on a time line.
func (t Type) Temporal() bool { return t == Date || t == DateTime || t == Year }

// Words reports whether values of the type are searched as text.
func (t Type) Words() bool { return t == Text || t == Code || t == URL || t == Email }

// Storage is how values of a type lie in Parquet.
type Storage int

// The storages and the Go value of each: int64, float64, bool, days since 1970 as
// int32, microseconds since 1970 as int64, microseconds of the day as int64, text, bytes.
const (
	StoredText Storage = iota
	StoredInt
	StoredFloat
	StoredBool
	StoredDate
	StoredTimestamp
	StoredTime
	StoredBytes
)

// Storage is how the type is stored.
func (t Type) Storage() Storage {
	switch t {
	case Integer, Year:
		return StoredInt
	case Decimal, Money, Percent:
		return StoredFloat
	case Boolean:
		return StoredBool
	case Date:
		return StoredDate
	case DateTime:
		return StoredTimestamp
	case Time:
		return StoredTime
	case Geometry:
		return StoredBytes
	}
	return StoredText
}

// Meaning is what a column's values stand for, "" for nothing that is known.
type Meaning string

// The meanings. Codes of places are INEGI's, stored as text with their zeros.
const (
	State        Meaning = "state"        // two digits
	Municipality Meaning = "municipality" // five digits: state and municipality
	TownOnly     Meaning = "town"         // three digits, beside a state's column
	Locality     Meaning = "locality"     // nine digits
	StateName    Meaning = "state_name"
	TownName     Meaning = "town_name"
	PostalCode   Meaning = "postal_code" // five digits
	Latitude     Meaning = "latitude"    // degrees, WGS 84
	Longitude    Meaning = "longitude"
	LatLon       Meaning = "lat_lon" // both in one cell, latitude first
	LonLat       Meaning = "lon_lat" // both in one cell, longitude first
	Currency     Meaning = "currency"
	Key          Meaning = "key"          // no value comes twice
	CURP         Meaning = "curp"         // suspected personal data from here on
	RFC          Meaning = "rfc"          // of a person: 13 characters
	PersonEmail  Meaning = "person_email" // an address at a provider of private mail
	Phone        Meaning = "phone"
)

// Meanings are all of them, in the order in which people choose one.
var Meanings = []Meaning{
	State, StateName, Municipality, TownOnly, TownName, Locality, PostalCode,
	Latitude, Longitude, LatLon, LonLat, Currency, Key, CURP, RFC, PersonEmail, Phone,
}

// Personal reports whether a column of the meaning may hold personal data: it is shown
// without samples until the institution has said whether it may be shown.
func (m Meaning) Personal() bool {
	return m == CURP || m == RFC || m == PersonEmail || m == Phone
}

// Columns that the engine adds to every Parquet file, or to those with a place. No
// column of a file is called so: Names sees to it.
const (
	ColumnRow   = "_fila"  // number of the row in its table, from 1, as an integer
	ColumnOdd   = "_otros" // JSON object: column → text that did not fit its type; NULL mostly
	ColumnLon   = "_lon"   // of the row's point, or of a point inside its geometry
	ColumnLat   = "_lat"
	ColumnEnt   = "_ent" // INEGI code of the state where that point lies
	ColumnMun   = "_mun" // and of the municipality, five digits
	ColumnWest  = "_oeste"
	ColumnSouth = "_sur"
	ColumnEast  = "_este"
	ColumnNorth = "_norte" // the box of a geometry, in degrees
)
