// Package searchtest makes collections of documents that look like a catalogue of
// open data, of any size and always the same for one seed: words by Zipf's law, a
// few hundred institutions of which some publish most, five facets.
package searchtest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Facets are the facets that every document has.
var Facets = []string{"institution", "theme", "format", "license", "frequency"}

// Common are two words that a third of the documents hold, both of them.
const Common = "municipal trimestre"

// vocabulary is how many different words there are.
const vocabulary = 60_000

// Corpus yields n documents.
func Corpus(seed uint64, n int) iter.Seq[search.Doc] {
	return func(yield func(search.Doc) bool) {
		g := newGenerator(seed)
		for i := range n {
			if !yield(g.doc(i)) {
				return
			}
		}
	}
}

// Queries are n searches of one to three words, such as people make of a corpus of
// this seed: words that stand together in a title, now and then without accents.
func Queries(seed uint64, n int) []string {
	g := newGenerator(seed)
	out := make([]string, n)
	for i := range out {
		words := strings.Fields(g.doc(i).Title)
		k := 1 + g.r.IntN(min(3, len(words)))
		at := g.r.IntN(len(words) - k + 1)
		out[i] = strings.Join(words[at:at+k], " ")
	}
	return out
}

type generator struct {
	r     *rand.Rand
	words []string
	zipf  *rand.Zipf
	inst  *rand.Zipf
	start time.Time
}

func newGenerator(seed uint64) *generator {
	r := rand.New(rand.NewPCG(seed, 1))
	g := &generator{r: r, words: make([]string, vocabulary), start: time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)}
	made := rand.New(rand.NewPCG(seed, 2))
	for i := range g.words {
		if g.words[i] = word(made); i < len(frequent) {
			g.words[i] = frequent[i]
		}
	}
	g.zipf = rand.NewZipf(r, 1.08, 8, vocabulary-1)
	g.inst = rand.NewZipf(r, 1.2, 4, 299)
	return g
}

func (g *generator) text(least, most int) string {
	words := make([]string, least+g.r.IntN(most-least+1))
	for i := range words {
		words[i] = g.words[g.zipf.Uint64()]
		if g.r.IntN(3) == 0 {
			words[i] = []string{"de", "la", "en", "y", "por"}[g.r.IntN(5)] + " " + words[i]
		}
	}
	return strings.Join(words, " ")
}

func (g *generator) doc(i int) search.Doc {
	inst := g.inst.Uint64()
	created := g.start.Add(time.Duration(g.r.Int64N(int64(14 * 365 * 24 * time.Hour)))).Truncate(time.Millisecond)
	d := search.Doc{
		Ref:   plaza.Ref{Kind: "dataset", ID: fmt.Sprintf("%08x-0000-7000-8000-%012x", i/1000, i)},
		Title: g.text(3, 9), Body: g.text(20, 70), Owner: "Secretaría de " + g.words[100+inst],
		Created: created, Modified: created.Add(time.Duration(g.r.Int64N(int64(700 * 24 * time.Hour)))).Truncate(time.Millisecond),
		Changed: created.Add(time.Duration(i%97) * time.Hour),
		Facets: map[string][]string{
			"institution": {fmt.Sprintf("institucion-%d", inst)},
			"theme":       g.some("tema", 2, 18),
			"format":      g.some("formato", 3, 25),
			"license":     g.some("licencia", 1, 8),
			"frequency":   g.some("frecuencia", 1, 10),
		},
	}
	if g.r.IntN(3) == 0 {
		d.Body += " " + Common
	}
	for range 2 + g.r.IntN(4) {
		d.Keywords = append(d.Keywords, g.words[g.zipf.Uint64()])
	}
	return d
}

// some are up to most values of a facet that has so many.
func (g *generator) some(name string, most, values int) []string {
	out := make([]string, 1+g.r.IntN(most))
	for i := range out {
		out[i] = fmt.Sprintf("%s-%d", name, g.r.IntN(1+g.r.IntN(values)))
	}
	return out
}

// frequent are the words that open the vocabulary; none is one of Common's.
var frequent = strings.Fields(`datos población registro nacional programa servicios salud educación
	información estado presupuesto agua seguridad encuesta censo vivienda empleo transporte
	energía indicadores económico social ambiente calidad aire escuelas hospitales catálogo
	inventario recursos ingresos gasto público pública mujeres jóvenes niñas niños indígenas
	producción agrícola pesca minería turismo comercio exterior inversión obra carreteras
	contratos compras proveedores licitaciones transparencia beneficiarios padrón apoyo becas`)

// word is one that could be Spanish.
func word(r *rand.Rand) string {
	onset := strings.Fields("b c d f g j l m n p r s t v z ch br cr tr pl gr pr ll ñ qu h")
	nucleus := strings.Fields("a e i o u ia ie ue á é í ó")
	coda := []string{"", "", "", "", "n", "s", "r", "l"}
	ending := strings.Fields("ción ciones dad dades miento mientos o os a as e es al ales or ores ico ica ón ar")
	var b strings.Builder
	for range 2 + r.IntN(2) {
		b.WriteString(onset[r.IntN(len(onset))] + nucleus[r.IntN(len(nucleus))] + coda[r.IntN(len(coda))])
	}
	return b.String() + onset[r.IntN(16)] + ending[r.IntN(len(ending))]
}
