package geo_test

import (
	"context"
	"strings"
	"testing"

	"plaza/internal/base/tabular/geo"
)

const (
	itrf92 = `GEOGCS["GCS_ITRF_1992",DATUM["D_ITRF_1992",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	nad27  = `GEOGCS["GCS_North_American_1927",DATUM["D_North_American_1927",SPHEROID["Clarke_1866",6378206.4,294.9786982]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	inegi  = `PROJCS["MEXICO_ITRF_2008_LCC",` + itrf92 + `,PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",2500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-102.0],PARAMETER["Standard_Parallel_1",17.5],PARAMETER["Standard_Parallel_2",29.5],PARAMETER["Latitude_Of_Origin",12.0],UNIT["Meter",1.0]]`
	utm14  = `PROJCS["WGS_1984_UTM_Zone_14N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-99.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`
	web    = `PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["False_Easting",0.0],PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],UNIT["Meter",1.0]]`
	second = `PROJCRS["WGS 84 / UTM zone 14N",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0]],CONVERSION["UTM zone 14N",METHOD["Transverse Mercator",ID["EPSG",9807]],PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of natural origin",-99],PARAMETER["Scale factor at natural origin",0.9996],PARAMETER["False easting",500000]],CS[Cartesian,2],AXIS["(E)",east],LENGTHUNIT["metre",1],ID["EPSG",32614]]`
)

// The numbers of Transverse Mercator were made with Krüger's series, those of Lambert
// with the closed forward formula: not with the inverse that is tested.
func TestReferenceSystemsBecomeDegrees(t *testing.T) {
	for _, c := range []struct {
		name, prj      string
		x, y, lon, lat float64
		unsure         bool
	}{
		{"geographic", itrf92, -99.1332, 19.4326, -99.1332, 19.4326, false},
		{"NAD27", nad27, -99.1332, 19.4326, -99.1332, 19.4326, true},
		{"radians", strings.Replace(itrf92, "0.0174532925199433", "1.0", 1), -1.7302007380380426, 0.3391628522230501, -99.1332, 19.4326, false},
		{"UTM", utm14, 486017.3309197883, 2148700.2198403277, -99.1332, 19.4326, false},
		{"UTM at the border of its zone", utm14, 815037.6098078751, 2151440.558970253, -96, 19.4326, false},
		{"UTM in feet", strings.Replace(strings.Replace(utm14, `UNIT["Meter",1.0]`, `UNIT["Foot",0.3048]`, 1), "500000.0", "1640419.94750656", 1), 486017.3309197883 / 0.3048, 2148700.2198403277 / 0.3048, -99.1332, 19.4326, false},
		{"second edition", second, 486017.3309197883, 2148700.2198403277, -99.1332, 19.4326, false},
		{"web", web, -11035457.344707748, 2205934.360959803, -99.1332, 19.4326, false},
		{"INEGI's Lambert, Zócalo", inegi, 2800163.325798929, 829057.5193839278, -99.1332, 19.4326, false},
		{"INEGI's Lambert, Tijuana", inegi, 1079572.045114776, 2346591.653004417, -117.0382, 32.5149, false},
	} {
		got := openOne(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": shp([4]float64{}, le(1, c.x, c.y)), "a.prj": []byte(c.prj)}))
		lon, lat, ok := geo.Point([]byte(got.rows[0][0]))
		if !ok || abs(lon-c.lon) > 2e-8 || abs(lat-c.lat) > 2e-8 {
			t.Errorf("%s: %v, %v", c.name, lon, lat)
		}
		if (len(got.src.Layout.Unsure) > 0) != c.unsure || got.src.Layout.Projection == "" {
			t.Errorf("%s: %+v", c.name, got.src.Layout)
		}
	}
}

func TestUnknownSystemsAreNamed(t *testing.T) {
	for _, prj := range []string{
		"x", "[", "GEOGCS", `PROJCS["a`, strings.Repeat("GEOGCS[", 50_000), `LOCAL_CS["a"]`,
		strings.Replace(utm14, "Transverse_Mercator", "Polyconic", 1), strings.Replace(itrf92, `"Greenwich",0.0`, `"Paris",2.33`, 1),
		strings.Replace(utm14, `"Scale_Factor",0.9996`, `"Scale_Factor",0`, 1),
		strings.Replace(inegi, "17.5", "-29.5", 1), strings.Replace(utm14, "298.257223563", "0.5", 1),
	} {
		_, err := geo.Shapefile(context.Background(), beside(t, map[string][]byte{"a.shp": shp(degrees, le(0)), "a.prj": []byte(prj)}))
		if faultOf(err) != "unknown_projection" {
			t.Errorf("%.80s: %v", prj, err)
		}
	}
}

func FuzzPRJ(f *testing.F) {
	for _, s := range []string{itrf92, inegi, utm14, web, second} {
		f.Add(s, 1.0, 2.0)
	}
	f.Fuzz(func(t *testing.T, prj string, x, y float64) {
		readHostile(t, geo.Shapefile, beside(t, map[string][]byte{"a.shp": shp(degrees, le(1, x, y)), "a.prj": []byte(prj)}))
	})
}
