package detect

import (
	"plaza/internal/base/tabular/delimited"
	"plaza/internal/base/tabular/geo"
	"plaza/internal/base/tabular/parquet"
	"plaza/internal/base/tabular/sheet"
	"plaza/internal/base/tabular/tree"
)

// registered are the openers of this program.
func registered() Openers {
	return Openers{
		kindCSV: delimited.Open, kindXLSX: sheet.XLSX, kindODS: sheet.ODS,
		kindJSON: tree.JSON, kindLines: tree.Lines, kindXML: tree.XML, kindParquet: parquet.Open,
		kindGeoJSON: geo.GeoJSON, kindTopoJSON: geo.TopoJSON, kindShape: geo.Shapefile, kindKML: geo.KML,
	}
}
