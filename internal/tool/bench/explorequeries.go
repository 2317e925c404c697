package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/explore/answers"
)

// asked is a question that the explorer's pages ask, and the same one to PostgreSQL.
type asked struct {
	name   string
	q      tabular.Query
	count  bool   // how many rows it leaves, instead of rows
	pg     string // one that PostgreSQL answers as well as it can
	groups bool   // PostgreSQL may never be faster
}

func askedOf(n int) []asked {
	const columns = `_fila, id, fecha, registro, anio, cve_ent, cve_mun, estado, sector, programa, estatus, sexo, edad, monto, beneficiarios, avance, cp, zona, proveedor, descripcion, nota`
	narrow := []tabular.Condition{{Column: "cve_ent", Op: tabular.Is, Values: []string{"09"}}, {Column: "monto", Op: tabular.AtLeast, Values: []string{"900000"}}}
	return []asked{
		{name: "first page", pg: `SELECT ` + columns + ` FROM bench_works WHERE _fila <= 101 ORDER BY _fila LIMIT 101`},
		{name: fmt.Sprintf("page %d by key", n/200), q: tabular.Query{Key: &tabular.Position{Row: int64(n / 2)}},
			pg: fmt.Sprintf(`SELECT %s FROM bench_works WHERE _fila > %d ORDER BY _fila LIMIT 101`, columns, n/2)},
		{name: "filter on two columns, sorted", q: tabular.Query{Where: narrow, Sort: []tabular.Order{{Column: "fecha", Down: true}}},
			pg: `SELECT ` + columns + ` FROM bench_works WHERE cve_ent = '09' AND monto >= 900000 ORDER BY fecha DESC NULLS LAST, _fila LIMIT 101`},
		{name: "how many rows those are", count: true, q: tabular.Query{Where: narrow}, pg: `SELECT count(*) FROM bench_works WHERE cve_ent = '09' AND monto >= 900000`},
		{name: "group by two columns", groups: true, q: tabular.Query{Group: []tabular.Group{{Column: "sector"}, {Column: "anio"}}, Measures: []tabular.Measure{{Func: tabular.Count}, {Func: tabular.Sum, Column: "monto"}}},
			pg: `SELECT sector, anio, count(*), sum(monto) FROM bench_works GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1001`},
		{name: "facet: a column's frequent values", groups: true, q: tabular.Query{Group: []tabular.Group{{Column: "estatus"}}, Limit: 20},
			pg: `SELECT estatus, count(*) FROM bench_works GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 21`},
		{name: "histogram of a column", groups: true, q: tabular.Query{Group: []tabular.Group{{Column: "monto", Step: tabular.StepBins}}},
			pg: `SELECT floor(monto / 50000) * 50000, count(*) FROM bench_works GROUP BY 1 ORDER BY 1`},
		{name: "by month", groups: true, q: tabular.Query{Group: []tabular.Group{{Column: "fecha", Step: tabular.StepMonth}}},
			pg: `SELECT date_trunc('month', fecha), count(*) FROM bench_works GROUP BY 1 ORDER BY 1`},
		{name: "text search, rare", q: tabular.Query{Search: "rehabilitacion 77777"},
			pg: `SELECT ` + columns + ` FROM bench_works WHERE ` + pgWords + ` @@ plainto_tsquery('simple', 'rehabilitación 77777') ORDER BY _fila LIMIT 101`},
		{name: "text search, a word that is nowhere", q: tabular.Query{Search: "zapopan"},
			pg: `SELECT ` + columns + ` FROM bench_works WHERE ` + pgWords + ` @@ plainto_tsquery('simple', 'zapopan') ORDER BY _fila LIMIT 101`},
		{name: "text search, frequent", q: tabular.Query{Search: "cañada"},
			pg: `SELECT ` + columns + ` FROM bench_works WHERE ` + pgWords + ` @@ plainto_tsquery('simple', 'cañada') ORDER BY _fila LIMIT 101`},
	}
}

// queryRounds is how often each is asked; the middle one counts.
const queryRounds = 9

// benchQueries asks a table of n rows through a worker, DuckDB itself in the same form and,
// where there is one, PostgreSQL.
func benchQueries(ctx context.Context, n int, postgres string) error {
	t, err := worksTable(ctx, n)
	if err != nil {
		return err
	}
	w, err := workers()
	if err != nil {
		return err
	}
	direct, err := openDirect(ctx, t)
	if err != nil {
		return err
	}
	defer direct.Close()
	pg, err := openWorks(ctx, postgres, direct, n)
	if err != nil {
		return err
	}
	if pg != nil {
		defer pg.Close(ctx)
	}
	fmt.Printf("  questions to %d rows, the middle of %d: through a worker, DuckDB itself (at most %.2f× and %.0f ms), PostgreSQL\n", n, queryRounds, directBound, ms(directMore))
	var ratios, grouped []float64
	var slowest time.Duration
	for _, a := range askedOf(n) {
		ratio, again, err := askAll(ctx, w, direct, pg, t, a)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		slowest = max(slowest, again)
		if ratio > 0 {
			ratios = append(ratios, ratio)
			if a.groups {
				grouped = append(grouped, ratio)
			}
		}
	}
	fmt.Printf("    the slowest of them once it is known: %.2f ms (at most %.0f ms: %s)\n", ms(slowest), ms(repeatBound), verdict(slowest < repeatBound))
	if len(ratios) > 0 {
		slices.Sort(ratios)
		slices.Sort(grouped)
		half := grouped[len(grouped)/2]
		fmt.Printf("    PostgreSQL takes %.1f× at the median of groups, facets and histograms (at least %.0f×: %s), %.1f× of all\n", half, medianBound, verdict(half >= medianBound), ratios[len(ratios)/2])
	}
	return errors.Join(w.Close(ctx), profileOnce(ctx, direct, t))
}

// openDirect attaches a table's native file as the engine does.
func openDirect(ctx context.Context, t child.Table) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	for _, s := range []string{
		fmt.Sprintf("SET threads = %d", engineThreads()), "SET memory_limit = '720MB'", "SET preserve_insertion_order = false",
		"ATTACH " + literal(t.Native) + " AS n (READ_ONLY)",
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// askAll asks one question of all, in turns, and prints a row. It gives how many times as
// long PostgreSQL takes (0: it was not asked), and how long the answer takes once known.
func askAll(ctx context.Context, w *child.Workers, direct *sql.DB, pg *pgx.Conn, t child.Table, a asked) (ratio float64, again time.Duration, err error) {
	compile := query.Compile
	if a.count {
		compile = query.Count
	}
	s, err := compile(t.Profile, nil, a.q, "n.main.t")
	if err != nil {
		return 0, 0, err
	}
	askers := []func() error{
		func() error { return put(ctx, w, t, a) },
		func() error { return drainSQL(ctx, direct, s.Text, s.Args...) },
	}
	if pg != nil {
		askers = append(askers, func() error { return drainPG(ctx, pg, a.pg) })
	}
	took := make([][]time.Duration, len(askers))
	for round := range queryRounds + 1 {
		for i, ask := range askers {
			one, err := timed(ask)
			if err != nil {
				return 0, 0, err
			}
			if round > 0 { // the first one warms
				took[i] = append(took[i], one)
			}
			if i == 2 && one > 20*time.Second && round > 0 {
				askers = askers[:2] // it has said enough
			}
		}
	}
	ours, bare := middle(took[0]), middle(took[1])
	ok := ours <= time.Duration(directBound*float64(bare))+directMore
	line := fmt.Sprintf("    %-36s %9.2f ms %9.2f ms (%.2f×: %s)", a.name, ms(ours), ms(bare), float64(ours)/float64(bare), verdict(ok))
	if pg != nil {
		theirs := middle(took[2])
		ratio = float64(theirs) / float64(ours)
		line += fmt.Sprintf(" %10.2f ms (%.1f×", ms(theirs), ratio)
		if a.groups {
			line += ", at least 1: " + verdict(ratio >= 1)
		}
		line += ")"
	}
	fmt.Println(line)
	known := answers.New(w, 64<<20)
	if err := put(ctx, known, t, a); err != nil {
		return 0, 0, err
	}
	again, err = timed(func() error { return put(ctx, known, t, a) })
	return ratio, again, err
}

func middle(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// put asks an engine a question.
func put(ctx context.Context, e child.Engine, t child.Table, a asked) error {
	var err error
	switch {
	case a.count:
		_, err = e.Count(ctx, t, a.q)
	case query.Grouped(a.q):
		_, err = e.Groups(ctx, t, a.q)
	default:
		_, err = e.Page(ctx, t, a.q)
	}
	return err
}

func drainSQL(ctx context.Context, db *sql.DB, text string, args ...any) error {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

func drainPG(ctx context.Context, pg *pgx.Conn, text string) error {
	rows, err := pg.Query(ctx, text)
	if err != nil {
		return err
	}
	for rows.Next() {
		if _, err := rows.Values(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// profileOnce compares reading what is known of a table with asking DuckDB for it.
func profileOnce(ctx context.Context, direct *sql.DB, t child.Table) error {
	raw, err := json.Marshal(t.Profile)
	if err != nil {
		return err
	}
	ours, err := timed(func() error { return json.Unmarshal(raw, new(tabular.Table)) })
	if err != nil {
		return err
	}
	bare, err := timed(func() error { return drainSQL(ctx, direct, "SUMMARIZE n.main.t") })
	if err == nil {
		fmt.Printf("    %-36s %9.2f ms %9.2f ms as DuckDB summarises it (%s)\n", "profile, as it is kept", ms(ours), ms(bare), verdict(ours <= bare+directMore))
	}
	return err
}

// pgWords are the words of a row as CKAN's datastore indexes them.
const pgWords = `to_tsvector('simple', coalesce(estado, '') || ' ' || coalesce(sector, '') || ' ' || coalesce(programa, '') || ' ' || coalesce(estatus, '') || ' ' || coalesce(zona, '') || ' ' || coalesce(proveedor, '') || ' ' || coalesce(descripcion, '') || ' ' || coalesce(nota, ''))`

// openWorks fills PostgreSQL with the table and indexes for the questions; nil without one.
// A server that is kept between runs keeps the table.
func openWorks(ctx context.Context, postgres string, from *sql.DB, n int) (*pgx.Conn, error) {
	if postgres == "" {
		fmt.Println("  PLAZA_TEST_POSTGRES is not set: PostgreSQL is not beside")
		return nil, nil
	}
	pg, err := pgx.Connect(ctx, postgres)
	if err != nil {
		return nil, err
	}
	for _, set := range []string{`SET work_mem = '128MB'`, `SET maintenance_work_mem = '512MB'`, `SET max_parallel_workers_per_gather = 2`} {
		if _, err := pg.Exec(ctx, set); err != nil {
			return nil, err
		}
	}
	var have int64
	if err := pg.QueryRow(ctx, `SELECT count(*) FROM bench_works`).Scan(&have); err == nil && have == int64(n) {
		return pg, nil
	}
	took, err := timed(func() error { return fillWorks(ctx, pg, from) })
	if err != nil {
		return nil, fmt.Errorf("filling PostgreSQL: %w", err)
	}
	fmt.Printf("  PostgreSQL was filled and indexed in %.0f s\n", took.Seconds())
	return pg, nil
}

func fillWorks(ctx context.Context, pg *pgx.Conn, from *sql.DB) error {
	if _, err := pg.Exec(ctx, `DROP TABLE IF EXISTS bench_works`); err != nil {
		return err
	}
	if _, err := pg.Exec(ctx, `CREATE TABLE bench_works (_fila bigint, id bigint, fecha date, registro timestamp, anio bigint, cve_ent text, cve_mun text, estado text, sector text,
		programa text, estatus text, sexo text, edad bigint, monto double precision, beneficiarios bigint, avance double precision, cp text, zona text, proveedor text, descripcion text, nota text)`); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := copyRows(ctx, pg, from, dir+"/works.csv"); err != nil {
		return err
	}
	for _, s := range []string{
		`ALTER TABLE bench_works ADD PRIMARY KEY (_fila)`,
		`CREATE INDEX ON bench_works (cve_ent, monto)`, `CREATE INDEX ON bench_works (fecha)`, `CREATE INDEX ON bench_works (monto)`,
		`CREATE INDEX ON bench_works (estatus)`, `CREATE INDEX ON bench_works (sector, anio)`,
		`CREATE INDEX ON bench_works USING gin (` + strings.TrimSpace(pgWords) + `)`,
		`VACUUM ANALYZE bench_works`,
	} {
		if _, err := pg.Exec(ctx, s); err != nil {
			return fmt.Errorf("%.40s: %w", s, err)
		}
	}
	return nil
}

// copyRows hands the rows over as CSV, in the form that PostgreSQL reads fastest.
func copyRows(ctx context.Context, pg *pgx.Conn, from *sql.DB, path string) error {
	if _, err := from.ExecContext(ctx, `COPY (SELECT * EXCLUDE (_otros) FROM n.main.t ORDER BY _fila) TO `+literal(path)+` (FORMAT csv, HEADER false)`); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = pg.PgConn().CopyFrom(ctx, f, `COPY bench_works FROM STDIN (FORMAT csv)`)
	return err
}
