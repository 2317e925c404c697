package commitment

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
)

// signPage is where a second person signs that a commitment is dropped, or returns it.
type signPage struct {
	web.Page
	Code, Text string
	Back       string
	Asked      *web.Notice // who wants it dropped, and why; nil when nobody does
	Mine       bool        // whoever looks is who asked
	Seen       web.Seen
	Errors     web.ErrorSummary
	Return     []web.Field
}

func (cs *Commitments) sign(w http.ResponseWriter, r *http.Request) error {
	return cs.drawSign(w, r, http.StatusOK, nil)
}

func (cs *Commitments) drawSign(w http.ResponseWriter, r *http.Request, status int, t *wrote) error {
	page := &signPage{Page: cs.shell.Page(r, "")}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, err := found(tx, r)
		if err != nil {
			return err
		}
		if err := access.Check(page.Actor, access.CaseSign, access.Object{Kind: RefKind, Institution: c.Institution}); err != nil {
			return err
		}
		l := page.L
		page.Title, page.NoIndex = l.T("commitment.sign", "code", c.Code), true
		page.Crumbs = []web.Crumb{{Title: l.T("commitment.list"), Path: Path}, {Title: c.Code, Path: c.Path()}}
		page.Code, page.Text, page.Back = c.Code, c.Text, c.Path()
		page.Seen = web.NewSeen(l, status, c.ID, c.Version)
		if !c.Drops() {
			return nil
		}
		page.Mine = page.Actor.Pseudonym == c.Dropping.By
		page.Asked = &web.Notice{Tone: web.Warning, Title: l.T("commitment.dropping"),
			Text: l.T("commitment.dropping.by", "who", voiceWords(l, c.Dropping.Voice), "date", l.Date(c.Dropping.At), "reason", c.Dropping.Reason)}
		page.Return = dress(page.Page, t, []web.Field{{Name: "motivo", Type: "textarea", Value: t.value("motivo", ""), MaxLength: MaxReason, Rows: 3}})
		page.Errors = web.ErrorSummary{L: l, Fields: page.Return}
		return nil
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, status, "commitment/sign", page)
}

func (cs *Commitments) decide(w http.ResponseWriter, r *http.Request) error {
	return cs.does(w, r, "firmado", func(tx *db.Tx, c Commitment, f *web.Form) (Commitment, []record.Act, error) {
		if f.Value("decision") == "devolver" {
			return cs.ReturnDrop(tx, c.ID, f.Value("motivo"))
		}
		return cs.SignDrop(tx, c.ID)
	}, nil, cs.drawSign)
}
