package screen_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// spelt calls a state by two names, one of them beside an empty cell.
const spelt = "estado,valor\nCiudad de México,1\nCiudad de México,\nCDMX,4\nCDMX,4\nJalisco,7\nJalisco,9\n"

func colouredStates(g *gallery) {
	doc := g.see(0, "ver=mapa&mide=sum:casos")
	if n := doc.Find("svg.Map .Map-area").Length(); n != 32 {
		g.Errorf("%d states are drawn", n)
	}
	if n := doc.Find("svg.Map a").Length(); n != 4 {
		g.Errorf("%d states are links, want the 4 with rows", n)
	}
	g.says(doc, "svg.Map a:has(.Map-area--4) title", "Yucatán: 3,232")
	g.says(doc, ".Picture-notes", "44 (1 fila)", "1 fila no dice su lugar", "INEGI, Marco Geoestadístico")
	g.says(doc, "figcaption", "el mayor es Yucatán (3,232)", "el menor Ciudad de México (832)")
	link, err := url.Parse(doc.Find("svg.Map a:has(.Map-area--1)").AttrOr("href", ""))
	if err != nil || link.Query().Get("lugar") != "09" || link.Query().Has("ver") {
		g.Errorf("Mexico City leads to %v, want its rows", link)
	}
	if doc.Find("details tbody tr").Length() != 4 {
		g.Error("the table does not hold the numbers of the map")
	}
	g.file(doc, "_ent,nombre:_ent,suma:casos,cuenta\n31,Yucatán,3232,8\n20,Oaxaca,2432,8\n15,México,1632,8\n09,Ciudad de México,832,8\n,,7,1\n44,,5,1\n")
}

func speltTwice(g *gallery) {
	g.says(g.see(13, "ver=mapa&mide=mean:valor"), "svg.Map title", "Ciudad de México: 3", "Jalisco: 8")
	g.says(g.see(13, "ver=mapa&mide=median:valor"), "svg.Map title", "Ciudad de México: 4", "Jalisco: 8")
}

func pointsOnMap(g *gallery) {
	doc := g.see(1, "ver=mapa")
	if n := doc.Find(".Map-point").Length(); n != 61 {
		g.Errorf("%d points are drawn", n)
	}
	g.says(doc, "details tbody", "Ciudad de México", "Yucatán")
	g.says(doc, ".Picture-notes", "1 fila no dice su lugar")
	near := g.see(1, "ver=mapa&lat=19.43&lon=-99.13&km=30")
	if n := near.Find(".Map-point").Length(); n == 0 || n > 30 {
		g.Errorf("%d points are near Mexico City, want some of its 30", n)
	}
	part := near.Find(".Map-part").First().Parent().AttrOr("href", "")
	if u, err := url.Parse(part); err != nil || strings.Count(u.Query().Get("caja"), ",") != 3 || u.Query().Get("ver") != "mapa" {
		g.Errorf("a part of the map leads to %q", part)
	}
	towns := g.see(1, "ver=mapa&mapa=areas&lugar=09")
	g.says(towns, "#lugar-municipio", "Cuauhtémoc")
	if n := towns.Find(".Map-area:not(.Map-key *)").Length(); n < 16 {
		g.Errorf("%d boroughs are drawn", n)
	}
}

func linesOnMap(g *gallery) {
	doc := g.see(2, "ver=mapa")
	g.says(doc, ".Map-shape title", "Centro · Fila 1")
	g.says(doc, "figcaption", "2 formas")
	g.says(doc, ".Picture-notes", "1 fila no se dibuja")
}

const named = `estado,municipio,casos
Jalisco,Guadalajara,5
JALISCO,Zapopan,3
jalisco,Guadalajara,4
Ciudad de México,Coyoacán,2
CDMX,Tlalpan,2
Edo. de México,Toluca,1
México,Toluca,1
Nuevo León,Monterrey,6
Yucatán,Mérida,7
Veracruz de Ignacio de la Llave,Xalapa,1
Puebla,Puebla,2
Atlantis,Nada,9
`

func placesByName(g *gallery) {
	const names = 8
	doc := g.see(names, "ver=mapa&mide=sum:casos")
	g.says(doc, "svg.Map a title", "Jalisco: 12", "México: 2", "Ciudad de México: 4")
	g.says(doc, ".Picture-notes", "1 fila no dice su lugar, o lo dice con un nombre que no se reconoce")
	towns := g.see(names, "ver=mapa&lugar=14")
	g.says(towns, "details tbody", "Guadalajara", "Zapopan")
	for question, want := range map[string]string{"lugar=14": "3 filas de 12", "lugar=15": "2 filas de 12", "lugar=14039": "2 filas de 12", "lugar=14&lugar=09": "5 filas de 12"} {
		if doc := g.see(names, question); count(doc) != want || mistakes(doc) != "" {
			g.Errorf("%s leaves %q, and says %q", question, count(doc), mistakes(doc))
		}
	}
	groups := g.see(names, "agrupar=_ent&agrupar2=_mun&medir=sum&de=casos")
	g.says(groups, "tbody tr:first-child", "Jalisco", "Guadalajara", "9")
	if fits := text(g.see(names, ""), "#agrupar-1"); !strings.Contains(fits, "Clave de estado") {
		g.Errorf("rows are put together by %q", fits)
	}
}

// manyPoints are more than are drawn one by one.
func manyPoints() string {
	var b strings.Builder
	b.WriteString("id,latitud,longitud\n")
	for i := range 2100 {
		fmt.Fprintf(&b, "%d,%.4f,%.4f\n", i, 19.2+float64(i%50)/100, -99.3+float64(i/50)/100)
	}
	return b.String()
}

func circlesOnMap(g *gallery) {
	doc := g.see(10, "ver=mapa")
	circles, rows := doc.Find(".Map-point"), 0
	for _, title := range words(circles.Find("title")) {
		n, _, _ := strings.Cut(title, " ")
		k, err := strconv.Atoi(strings.ReplaceAll(n, ",", ""))
		if err != nil {
			g.Fatal(err)
		}
		rows += k
	}
	if rows != 2100 || circles.Length() >= 2000 {
		g.Errorf("%d circles hold %d rows", circles.Length(), rows)
	}
	g.says(doc, "figcaption", fmt.Sprintf("2,100 filas, reunidas en %d círculos", circles.Length()))
	near := g.see(10, "ver=mapa&caja=-99.3,19.2,-99.2,19.3")
	if n := near.Find(".Map-point").Length(); n != 121 {
		g.Errorf("nearer there are %d points, want each of the 121", n)
	}
}

const zones = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"zona":"Con lago"},"geometry":{"type":"Polygon","coordinates":[[[-99.3,19.2],[-99.0,19.2],[-99.0,19.5],[-99.3,19.5],[-99.3,19.2]],[[-99.2,19.3],[-99.2,19.4],[-99.1,19.4],[-99.1,19.3],[-99.2,19.3]]]}},
{"type":"Feature","properties":{"zona":"Dos islas"},"geometry":{"type":"MultiPolygon","coordinates":[[[[-98.9,19.2],[-98.8,19.2],[-98.8,19.3],[-98.9,19.2]]],[[[-98.7,19.2],[-98.6,19.2],[-98.6,19.3],[-98.7,19.2]]]]}},
{"type":"Feature","properties":{"zona":"Sin trazo"},"geometry":null}]}`

func zonesOnMap(g *gallery) {
	doc := g.see(11, "ver=mapa")
	faces := doc.Find(".Map-shape--face")
	if faces.Length() != 2 {
		g.Fatalf("%d faces are drawn", faces.Length())
	}
	faces.Each(func(i int, f *goquery.Selection) {
		if d := f.AttrOr("d", ""); strings.Count(d, "z") != 2 || strings.Count(d, "M") != 2 {
			g.Errorf("face %d is %q, want two closed rings", i+1, d)
		}
	})
	g.says(doc, ".Map-shape title", "Con lago · Fila 1")
	g.says(doc, ".Picture-notes", "1 fila no se dibuja")
	if link := doc.Find("svg.Map a:has(.Map-shape)").First().AttrOr("href", ""); !strings.HasSuffix(link, "/filas/1") {
		g.Errorf("a face leads to %q", link)
	}
}

func noMap(g *gallery) {
	if doc := g.see(3, "ver=mapa"); strings.Contains(text(doc, ".Explore-tabs"), "Mapa") || doc.Find(".Map").Length() > 0 {
		g.Error("a table without a place has a map")
	}
	doc := g.see(1, "ver=grafica&mide=sum:inventada&grafica=nada")
	if doc.Find("figure").Length() != 1 {
		g.Error("an address with names that are none draws nothing")
	}
}
