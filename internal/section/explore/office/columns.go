package office

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/screen"
)

// columnsPage is what is said of a table's columns: of one at a time, so that the form of a
// table with thousands of them is a form.
type columnsPage struct {
	place
	Res    explore.Resource
	Sheets []web.NavLink
	Lines  []columnLine
	One    string // the column whose form this is, "" for that of the names
	Label  string // as its file calls it
	Fields []web.Field
	Hidden []web.Option
	Action string
	Back   string
	Notice *web.Notice
	// Progress is how far the table is read again, while it is.
	Progress *web.Progress
}

// columnLine is what is said of one column.
type columnLine struct {
	Name, Label, Type, Meaning, Unit string
	Path                             string
	Corrected                        bool
}

// Errors is what is wrong with the form.
func (p columnsPage) Errors() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

// said is a form as it was typed.
type said struct {
	column  string // the name without corrections
	header  string
	rows    string
	one     tabular.ColumnCorrection
	reason  string
	seen    int
	again   bool // it was typed: else what stands is in the fields
	notice  *web.Notice
	refused map[string]string
}

// at is the table that an address or a form names.
type at struct {
	page  place
	res   explore.Resource
	table tabular.Table
	sheet int
	fix   explore.Fix
	all   tabular.Profile
	now   explore.Status
}

// at reads the table of an address, with what was said of it.
func (p *Pages) at(r *http.Request, sheet string) (a at, err error) {
	var v explore.Version
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if a.page, err = p.place(tx, r, access.ExploreCorrect, ""); err != nil {
			return err
		}
		if a.res, err = p.resource(tx, a.page, r.PathValue("resource")); err != nil {
			return err
		}
		if v, err = explore.Current(tx, a.res.ID); err != nil {
			return err
		}
		if a.now, err = explore.StatusOf(tx, a.res.ID); err != nil {
			return err
		}
		fixes, err := explore.Fixes(tx, a.res.ID)
		if err != nil {
			return err
		}
		if a.all, err = p.Explore.Profile(r.Context(), v); err != nil {
			return err
		}
		n, _ := strconv.Atoi(sheet)
		if a.sheet = max(n, 1); a.sheet > len(a.all.Tables) {
			return plaza.E(plaza.NotFound, "explore.error.no_table")
		}
		a.table = a.all.Tables[a.sheet-1]
		for _, f := range fixes {
			if f.Correction.Table == a.table.Name {
				a.fix = f
			}
		}
		return nil
	}); err != nil {
		return a, err
	}
	return a, nil
}

// original is the name that a column has without corrections.
func (a at) original(c tabular.Column) string {
	for name, one := range a.fix.Correction.Columns {
		if one.Name == c.Name {
			return name
		}
	}
	return c.Name
}

// column is the column of a name without corrections.
func (a at) column(original string) *tabular.Column {
	for i, c := range a.table.Columns {
		if a.original(c) == original {
			return &a.table.Columns[i]
		}
	}
	return nil
}

func (p *Pages) columns(w http.ResponseWriter, r *http.Request) error {
	a, err := p.at(r, r.URL.Query().Get("hoja"))
	if err != nil {
		return err
	}
	was := said{column: web.QueryText(r, "columna", tabular.MaxName), seen: a.fix.Version}
	if was.column != "" && a.column(was.column) == nil {
		return plaza.E(plaza.NotFound, "explore.error.no_column")
	}
	if r.URL.Query().Get("hecho") == "si" {
		was.notice = a.saved()
	}
	return p.drawColumns(w, r, http.StatusOK, a, was)
}

// saved says that a correction is kept, and what came of it: the table is read again, or
// was, or could not be.
func (a at) saved() *web.Notice {
	l := a.page.L
	switch a.now.Stage {
	case explore.StageDone:
		return &web.Notice{Tone: web.Good, Text: l.T("explore.office.reread"), Link: a.res.Path, Action: l.T("explore.office.public"), Live: true}
	case explore.StageFailed:
		return &web.Notice{Tone: web.Warning, Text: l.T("explore.office.unread"), Link: a.res.Path, Action: l.T("explore.office.public"), Live: true}
	}
	return &web.Notice{Tone: web.Good, Text: l.T("explore.office.corrected"), Live: true}
}

// rereading is how far the table is being read again, nil while it is not. Where somebody
// types about a column the page does not begin anew by itself.
func (a at) rereading(typing bool) *web.Progress {
	if a.now.Stage != explore.StageWaiting && a.now.Stage != explore.StageRunning {
		return nil
	}
	p := screen.ProgressOf(a.page.L, a.now)
	if !typing {
		p.Live = screen.LivePath(a.res.Path)
	}
	return &p
}

// link is the page of one column's form, "" that of the names.
func (a at) link(column string) string {
	v := url.Values{}
	if a.sheet > 1 {
		v.Set("hoja", strconv.Itoa(a.sheet))
	}
	if column != "" {
		v.Set("columna", column)
	}
	to := ColumnsPath(a.page.slug, a.res.ID)
	if q := v.Encode(); q != "" {
		to += "?" + q
	}
	return to
}

func (p *Pages) drawColumns(w http.ResponseWriter, r *http.Request, status int, a at, was said) error {
	page := &columnsPage{place: a.page, Res: a.res, Action: ColumnsPath(a.page.slug, a.res.ID), Notice: was.notice,
		Progress: a.rereading(was.column != "" || was.again)}
	l := page.L
	page.Title = l.T("explore.office.columns.title", "resource", a.res.Title)
	page.in()
	page.Crumbs = append(page.Crumbs, web.Crumb{Title: a.res.Title, Path: page.path(a.res.ID)})
	page.Hidden = []web.Option{{Label: "hoja", Value: strconv.Itoa(a.sheet)}, {Label: "columna", Value: was.column}, {Label: "visto", Value: strconv.Itoa(was.seen)}}
	for i, t := range a.all.Tables {
		if len(a.all.Tables) > 1 {
			one := a
			one.sheet = i + 1
			page.Sheets = append(page.Sheets, web.NavLink{Label: cmp.Or(t.Name, strconv.Itoa(i+1)), Path: one.link(""), Current: i == a.sheet-1})
		}
	}
	if c := a.column(was.column); was.column != "" && c != nil {
		page.One, page.Label, page.Back = c.Name, c.Label, a.link("")
		page.oneColumn(a, *c, was)
	} else {
		page.names(a, was)
		for _, c := range a.table.Columns {
			one := columnLine{Name: c.Name, Label: c.Label, Type: l.T("tabular.type." + string(c.Type)), Unit: c.Unit, Path: a.link(a.original(c)), Corrected: c.Corrected}
			if c.Meaning != "" {
				one.Meaning = l.T("tabular.meaning." + string(c.Meaning))
			}
			page.Lines = append(page.Lines, one)
		}
	}
	page.Fields = append(page.Fields, web.Field{L: l, Name: "motivo", Label: l.T("explore.office.reason"), Type: "textarea", Rows: 3, MaxLength: 1000, Value: was.reason, Error: was.refused["motivo"]})
	return p.shell.Render(w, r, status, "explore-office/columns", page)
}

// names are the fields about the lines that hold the names.
func (p *columnsPage) names(a at, was said) {
	header, rows := was.header, was.rows
	if !was.again {
		header, rows = some(a.fix.Correction.HeaderLine), some(a.fix.Correction.HeaderRows)
	}
	p.Fields = []web.Field{
		{L: p.L, Name: "encabezado", Label: p.L.T("explore.office.header"), Hint: p.L.T("explore.office.header.hint", "found", p.L.Number(int64(a.table.HeaderLine))), Value: header, InputMode: "numeric", MaxLength: 6,
			Optional: true, Error: was.refused["encabezado"]},
		{L: p.L, Name: "lineas", Label: p.L.T("explore.office.rows"), Value: rows, InputMode: "numeric", MaxLength: 2, Optional: true, Error: was.refused["lineas"]},
	}
}

func some(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// oneColumn are the fields about one column: what is typed stands in place of what was
// found, and what is left empty leaves it.
func (p *columnsPage) oneColumn(a at, c tabular.Column, was said) {
	l, fix := p.L, a.fix.Correction.Columns[was.column]
	fix.Format = explore.FormatWords(l, fix.Format)
	if was.again {
		fix = was.one
	}
	meaning := ""
	if c.Meaning != "" {
		meaning = l.T("tabular.meaning." + string(c.Meaning))
	}
	text := func(name, key, value, hint string, most int) web.Field {
		return web.Field{L: l, Name: name, Label: l.T("explore.office." + key), Value: value, Hint: hint, MaxLength: most, Optional: true, Error: was.refused[name]}
	}
	found := func(value string) string { return l.T("explore.office.found", "found", value) }
	unit, format := l.T("explore.office.unit.hint"), l.T("explore.office.format.hint")
	if c.Unit != "" && !c.Corrected {
		unit = found(c.Unit)
	}
	if c.Format != "" && !c.Corrected {
		format = found(explore.FormatWords(l, c.Format))
	}
	p.Fields = []web.Field{
		text("nombre", "name", fix.Name, found(cmp.Or(c.Label, was.column)), tabular.MaxName),
		choice(l, "tipo", "type", string(fix.Type), was.refused["tipo"], kept(c, l.T("tabular.type."+string(c.Type))), tabular.Types),
		choice(l, "significado", "meaning", string(fix.Meaning), was.refused["significado"], kept(c, meaning), tabular.Meanings),
		text("unidad", "unit", fix.Unit, unit, 40),
		text("formato", "format", fix.Format, format, 40),
	}
}

// kept is what was found of a column, "" where only what people said is known.
func kept(c tabular.Column, words string) string {
	if c.Corrected {
		return ""
	}
	return words
}

// choice is a select among words of tabular.
func choice[T ~string](l *i18n.Printer, name, key, value, wrong, found string, all []T) web.Field {
	first := l.T("explore.office.keep")
	if found != "" {
		first = l.T("explore.office.keep.as", "found", found)
	}
	f := web.Field{L: l, Name: name, Label: l.T("explore.office." + key), Type: "select", Value: value, Error: wrong, Optional: true, Options: []web.Option{{Label: first}}}
	for _, one := range all {
		f.Options = append(f.Options, web.Option{Value: string(one), Label: l.T("tabular." + key + "." + string(one))})
	}
	return f
}

// correct takes what was said of one column, or of the names, beside what was said before.
func (p *Pages) correct(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := form.Value
	a, err := p.at(r, v("hoja"))
	if err != nil {
		return err
	}
	was := said{column: v("columna"), header: v("encabezado"), rows: v("lineas"), reason: v("motivo"), again: true,
		one: tabular.ColumnCorrection{Name: v("nombre"), Type: tabular.Type(v("tipo")), Meaning: tabular.Meaning(v("significado")), Unit: v("unidad"), Format: v("formato")}}
	if was.seen, err = strconv.Atoi(v("visto")); err != nil {
		was.seen = -1
	}
	c, err := a.merged(was)
	if err == nil {
		err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
			return p.Explore.Correct(tx, a.res.ID, c, was.reason, was.seen)
		})
	}
	l := a.page.L
	if was.refused = web.FieldErrors(l, err); was.refused != nil {
		return p.drawColumns(w, r, http.StatusUnprocessableEntity, a, was)
	}
	if err != nil && plaza.KindOf(err) == plaza.Conflict { // what stands now, and what was typed
		was.seen = a.fix.Version
		was.notice = &web.Notice{Tone: web.Warning, Text: l.T("explore.error.corrected"), Live: true}
		return p.drawColumns(w, r, http.StatusConflict, a, was)
	}
	if err != nil {
		return err
	}
	to, _ := url.Parse(a.link("")) // made by url.Values
	q := to.Query()
	q.Set("hecho", "si")
	to.RawQuery = q.Encode()
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return nil
}

// merged is what was said of the table before with what is said now.
func (a at) merged(was said) (tabular.Correction, error) {
	c := a.fix.Correction
	c.Table = a.table.Name
	if was.column != "" {
		if a.column(was.column) == nil {
			return c, plaza.E(plaza.NotFound, "explore.error.no_column")
		}
		c.Columns = maps.Clone(c.Columns)
		if c.Columns == nil {
			c.Columns = map[string]tabular.ColumnCorrection{}
		}
		c.Columns[was.column] = was.one
		return c, nil
	}
	var wrong plaza.Mistakes
	var ok bool
	c.HeaderLine, ok = number(was.header)
	wrong.Hold(ok, "encabezado", "explore.error.header", nil)
	c.HeaderRows, ok = number(was.rows)
	wrong.Hold(ok && c.HeaderRows >= 0, "lineas", "explore.error.header", nil)
	return c, wrong.Err("web.error.invalid")
}
