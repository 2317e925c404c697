package mine

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

// seatsPage lists where one is signed in.
type seatsPage struct {
	web.Page
	Done   *web.Notice
	Seats  []seat
	Others bool
}

// seat is a session in words.
type seat struct {
	ID, What            string
	Started, StartedISO string
	Seen, SeenISO       string
	Current             bool
}

func (p *Pages) seats(w http.ResponseWriter, r *http.Request) error {
	page := &seatsPage{Page: p.page(r, "mine.seats.title")}
	l := page.L
	var all []account.Session
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		all, err = p.Accounts.Sessions(tx, plaza.ActorFrom(tx.Context()).PersonID)
		return err
	}); err != nil {
		return err
	}
	page.Done = done(page.Page, r, "sesion", "sesiones")
	for _, s := range all {
		what := l.T("mine.device." + s.Device)
		if s.Browser != "" {
			what = l.T("mine.seat", "browser", s.Browser, "device", what)
		}
		page.Seats = append(page.Seats, seat{ID: s.ID, What: what, Current: s.Current,
			Started: l.DateTime(s.Started), StartedISO: l.ISO(s.Started), Seen: l.Ago(s.Seen, page.Now), SeenISO: l.ISO(s.Seen)})
		page.Others = page.Others || !s.Current
	}
	return p.shell.Render(w, r, http.StatusOK, "mine/seats", page)
}

// endSeat ends one session, or for "otras" all but this one.
func (p *Pages) endSeat(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	what := form.Value("sesion")
	if err := p.DB.Write(r.Context(), func(tx *db.Tx) error {
		if what == "otras" {
			return p.Accounts.EndOtherSessions(tx)
		}
		return p.Accounts.EndSession(tx, what)
	}); err != nil {
		return err
	}
	if what == "otras" {
		return p.see(w, r, seatsPath+"?hecho=sesiones")
	}
	return p.see(w, r, seatsPath+"?hecho=sesion")
}
