package comment

import (
	"html/template"
	"net/http"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// editPage is the form for a comment that is there already.
type editPage struct {
	web.Page
	Back    web.NavLink
	Notice  *web.Notice
	Current template.HTML // what it says by now, when somebody was faster
	Form    formView
}

// Errors is what is wrong with the form.
func (p editPage) Errors() web.ErrorSummary { return p.Form.Errors() }

func (cs *Comments) edit(w http.ResponseWriter, r *http.Request) error {
	return cs.drawEdit(w, r, http.StatusOK, nil, nil)
}

// drawEdit draws the form for an edit, with what was typed or, for nil, what the comment
// says. After a conflict both texts are there, and the next try is for the newer version.
func (cs *Comments) drawEdit(w http.ResponseWriter, r *http.Request, status int, was *typed, why *web.Notice) error {
	page := &editPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("comment.edit.title")), Notice: why}
	l := page.L
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, err := editable(tx, r.PathValue("comment"))
		if err != nil {
			return err
		}
		on, err := cs.objectOf(tx, c.On)
		if err != nil {
			return err
		}
		if was == nil {
			was = &typed{Text: c.Body}
		}
		if status == http.StatusConflict {
			page.Current = text.Markdown(c.Body)
		}
		page.Form = formView{L: l, Action: c.Path() + "/editar", Version: c.Version, Gate: cs.Gate.Fields(l, purpose, page.Now),
			Text: textField(l, l.T("comment.form.text"), l.T("comment.edit.hint"), *was), Save: l.T("comment.edit.save"), Privacy: privacy.Say(l, Point)}
		if was.Preview {
			page.Form.Preview = text.Markdown(text.Tidy(was.Text))
		}
		page.NoIndex = true
		page.Crumbs = []web.Crumb{{Title: on.Title, Path: on.Path}, {Title: l.T("comment.one"), Path: c.Path()}}
		page.Back = web.NavLink{Label: l.T("comment.edit.back"), Path: c.Path()}
		return nil
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, status, "comment/edit", page)
}

// save takes an edit, or draws its preview.
func (cs *Comments) save(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	was := &typed{Text: form.Value("texto")}
	if form.Value("hacer") == "vista" {
		was.Preview = true
		return cs.drawEdit(w, r, http.StatusOK, was, nil)
	}
	version, _ := strconv.Atoi(form.Value("version")) // 0 is no version, and a conflict
	var c Comment
	err = cs.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		from, err := cs.from(tx, r, form)
		if err != nil {
			return err
		}
		c, err = cs.Edit(tx, r.PathValue("comment"), was.Text, version, from)
		return err
	})
	if status, why := cs.refusal(w, r, err, was); status != 0 {
		return cs.drawEdit(w, r, status, was, why)
	}
	if err != nil {
		return err
	}
	to := c.Path()
	if c.Pending != "" {
		to = OwnPath + "?hecho=espera" + anchor(c.ID)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// removePage asks once more.
type removePage struct {
	web.Page
	Action string
	Back   string
	Line   line
	Waits  bool
}

func (cs *Comments) askRemove(w http.ResponseWriter, r *http.Request) error {
	page := &removePage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("comment.remove.title"))}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, err := own(tx, r.PathValue("comment"), access.CommentRemove)
		if err != nil {
			return err
		}
		if c.State != moderation.Public && c.State != moderation.Held {
			return plaza.E(plaza.Conflict, "comment.error.state")
		}
		t, err := cs.teller(tx, page.Page, []Comment{c})
		if err != nil {
			return err
		}
		page.Line = t.line(c)
		page.Line.Reply, page.Line.Edit, page.Line.Remove, page.Line.Report = "", "", "", ""
		page.NoIndex, page.Action, page.Back, page.Waits = true, c.Path()+"/retirar", c.Path(), c.State == moderation.Held
		return nil
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "comment/remove", page)
}

func (cs *Comments) remove(w http.ResponseWriter, r *http.Request) error {
	var c Comment
	if err := cs.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		c, err = cs.Remove(tx, r.PathValue("comment"))
		return err
	}); err != nil {
		return err
	}
	to := c.Path()
	if c.State == moderation.Held { // as it was until now
		to = OwnPath
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// OwnPath is where one reads what one wrote.
const OwnPath = "/mi/comentarios"

// ownPage is what the reader wrote, with what became of it.
type ownPage struct {
	web.Page
	Done  *web.Notice
	Items []ownLine
	Pager web.Pager
	Empty *web.Empty
}

// ownLine is a comment of the reader's.
type ownLine struct {
	line
	State   web.Badge
	Note    string
	On      string
	OnPath  string
	Pending template.HTML
}

func (cs *Comments) own(w http.ResponseWriter, r *http.Request) error {
	page := &ownPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("comment.own"))}
	l := page.L
	page.NoIndex, page.Pager.L = true, l
	if r.URL.Query().Get("hecho") == "espera" {
		page.Done = &web.Notice{Tone: web.Info, Title: l.T("comment.held"), Text: l.T("comment.held.text"), Live: true}
	}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		list, err := Of(tx, page.Actor.PersonID, web.QueryText(r, "desde", 40), shownMine+1)
		if err != nil {
			return err
		}
		if len(list) > shownMine {
			list = list[:shownMine]
			page.Pager.Next = OwnPath + "?desde=" + list[shownMine-1].ID
		}
		page.Items, err = cs.ownLines(tx, page.Page, list)
		return err
	}); err != nil {
		return err
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("comment.own.none"), Text: l.T("comment.own.none.text")}
	}
	return cs.shell.Render(w, r, http.StatusOK, "comment/own", page)
}

func (cs *Comments) ownLines(tx *db.Tx, page web.Page, list []Comment) ([]ownLine, error) {
	refs := make([]plaza.Ref, len(list))
	for i, c := range list {
		refs[i] = c.On
	}
	cards, err := cs.Cards(tx, refs)
	if err != nil {
		return nil, err
	}
	t, err := cs.teller(tx, page, list)
	if err != nil {
		return nil, err
	}
	out := make([]ownLine, len(list))
	for i, c := range list {
		state := c.State
		readable := c
		readable.State = moderation.Public // one's own words stay readable
		o := ownLine{line: t.line(readable), On: cards[c.On].Title, OnPath: cards[c.On].Path}
		o.Reply, o.Decision = "", t.decisions[c.Ref()]
		o.State = web.Badge{Tone: stateTones[state], Text: t.l.T("comment.state." + string(state))}
		if key := "comment.state." + string(state) + ".note"; t.l.Has(key) {
			o.Note = t.l.T(key)
		}
		if c.Pending != "" {
			o.Pending, o.Edit = text.Markdown(c.Pending), ""
		}
		if state != moderation.Public {
			o.Edit, o.Versions, o.Report = "", "", ""
		}
		if state != moderation.Public && state != moderation.Held {
			o.Remove = ""
		}
		out[i] = o
	}
	return out, nil
}

var stateTones = map[moderation.State]web.Tone{moderation.Public: web.Good, moderation.Held: web.Warning,
	moderation.Hidden: web.Bad, moderation.Refused: web.Bad}
