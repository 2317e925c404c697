package dcat_test

import (
	"errors"
	"strings"
	"testing"

	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/dcat/wire"
)

func TestACKANSearchIsRead(t *testing.T) {
	items, summary := readGood(t, dcat.CKAN, file(t, "ckan_search.json"))
	checkRecord(t, items[0].Record, dcat.Record{
		SourceKey: "5f0c3a52-0000-4000-8000-000000000001", Aliases: []string{"parques-urbanos", "parques-urbanos-2015"}, Identifier: "parques-urbanos-2015",
		Title: "Parques urbanos", Description: "Inventario de parques.\n\nSe levanta cada año.",
		Keywords: []string{"parques", "áreas verdes"}, Themes: []string{"Medio ambiente"},
		Publisher: dcat.Publisher{Key: "a1", Name: "Secretaría de la Ciudad", Email: "datos@ciudad.ejemplo.mx"},
		Contact:   dcat.Contact{Email: "datos@ciudad.ejemplo.mx"},
		License:   dcat.License{ID: "CC-BY-4.0", Title: "Creative Commons Atribución 4.0", URL: "https://creativecommons.org/licenses/by/4.0/"},
		Issued:    "2015-09-01T06:00:00Z", Modified: "2017-05-30", AccrualPeriodicity: "R/P1Y",
		Spatial:  dcat.Spatial{Box: &dcat.Box{West: -99.3, South: 19.1, East: -98.9, North: 19.6}},
		Temporal: dcat.Temporal{Start: "2010", End: "2015-12"}, LandingPage: "https://parques.ejemplo.gob.mx/diccionario.html",
		DictionaryURL: "https://parques.ejemplo.gob.mx/diccionario.html", Languages: []string{"es"}, AccessLevel: "public",
		Extras: map[string]string{"gov_type": "municipal", "programa": "Ciudad verde"},
		Resources: []dcat.Resource{
			{SourceKey: "r1", Title: "Parques", Description: "Un renglón por parque", Format: "CSV", DownloadURL: "http://parques.ejemplo.gob.mx/parques.csv",
				ByteSize: -1, ChecksumAlgorithm: "md5", ChecksumValue: "d41d8cd98f00b204e9800998ecf8427e", Issued: "2015-09-01T06:00:00Z"},
			{SourceKey: "r2", Title: "Mapa", Format: "SHP", MediaType: "application/zip", DownloadURL: "http://parques.ejemplo.gob.mx/parques.zip", ByteSize: 2048, Position: 1},
			{SourceKey: "r4", Title: "Servicio", Format: "API", AccessURL: "http://parques.ejemplo.gob.mx/api", ByteSize: -1, Position: 3},
		},
	})
	checkProblems(t, items[0].Problems, "entities_in_text notes", "email_several extras.dcat_publisher_email", "date_format extras.dcat_modified")
	for i, want := range []string{"record_draft  !", "record_private  !", "record_deleted  !"} {
		item := items[i+1]
		if item.Record != nil || item.Key == "" || !item.Withdrawn {
			t.Errorf("item %d = %+v, want no record but a key, and withdrawn", i+1, item)
		}
		checkProblems(t, item.Problems, want)
	}
	if summary.Total != 57 || summary.Count != 1 || summary.Unusable != 3 {
		t.Errorf("summary = %+v, want 1 of 57 and 3 unusable", summary)
	}
}

func TestACKANPackageIsRead(t *testing.T) {
	envelope := file(t, "ckan_show.json")
	_, bare, _ := strings.Cut(envelope, `"result":`)
	bare = bare[:strings.LastIndexByte(bare, '}')]
	for name, text := range map[string]string{"in its envelope": envelope, "alone": bare, "in a list": `{"success":true,"result":[` + bare + `]}`, "in a bare list": `[` + bare + `]`} {
		t.Run(name, func(t *testing.T) {
			items, summary := readGood(t, dcat.CKAN, text)
			checkRecord(t, items[0].Record, dcat.Record{
				SourceKey: "5f0c3a52-0000-4000-8000-000000000009", Aliases: []string{"luminarias"}, Title: "Luminarias", Description: "Postes y lámparas.",
				Keywords: []string{"luz"}, Contact: dcat.Contact{Name: "Ana", Email: "ana@ciudad.ejemplo.mx"},
				Issued: "2019-02", Modified: "2020-01-02T03:04:05Z", AccrualPeriodicity: "R/P3M",
				Resources: []dcat.Resource{{SourceKey: "x", Title: "Luminarias", Format: "GEOJSON", DownloadURL: "https://luz.ejemplo.mx/luminarias.geojson", ByteSize: -1}},
			})
			if summary.Total != -1 {
				t.Errorf("Total = %d, want unknown", summary.Total)
			}
		})
	}
}

func TestAnEmptyCKANSearchIsNoError(t *testing.T) {
	items, summary := readGood(t, dcat.CKAN, `{"success":true,"result":{"count":0,"results":[]}}`)
	if len(items) != 0 || summary.Total != 0 {
		t.Errorf("items %v, summary %+v, want none of 0", items, summary)
	}
}

func TestACKANErrorIsSaid(t *testing.T) {
	for name, text := range map[string]string{
		"with a message": `{"help":"x","success":false,"error":{"message":"Acceso denegado","__type":"Authorization Error"}}`,
		"error first":    `{"error":{"__type":"Acceso denegado"},"success":false}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(t, dcat.CKAN, text)
			var format *wire.FormatError
			if !errors.As(err, &format) || format.Code != wire.FormatRefused || format.Detail != "Acceso denegado" {
				t.Errorf("error = %v, want a refusal with what the catalogue said", err)
			}
		})
	}
}
