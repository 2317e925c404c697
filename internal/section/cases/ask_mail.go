package cases

import (
	"net/http"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// How often one may ask by mail: from one network, and for one address.
var (
	perMailNetwork = gate.Limit{Name: "case.mail.network", Max: 30, Window: time.Hour, Key: "cases.error.often"}
	perMailAddress = gate.Limit{Name: "case.mail.address", Max: 10, Window: 24 * time.Hour, Key: "cases.error.often"}
	oddMail        = gate.Limit{Name: "case.mail.odd", Max: 10, Window: time.Hour, Key: "cases.error.often"} // that a machine may have sent
)

// askSentPage says that a mail is on its way: the same for any address.
type askSentPage struct {
	web.Page
	Lead, Hint string
}

// byMail takes what somebody without an account asks, until they confirm their address:
// nothing happens before. The answer is the same whether the address is known or not, and
// for a machine, which gets no mail.
func (cs *Cases) byMail(w http.ResponseWriter, r *http.Request) error {
	form, was, fresh, err := cs.typed(w, r)
	if form == nil {
		return err
	}
	if err == nil {
		err = was.Form.Check()
	}
	email, key, ok := account.FoldEmail(was.Email)
	if err == nil && !ok {
		err = &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: []plaza.FieldError{{Field: "correo", Key: "cases.error.email"}}}
	}
	if err != nil {
		return cs.again(w, r, was, err)
	}
	if !was.toldDate() {
		return cs.tell(w, r, was)
	}
	l := cs.shell.Printer(r)
	waits := false
	err = cs.DB.Write(r.Context(), func(tx *db.Tx) error {
		waits = false
		if err := access.Check(plaza.ActorFrom(r.Context()), access.CaseAskByMail, access.Object{Kind: RefKind}); err != nil {
			return err
		}
		network := gate.Network(cs.shell.ClientIP(r))
		for _, one := range []struct {
			l       gate.Limit
			subject string
		}{{perMailNetwork, network}, {perMailAddress, key}} {
			if err := cs.Gate.Brake(tx, one.l, one.subject); err != nil {
				return err
			}
		}
		signals, err := cs.Gate.Judge(tx, form, askPurpose)
		if err != nil || slices.Contains(signals, gate.Trapped) {
			return err
		}
		if len(signals) > 0 {
			if err := cs.Gate.Brake(tx, oddMail, network); err != nil {
				return err
			}
		}
		waits, err = cs.await(tx, was, email, key, l.Lang(), signals)
		return err
	})
	if err != nil {
		return cs.again(w, r, was, err)
	}
	if !waits {
		cs.Drop(r.Context(), fresh)
	}
	page := &askSentPage{Page: cs.shell.Page(r, l.T("cases.ask.sent.title")), Lead: l.T("cases.ask.sent.text"), Hint: l.T("cases.ask.sent.hint")}
	if cs.Mail != nil && !cs.Mail.Configured() {
		page.Lead, page.Hint = l.T("cases.ask.sent.kept"), ""
	}
	page.NoIndex = true
	return cs.shell.Render(w, r, http.StatusOK, "ask/sent", page)
}

// await keeps what is asked until its address is confirmed, and mails the link. The same
// form sent again waits once: false says that it does already.
func (cs *Cases) await(tx *db.Tx, was asking, email, key, language string, signals []gate.Signal) (bool, error) {
	if err := cs.chosenBody(tx, &was); err != nil {
		return false, err
	}
	if _, err := cs.About(tx, &was.Form); err != nil {
		return false, err
	}
	if err := privacy.Consent(tx, privacy.Who{Address: cs.sealOf("consent", key)}, askMailPoint); err != nil {
		return false, err
	}
	contact, err := contactFor(tx, email, key, language)
	if err != nil {
		return false, err
	}
	p := pending{ID: was.Draft, Contact: contact, Form: was.Form, Files: was.Files, Signals: signals}
	if p.ID == "" {
		p.ID = cs.pendingIDOf(contact, was.Form)
		if _, err := pendingByID(tx, p.ID); plaza.KindOf(err) != plaza.NotFound {
			return false, err // it waits, or has become a case
		}
	}
	if p, err = putPending(tx, p); err != nil {
		return false, err
	}
	return true, cs.postConfirm(tx, email, language, p)
}

// askConfirmPage is a button: mail scanners open links too.
type askConfirmPage struct {
	web.Page
	Lead    string
	Promise string
	Note    string
	Action  string
}

// waiting is what a link to confirm was mailed for.
func (cs *Cases) waiting(tx *db.Tx, r *http.Request) (pending, error) {
	ids, err := cs.opened(r.PathValue("token"), toConfirmCase, 1)
	if err != nil {
		return pending{}, err
	}
	return pendingByID(tx, ids[0])
}

func (cs *Cases) showConfirm(w http.ResponseWriter, r *http.Request) error {
	l := cs.shell.Printer(r)
	page := &askConfirmPage{Page: cs.shell.Page(r, l.T("cases.ask.confirm.title")), Action: confirmPath + r.PathValue("token")}
	page.NoIndex = true
	done := false
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, err := cs.waiting(tx, r)
		if err != nil {
			return err
		}
		if done = p.Case != ""; done {
			page.Lead = l.T("cases.ask.confirm.done")
			return nil
		}
		if _, err := cs.About(tx, &p.Form); err != nil {
			return err
		}
		page.Lead = l.T("cases.ask.confirm.text", "title", p.Form.Title)
		promise, err := cs.promised(tx, p.Form.Kind, p.Form.Institution)
		page.Promise, page.Note = promise.words(l)
		return err
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "ask/confirm", page)
}

// confirm asks what waited: the day on which it is confirmed is its day zero. Who
// confirms twice comes to the same case.
func (cs *Cases) confirm(w http.ResponseWriter, r *http.Request) error {
	var c Case
	err := cs.DB.Write(r.Context(), func(tx *db.Tx) error {
		p, err := cs.waiting(tx, r)
		if err != nil {
			return err
		}
		if p.Case != "" {
			c, err = ByID(tx, p.Case)
			return err
		}
		if _, err := cs.About(tx, &p.Form); err != nil {
			return err
		}
		if err := confirmContact(tx, p.Contact); err != nil {
			return err
		}
		f := p.Form
		f.Stored = func(tx *db.Tx, c Case) error { return cs.take(tx, p, c) }
		c, err = cs.Ask(tx, f, Asker{Contact: p.Contact}, From{Signals: p.Signals, Network: gate.Network(cs.shell.ClientIP(r))})
		return err
	})
	if err != nil {
		return err
	}
	if c.Asker.Contact != "" { // not forgotten meanwhile
		cs.remember(w, r, c.Asker.Contact, c)
	}
	http.Redirect(w, r, c.OwnPage()+"?hecho=enviada", http.StatusSeeOther)
	return nil
}

// forgetPage asks whether somebody wants their address forgotten.
type forgetPage struct {
	web.Page
	Done   bool
	Action string
}

func (cs *Cases) showForget(w http.ResponseWriter, r *http.Request) error {
	if _, err := cs.opened(r.PathValue("token"), toForget, 1); err != nil {
		return err
	}
	page := &forgetPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("cases.ask.forget.title")), Action: forgetPath + r.PathValue("token")}
	page.NoIndex = true
	return cs.shell.Render(w, r, http.StatusOK, "ask/forget", page)
}

// forget takes somebody without an account out of what they asked: what was public stays,
// without their name, and their address goes.
func (cs *Cases) forget(w http.ResponseWriter, r *http.Request) error {
	ids, err := cs.opened(r.PathValue("token"), toForget, 1)
	if err != nil {
		return err
	}
	if err := cs.DB.Write(r.Context(), func(tx *db.Tx) error { return forgetContact(tx, ids[0]) }); err != nil {
		return err
	}
	page := &forgetPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("cases.ask.forget.done")), Done: true}
	page.NoIndex = true
	return cs.shell.Render(w, r, http.StatusOK, "ask/forget", page)
}
