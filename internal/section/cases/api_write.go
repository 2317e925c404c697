package cases

import (
	"context"
	"errors"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// scope is what an access token needs to ask and to support.
const scope = "cases"

// writing registers what programs may do to cases.
func (cs *Cases) writing(a *api.API) {
	op := func(name, path string, action access.Action) api.Op {
		return api.Op{Name: "cases.api." + name, Path: path, Tag: "cases", Action: string(action), Missing: true, Scope: scope, MaxBody: maxFormBody, Later: name == "ask"}
	}
	api.Post(a, op("ask", apiPath, access.CaseAsk), cs.apiAsk)
	api.Post(a, op("support", apiPath+"/{folio}/supports", access.CaseSupport), cs.apiSupport)
	api.Delete(a, op("unsupport", apiPath+"/{folio}/supports", access.CaseSupport), cs.apiUnsupport)
}

type askInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"60" doc:"cases.api.param.key"`
	Body struct {
		Kind        string      `json:"kind" enum:"question,quality,request,reuse" doc:"cases.api.kind"`
		Title       string      `json:"title" maxLength:"4000" doc:"cases.api.title"`
		Text        string      `json:"text" maxLength:"100000" doc:"cases.api.text_of"`
		Object      string      `json:"object,omitempty" maxLength:"220" doc:"cases.api.object"`
		Institution string      `json:"institution,omitempty" maxLength:"200" doc:"cases.api.ask.institution"`
		Column      string      `json:"column,omitempty" maxLength:"4000" doc:"cases.api.column"`
		Row         string      `json:"row,omitempty" maxLength:"4000" doc:"cases.api.row"`
		File        int         `json:"file_version,omitempty" minimum:"0" maximum:"1000000" doc:"cases.api.file_version"`
		View        string      `json:"view,omitempty" maxLength:"2000" doc:"cases.api.view"`
		Problem     string      `json:"problem,omitempty" maxLength:"20" doc:"cases.api.problem"`
		Details     CaseDetails `json:"details,omitzero" required:"false" doc:"cases.api.details"`
		Need        string      `json:"need,omitempty" maxLength:"20000" doc:"cases.api.ask.need"`
		Name        string      `json:"name,omitempty" maxLength:"4000" doc:"cases.api.ask.name"`
		Language    string      `json:"language,omitempty" enum:"es,en" doc:"cases.api.language"`
	}
}

type supportInput struct {
	Folio string `path:"folio" maxLength:"80" doc:"cases.api.folio"`
	Body  struct {
		Need string `json:"need,omitempty" maxLength:"20000" doc:"cases.api.support.need"`
	}
}

// CaseAsked is a case as whoever asked is told of it.
type CaseAsked struct {
	ID    string `json:"id" doc:"cases.api.id"`
	Folio string `json:"folio" doc:"cases.api.folio"`
	URL   string `json:"url" format:"uri" doc:"cases.api.url"`
	State string `json:"state" enum:"public,held" doc:"cases.api.ask.state"`
}

// CaseSupports is how many need the same.
type CaseSupports struct {
	Folio    string `json:"folio" doc:"cases.api.folio"`
	Supports int    `json:"supports" doc:"cases.api.supports"`
}

func (cs *Cases) apiAsk(ctx context.Context, in *askInput) (CaseAsked, error) {
	b := in.Body
	f := Form{Kind: Kind(b.Kind), Title: b.Title, Body: b.Text, Details: Details(b.Details), Need: b.Need, Name: b.Name, Language: b.Language,
		On: On{Ref: askRef(b.Object), Column: b.Column, Row: b.Row, Version: b.File, View: b.View, Code: b.Problem}, Channel: API, Nonce: in.Key}
	if f.Nonce == "" {
		f.Nonce = newAskNonce()
	}
	if f.Language == "" {
		f.Language = api.Printer(ctx).Lang()
	}
	f.Stored = func(tx *db.Tx, c Case) error { return cs.take(tx, pending{}, c) }
	var c Case
	err := cs.DB.Write(ctx, func(tx *db.Tx) (err error) {
		f := f
		if f.On.Ref == (plaza.Ref{}) && b.Institution != "" {
			if f.Institution, err = bodyNamed(tx, b.Institution); err != nil {
				return notThere("institution", err)
			}
		}
		if _, err := cs.About(tx, &f); err != nil {
			return notThere("object", err)
		}
		c, err = cs.Ask(tx, f, By(plaza.ActorFrom(ctx)), network(ctx))
		return err
	})
	if err != nil {
		return CaseAsked{}, api.Members(err, memberOf)
	}
	out := CaseAsked{ID: c.ID, Folio: c.Folio, URL: cs.shell.URL(c.Path()), State: string(moderation.Public)}
	if c.Standing == moderation.Held {
		out.State = string(moderation.Held)
		api.Later(ctx)
		return out, nil
	}
	api.Made(ctx, cs.shell.URL(apiPath+"/"+c.Folio))
	return out, nil
}

// network is from where a program calls.
func network(ctx context.Context) From {
	if ip := api.Client(ctx); ip.IsValid() {
		return From{Network: gate.Network(ip)}
	}
	return From{}
}

// notThere names the member that names something that there is not.
func notThere(member string, err error) error {
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Kind != plaza.NotFound {
		return err
	}
	return &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Cause: err, Fields: []plaza.FieldError{{Field: member, Key: e.Key, Args: e.Args}}}
}

func (cs *Cases) apiSupport(ctx context.Context, in *supportInput) (CaseSupports, error) {
	return cs.supportBy(ctx, in.Folio, func(tx *db.Tx, id string) (Case, []record.Act, error) { return cs.Support(tx, id, in.Body.Need) })
}

func (cs *Cases) apiUnsupport(ctx context.Context, in *caseInput) error {
	_, err := cs.supportBy(ctx, in.Folio, cs.Unsupport)
	return err
}

// supportBy does one thing to whether who calls needs the same.
func (cs *Cases) supportBy(ctx context.Context, folio string, do func(*db.Tx, string) (Case, []record.Act, error)) (out CaseSupports, err error) {
	err = cs.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := ByFolio(tx, folio)
		if err != nil {
			return err
		}
		c, acts, err := do(tx, c.ID)
		if err != nil {
			return err
		}
		out = CaseSupports{c.Folio, c.Supports}
		if len(acts) == 0 {
			return nil
		}
		return record.Append(tx, acts...)
	})
	return out, api.Members(err, memberOf)
}

// memberOf are the members of the interface for the fields of the form.
var memberOf = map[string]string{"clase": "kind", "titulo": "title", "texto": "text", "columna": "column", "filas": "details.rows", "debe": "details.should",
	"evidencia": "details.evidence", "formato": "details.format", "frecuencia": "details.frequency", "periodo": "details.period", "lugar": "details.geography",
	"desglose": "details.disaggregation", "enlace": "details.link", "para": "need", "nombre": "name"}
