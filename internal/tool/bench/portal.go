package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// words make titles and descriptions; what they say does not matter, only that they
// are of the length and variety of a real catalogue's.
var words = strings.Fields(`población salud agua energía educación presupuesto municipio estado registro
	consulta hospital escuela precio gasolina vivienda empleo delito carpeta transporte ruta estación
	aire clima lluvia presa cultivo producción ganado pesca bosque incendio mapa calle colonia código postal
	censo encuesta hogar ingreso gasto contrato licitación proveedor obra pública programa beneficiario`)

func text(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

// ckanPackage is the nth dataset of the generated catalogue, always the same one.
func ckanPackage(n int) map[string]any {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	resources := make([]map[string]any, 3)
	for i := range resources {
		format := []string{"CSV", "XLSX", "JSON", "GeoJSON", "PDF"}[r.IntN(5)]
		resources[i] = map[string]any{
			"id": fmt.Sprintf("10000000-0000-4000-8000-%09d%03d", n, i), "name": text(r, 5), "description": text(r, 12),
			"format": format, "url": fmt.Sprintf("https://datos.ejemplo.gob.mx/archivos/%d/%d.%s", n, i, strings.ToLower(format)),
			"size": r.IntN(10_000_000), "created": "2025-03-04T10:00:00.000000", "last_modified": "2026-03-04T10:00:00.000000",
			"state": "active", "position": i, "hash": "", "mimetype": nil,
		}
	}
	tags := make([]map[string]any, 5)
	for i := range tags {
		w := words[r.IntN(len(words))]
		tags[i] = map[string]any{"name": w, "display_name": w, "state": "active"}
	}
	org := r.IntN(200)
	return map[string]any{
		"id": fmt.Sprintf("00000000-0000-4000-8000-%012d", n), "name": fmt.Sprintf("conjunto-%d", n),
		"title": text(r, 7), "notes": text(r, 70), "type": "dataset", "state": "active", "private": false, "isopen": true,
		"license_id": "cc-by", "license_title": "Creative Commons Attribution", "license_url": "https://creativecommons.org/licenses/by/4.0/",
		"metadata_created": "2025-03-04T10:00:00.000000", "metadata_modified": "2026-03-04T10:00:00.000000",
		"organization": map[string]any{"id": fmt.Sprintf("org-%d", org), "name": fmt.Sprintf("org-%d", org), "title": fmt.Sprintf("Institución %d", org)},
		"groups":       []map[string]any{{"id": "g", "name": "salud", "title": "Salud", "display_name": "Salud"}},
		"tags":         tags, "num_tags": 5, "resources": resources, "num_resources": 3,
		"extras": []map[string]any{{"key": "frequency", "value": "R/P1M"}, {"key": "spatial_text", "value": "México"}},
	}
}

// servePortal answers package_search over n generated datasets until the process
// ends, and prints its address first. It is a process of its own, so that neither
// its memory nor its work is counted.
func servePortal(n int, out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s\n", l.Addr())
	cache := map[string][]byte{}
	if n <= 20_000 { // made beforehand, so that only the client's work is timed
		for start := 0; start < n; start += 100 {
			cache[fmt.Sprintf("100/%d", start)] = page(n, start, 100)
		}
	}
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, _ := strconv.Atoi(r.FormValue("start"))
		rows, _ := strconv.Atoi(r.FormValue("rows"))
		w.Header().Set("Content-Type", "application/json")
		body := cache[fmt.Sprintf("%d/%d", rows, start)]
		if body == nil {
			body = page(n, start, rows)
		}
		_, _ = w.Write(body) // the client may have gone
	}))
}

func page(n, start, rows int) []byte {
	results := []map[string]any{}
	for i := start; i < min(start+rows, n); i++ {
		results = append(results, ckanPackage(i))
	}
	b, err := json.Marshal(map[string]any{"help": "", "success": true, "result": map[string]any{"count": n, "results": results}})
	if err != nil {
		panic(err) // maps of plain values always encode
	}
	return b
}
