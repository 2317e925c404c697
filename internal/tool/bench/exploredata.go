package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// exploreVersion is the generator's: another one makes other tables.
const exploreVersion = 1

var worksHeader = []string{"id", "fecha", "registro", "anio", "cve_ent", "cve_mun", "estado", "sector", "programa", "estatus", "sexo", "edad",
	"monto", "beneficiarios", "avance", "cp", "zona", "proveedor", "descripcion", "nota"}

var (
	worksSectors  = []string{"Educación", "Salud", "Caminos y puentes", "Agua potable", "Vivienda", "Electrificación"}
	worksStates   = []string{"Aguascalientes", "Baja California", "Coahuila", "Colima", "Chiapas", "Chihuahua", "México", "Michoacán", "Nuevo León", "Querétaro", "San Luis Potosí", "Yucatán"}
	worksStatuses = []string{"En proceso", "Concluida", "Suspendida", "Por iniciar"}
	worksPlaces   = []string{"San José", "Santa María", "La Peñita", "El Rincón", "Cañada Honda", "Ojo de Agua"}
	worksNotes    = []string{"", "", "", "", "", "revisión pendiente", "con observaciones", "sin acta de entrega"}
)

// works writes rows of a made-up register of public works, in the clean or the messy
// way, until n are written or the file has size bytes (whichever is set).
type works struct {
	r     *rand.Rand
	messy bool
	id    int64
}

func (g *works) header(b []byte) []byte {
	sep := byte(',')
	if g.messy {
		sep = ';'
		b = append(b, "SECRETARÍA DE OBRAS PÚBLICAS\r\nRegistro de obras, corte a diciembre\r\n\r\n"...)
	}
	for i, name := range worksHeader {
		if i > 0 {
			b = append(b, sep)
		}
		b = append(b, name...)
	}
	return append(b, g.end()...)
}

func (g *works) end() string {
	if g.messy {
		return "\r\n"
	}
	return "\n"
}

// row appends one row.
func (g *works) row(b []byte) []byte {
	r := g.r
	g.id++
	sep := byte(',')
	if g.messy {
		sep = ';'
	}
	year, month, day := 2000+r.IntN(24), 1+r.IntN(12), 1+r.IntN(28)
	ent, mun := 1+r.IntN(32), 1+r.IntN(40)
	cell := func(format string, args ...any) { b = append(fmt.Appendf(b, format, args...), sep) }
	b = append(strconv.AppendInt(b, g.id, 10), sep)
	if g.messy {
		cell("%02d/%02d/%d", day, month, year)
	} else {
		cell("%d-%02d-%02d", year, month, day)
	}
	cell("%d-%02d-%02d %02d:%02d:%02d", year, month, day, r.IntN(24), r.IntN(60), r.IntN(60))
	b = append(strconv.AppendInt(b, int64(year), 10), sep)
	cell("%02d", ent)
	cell("%02d%03d", ent, mun)
	for _, list := range [][]string{worksStates, worksSectors} {
		b = append(append(b, list[r.IntN(len(list))]...), sep)
	}
	cell("Programa %d", r.IntN(40))
	b = append(append(b, worksStatuses[r.IntN(len(worksStatuses))]...), sep)
	b = append(b, "HM"[r.IntN(2)], sep)
	b = append(strconv.AppendInt(b, int64(r.IntN(100)), 10), sep)
	b = append(g.amount(b), sep)
	b = append(strconv.AppendInt(b, int64(r.IntN(5000)), 10), sep)
	b = append(strconv.AppendFloat(b, float64(r.IntN(1000))/10, 'f', 1, 64), sep)
	cell("%05d", 1000+r.IntN(90000))
	b = append(b, "Zona "...)
	b = append(b, "ABCDE"[r.IntN(5)], sep)
	b = fmt.Appendf(b, "Constructora %d", r.IntN(20000))
	b = append(b, sep)
	b = fmt.Appendf(b, "Rehabilitación de la obra %d en %s", r.IntN(100000), worksPlaces[r.IntN(len(worksPlaces))])
	b = append(b, sep)
	b = append(b, worksNotes[r.IntN(len(worksNotes))]...)
	return append(b, g.end()...)
}

// amount is money; of the messy kind, one in two hundred is none.
func (g *works) amount(b []byte) []byte {
	v := g.r.Float64() * 1e6
	switch {
	case !g.messy:
		if g.r.IntN(50) == 0 {
			return b
		}
		return strconv.AppendFloat(b, v, 'f', 2, 64)
	case g.r.IntN(200) == 0:
		return append(b, "por definir"...)
	case g.r.IntN(50) == 0:
		return append(b, "ND"...)
	}
	return fmt.Appendf(b, "$%d,%03d.%02d", 1+int(v/1000), int(v)%1000, g.r.IntN(100))
}

// write writes the file.
func (g *works) write(w io.Writer, rows int, size int64) error {
	if g.messy {
		w = charmap.Windows1252.NewEncoder().Writer(w)
	}
	var total int64
	line := g.header(nil)
	for n := 0; (rows == 0 || n <= rows) && (size == 0 || total < size); n++ {
		if _, err := w.Write(line); err != nil {
			return err
		}
		total += int64(len(line))
		line = g.row(line[:0])
	}
	return nil
}

// worksFile is a file of some rows or bytes, generated once.
func worksFile(messy bool, rows int, size int64) (string, error) {
	kind := "clean"
	if messy {
		kind = "messy"
	}
	dir, err := cached(fmt.Sprintf("explore-v%d", exploreVersion))
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%d-%d.csv", kind, rows, size))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return "", err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	g := &works{r: rand.New(rand.NewPCG(seed, uint64(exploreVersion))), messy: messy}
	if err := errors.Join(g.write(w, rows, size), w.Flush(), f.Close()); err != nil {
		return "", err
	}
	return path, os.Rename(path+".part", path)
}

// worksTable is a converted table of n rows with its native file, made once.
func worksTable(ctx context.Context, n int) (child.Table, error) {
	dir, err := cached(fmt.Sprintf("explore-v%d/table-%d", exploreVersion, n))
	if err != nil {
		return child.Table{}, err
	}
	about := filepath.Join(dir, "profile.json")
	var t child.Table
	if raw, err := os.ReadFile(about); err == nil {
		if err := json.Unmarshal(raw, &t.Profile); err != nil {
			return t, err
		}
		t.Parquet, t.Native = filepath.Join(dir, t.Profile.Parquet.SHA256), filepath.Join(dir, "native")
		return t, nil
	}
	began := time.Now()
	if t.Profile, t.Parquet, err = convertTo(ctx, n, dir); err != nil {
		return t, err
	}
	took := time.Since(began)
	w, err := workers()
	if err != nil {
		return t, err
	}
	native := filepath.Join(dir, "native")
	spent, err := spend(func() error { return w.Native(ctx, t, native) })
	if err := errors.Join(err, w.Close(ctx)); err != nil {
		return t, err
	}
	t.Native = native
	fmt.Printf("  a table of %d rows was generated and converted in %.0f s; its native file took %v\n", n, took.Seconds(), spent)
	raw, err := json.Marshal(t.Profile)
	if err != nil {
		return t, err
	}
	return t, os.WriteFile(about, raw, 0o644)
}

// convertTo converts a generated file of n rows into an emptied folder.
func convertTo(ctx context.Context, n int, dir string) (tabular.Table, string, error) {
	file, err := worksFile(false, n, 0)
	if err != nil {
		return tabular.Table{}, "", err
	}
	defer os.Remove(file)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return tabular.Table{}, "", err
	}
	w, err := workers()
	if err != nil {
		return tabular.Table{}, "", err
	}
	p, err := w.Convert(ctx, child.Conversion{Input: file, Name: "obras.csv", Dir: dir}, nil)
	if err := errors.Join(err, w.Close(ctx)); err != nil {
		return tabular.Table{}, "", err
	}
	t := p.Tables[0]
	return t, filepath.Join(dir, t.Parquet.SHA256), nil
}
