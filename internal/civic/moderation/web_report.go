package moderation

import (
	"html/template"
	"net/http"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// reportPage is the form with which anybody tells moderators of something.
type reportPage struct {
	web.Page
	Sent   bool
	About  string
	Path   string // of what is reported
	Object string
	Errors web.ErrorSummary
	Fields []web.Field
	Gate   template.HTML
	// Privacy is the notice; Anonymous says that of a visitor nothing is kept.
	Privacy   privacy.Said
	Anonymous bool
}

// Thanks says what happens now.
func (p reportPage) Thanks() web.Notice {
	return web.Notice{Tone: web.Good, Title: p.L.T("moderation.report.sent"), Text: p.L.T("moderation.report.sent.text"), Live: true}
}

// purposeReport is what the form's seal is for.
const purposeReport = "report"

func refIn(s string) plaza.Ref {
	kind, id, _ := strings.Cut(s, ":")
	return plaza.Ref{Kind: kind, ID: id}
}

func (d *Desk) showReport(w http.ResponseWriter, r *http.Request) error {
	return d.drawReport(w, r, http.StatusOK, reporting{ref: refIn(web.QueryText(r, "objeto", 200))}, nil)
}

func (d *Desk) drawReport(w http.ResponseWriter, r *http.Request, status int, typed reporting, wrong map[string]string) error {
	page := &reportPage{Page: d.shell.Page(r, d.shell.Printer(r).T("moderation.report.title")), Sent: r.URL.Query().Get("hecho") == "1"}
	l := page.L
	var t thing
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		t, err = d.visible(tx, typed.ref)
		return err
	}); err != nil {
		return err
	}
	page.NoIndex, page.Canonical = true, reportPath
	page.About, page.Path, page.Object = t.Title, t.Path, typed.ref.String()
	listed := []string{"spam", "insult", "personal_data", "off_topic", "illegal", "impersonation", "other"}
	page.Fields = []web.Field{
		field(l, wrong, web.Field{Name: "reason", Label: l.T("moderation.report.reason"), Type: "select", Value: typed.reason,
			Options: choices(l, "moderation.reason.", listed, true)}),
		field(l, wrong, web.Field{Name: "text", Label: l.T("moderation.report.text"), Hint: l.T("moderation.report.text.hint"),
			Type: "textarea", Rows: 4, Value: typed.text, MaxLength: maxReport, Optional: true}),
	}
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	page.Privacy, page.Anonymous = privacy.Say(l, pointReport), !page.Actor.SignedIn()
	page.Gate = d.Gate.Fields(l, purposeReport, page.Now).HTML()
	return d.shell.Render(w, r, status, "moderation/report", page)
}

func (d *Desk) sendReport(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	typed := reporting{ref: refIn(form.Value("objeto")), reason: form.Value("reason"),
		text: longText(form.Value("text")), network: gate.Network(d.shell.ClientIP(r))}
	err = d.DB.Write(r.Context(), func(tx *db.Tx) error {
		if !plaza.ActorFrom(r.Context()).SignedIn() { // whoever is known may do without scripts
			if machine, err := d.Gate.Sieve(tx, form, purposeReport, oddReports, typed.network); err != nil || machine {
				return err
			}
		}
		return d.report(tx, typed)
	})
	if wrong := web.FieldErrors(d.shell.Printer(r), err); wrong != nil {
		return d.drawReport(w, r, http.StatusUnprocessableEntity, typed, wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, ReportPath(typed.ref)+"&hecho=1", http.StatusSeeOther)
	return nil
}
