package infer

// class is the finest kind of text that a cell can be, by its letters alone. A column
// is judged by how many cells of each class it has; a type with its format is a set of
// classes. Parser and Table use the same classes, so they cannot disagree.
type class uint8

// Whole numbers apart by what their digits may also stand for. The same list follows
// for those that a spreadsheet wrote with ".0": classFloat + (class - classInt).
const (
	classInt     class = iota // 0
	int1                      // 1
	int2                      // 2
	int3                      // 3 to 9
	int10                     // 10 to 32: states
	int33                     // 33 to 99
	int100                    // 100 to 570, 997 to 999: towns of a state
	intYear                   // 1800 to 2100
	intYearTown               // 2001 to 2007: also a municipality without its zero
	intTown4                  // a municipality without its zero
	intTown5                  // a municipality
	intPost4                  // any other of four digits
	intPost5                  // and of five
	intLocal8                 // a locality without its zero
	intLocalDay8              // the same, and a day
	intDay8                   // 20230131
	intLocal9                 // a locality
	intTen                    // ten digits: may be a telephone
	intNegative               //
	intSentinel               // -9, -99, -999, -9999
	intOther                  //
	classFloat                // "0.0"
)

const intKinds = int(classFloat)

// The rest of the classes.
const (
	intBig     class = class(2*intKinds) + iota // beyond 64 bits
	zero2                                       // "01" to "09"
	zero3                                       // "001" to "099"
	zeroTown5                                   // "01001"
	zeroPost5                                   // any other of five digits
	zeroLocal9                                  // "010010001"
	zeroOther                                   //
	classShape                                  // shapes of numbers, without a sign of money or percent; see shape

	classMoney   = classShape + class(shapes)   // the same with one
	classPercent = classMoney + class(shapes)   //
	classParen   = classPercent + class(shapes) // "(5.00)" is less than nothing
	classDay     = classParen + class(shapes)   // kinds of days, without a time; see dayKind
	classZero    = classDay + class(dayKinds)   // with 00:00:00
	classTimed   = classZero + class(dayKinds)  // with a time
	classZoned   = classTimed + class(dayKinds) // with a time and a zone
	classWord    = classZoned + class(dayKinds)
)

// Shapes of numbers. Those that are whole and plain have classes of their own.
const (
	shapeInt         = iota // 1234; only behind a sign of money or percent, or in parentheses
	shapePoint              // 12.5
	shapeThree              // 1.234: a fraction, or thousands
	shapeGroup              // 1,234: thousands, or a fraction
	shapeGroups             // 1,234,567
	shapeGrouped            // 1,234.56
	shapeComma              // 12,5
	shapeDots               // 1.234.567
	shapeDotted             // 1.234,56
	shapeExp                // 1.5E+10
	shapeExpComma           // 1,5E+10
	shapeSpaced             // 1 234
	shapeSpacedPoint        // 1 234.5
	shapeSpacedComma        // 1 234,5
	shapes
)

// Kinds of days.
const (
	dayISO     = iota // 2023-01-31
	dayBoth           // 03/04/2023: may be read in two orders
	daySame           // 03/03/2023
	dayFirst          // 31/01/2023
	monthFirst        // 01/31/2023
	dayNamed          // 31-ene-2023, 31 de enero de 2023
	dayKinds
)

// Words and all other text.
const (
	monthISO     = classWord + iota // 2013-08
	monthYear                       // 08/2013
	monthNamed                      // Aug 2013
	clock                           // 13:05, 01:05:00 p. m.
	wordYes                         // sí, no
	wordTrue                        // verdadero, falso, true, false
	wordS                           // s, n
	wordX                           // x
	pairLatLon                      // 19.43,-99.13
	pairLonLat                      // -99.13,19.43
	pairOther                       // two numbers of degrees that lie elsewhere
	webAddress                      //
	mailAddress                     //
	mailPrivate                     // at a provider of private mail
	geometryText                    //
	curpText                        //
	rfcPerson                       // 13 characters with a day of birth
	rfcCompany                      // 12 characters
	phoneText                       // 55 1234 5678, (55) 1234-5678, +52…
	digitGroups                     // 5555-1234, and 2013-2014: a telephone only where the column is called so
	codeText                        // letters and digits without a space
	plainWord                       // letters only
	plainText                       //
	classNothing                    // empty; spellings of nothing follow, see nothings
)

const classes = int(classNothing) + 1 + len(nothings)

// set is some classes.
type set [classes]bool

func (s *set) add(of ...class) {
	for _, c := range of {
		s[c] = true
	}
}

// addRange adds the classes from first up to, but without, end.
func (s *set) addRange(first, end class) {
	for c := first; c < end; c++ {
		s[c] = true
	}
}

// addShapes adds shapes behind every sign that wraps lists.
func (s *set) addShapes(wraps []class, of ...class) {
	for _, w := range wraps {
		for _, shape := range of {
			s[w+shape] = true
		}
	}
}
