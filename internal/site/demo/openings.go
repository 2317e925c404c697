package demo

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/explore"
)

// opening is when somebody opens the page of a resource, and so has its file fetched and
// read: on the day on which its catalogue joins, or so many days before the end.
type opening struct {
	catalog string // name; "" for one by its days
	days    int
	on      string // slug of the dataset
	file    string // how the address of the resource ends
	// then is what somebody does about it, unless it was done.
	who  string
	then func(s *scene, resource string) error
}

var openings = []opening{
	// what is withdrawn later: its last copy stays
	{catalog: "salud", on: "dias-entre-los-sintomas-y-la-atencion-por-covid-19", file: "covid_dias_sintomas_ingreso_2020-05-20.csv"},
	// one that changes twice, and its dictionary
	{catalog: "salud", on: cuts, file: "covid_corte_vigente.csv"},
	{days: 75, on: cuts, file: "covid_corte_vigente.csv"},
	{days: 30, on: cuts, file: "covid_corte_vigente.csv"},
	// maps by code, by polygon and by point
	{catalog: "salud", on: "casos-de-covid-19-por-municipio", file: "covid_municipios_2020-05-20.csv"},
	{catalog: "inegi", on: "mapa-de-entidades-federativas", file: "entidades_2020.geojson"},
	{catalog: "inegi", on: "censo-2020-poblacion-por-municipio", file: "censo2020_municipios.csv"},
	{catalog: "inegi", on: "censo-2020-poblacion-por-municipio", file: "censo-2020-poblacion-por-municipio.xlsx"},
	{catalog: "cre", on: stations, file: "estaciones_de_servicio.geojson"},
	// one in Latin-1, with points in the sea: see the story of its longitude
	{catalog: "cre", on: stations, file: "estaciones_de_servicio_latin1.csv"},
	// one that its institution corrects
	{catalog: "cre", on: "precio-promedio-de-gasolina-y-diesel-por-entidad-2022", file: "precio_promedio_entidad_diario_2022.csv"},
	{days: 40, on: "precio-promedio-de-gasolina-y-diesel-por-entidad-2022", file: "precio_promedio_entidad_diario_2022.csv", who: "patricia", then: correctPrices},
	// one that becomes a page of HTML
	{catalog: "cdmx", on: "estaciones-de-ecobici", file: "ecobici_estaciones_2021.csv"},
	{days: 35, on: "estaciones-de-ecobici", file: "ecobici_estaciones_2021.csv"},
	// two that come to hold personal data: of one somebody has decided
	{catalog: "salud", on: cuts, file: "modulos_inventado.csv"},
	{days: 20, on: cuts, file: "modulos_inventado.csv"},
	{days: 19, on: cuts, file: "modulos_inventado.csv", who: "olga", then: withholdKeys},
	{catalog: "cre", on: stations, file: "tramites_inventado.csv"},
	{days: 1, on: stations, file: "tramites_inventado.csv"},
}

const (
	cuts     = "cambios-entre-los-cortes-de-la-base-de-covid-19"
	stations = "estaciones-de-servicio-con-permiso"
)

// correctPrices says of a column what its file does not.
func correctPrices(s *scene, resource string) error {
	if done, err := explore.Fixes(s.tx, resource); err != nil || len(done) > 0 {
		return err
	}
	return s.Explore.Correct(s.tx, resource, tabular.Correction{Columns: map[string]tabular.ColumnCorrection{
		"precio_promedio": {Name: "precio_por_litro", Type: tabular.Money, Unit: "MXN"},
	}}, "El archivo no dice de qué son los precios: son pesos por litro, con impuestos.", 0)
}

// withholdKeys takes a column out of sight and says what the report of it came to.
func withholdKeys(s *scene, resource string) error {
	if done, _, err := s.Explore.Hidden(s.tx, resource); err != nil || len(done) > 0 {
		return err
	}
	var report string
	if err := s.tx.Row(`SELECT disclosure_id FROM explore_suspects WHERE resource_id = $1 AND disclosure_id <> ''`, resource).Scan(&report); err != nil {
		return err
	}
	if err := s.Explore.Withhold(s.tx, resource, "clave_unica", "La clave identifica a quien atiende el módulo y no hace falta para leer los cortes."); err != nil {
		return err
	}
	return s.Disclosures.Conclude(s.tx, report, "removed", "La columna ya no se muestra ni se descarga; el área publicará el archivo sin ella.")
}

// openingsOf are the openings of a catalogue's files, or with no catalogue named those by
// their days, each at its instant.
func openingsOf(catalog string, at func(o opening) time.Time) (acts []act) {
	for i, o := range openings {
		if o.catalog == catalog {
			acts = append(acts, act{at(o).Add(time.Duration(i) * time.Second), func(ctx context.Context, s *Stage) error { return s.open(ctx, o) }})
		}
	}
	return acts
}

// open opens a resource's page: its file is fetched and read, somebody does about it what
// they do, and whoever follows it hears.
func (s *Stage) open(ctx context.Context, o opening) error {
	if s.People.Talk.Explore == nil {
		return nil
	}
	var ref plaza.Ref
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		ref, err = part(tx, o.on, o.file)
		return unread(err)
	}); err != nil || ref.Kind != catalog.KindResource {
		return err
	}
	if err := s.visit(ctx, ref.ID); err != nil {
		return err
	}
	if o.then != nil {
		if err := s.as(ctx, o.who, func(tx *db.Tx) error { return o.then(&scene{Conversation: s.People.Talk, tx: tx}, ref.ID) }); err != nil {
			return fmt.Errorf("%s: %w", o.file, err)
		}
		if err := s.settle(ctx, ref.ID); err != nil { // it may have to be read anew
			return err
		}
	}
	if err := s.People.Tools.Watch(ctx); err != nil { // what was made of it may need other columns
		return err
	}
	return s.People.Tell(ctx)
}

// visit has the file of a resource fetched and read, anew if it was.
func (s *Stage) visit(ctx context.Context, resource string) error {
	x := s.People.Talk.Explore
	if err := s.DB.Write(ctx, func(tx *db.Tx) error { return x.Retry(tx, resource) }); err != nil {
		return err
	}
	if err := x.Visit(ctx, resource); err != nil {
		return err
	}
	return s.settle(ctx, resource)
}

// settle works until a resource waits for nothing, and nothing else: files that nobody of the
// story looks at are opened when catalogues are read.
func (s *Stage) settle(ctx context.Context, resource string) error {
	for range patience {
		var st explore.Status
		if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			st, err = explore.StatusOf(tx, resource)
			return err
		}); err != nil {
			return err
		}
		switch st.Stage {
		case explore.StageWaiting:
			if err := s.Runner.Work(ctx, st.Attempt.Job()); err != nil {
				return err
			}
		case explore.StageRunning:
			// A playing that was killed here left the job to a process that is no more: it
			// is taken back when its lease ends.
			s.DB.Clock().Advance(time.Minute)
			if _, err := s.Runner.Drain(ctx); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return fmt.Errorf("opening resource %s of the demonstration takes too long", resource)
}
