package account

import (
	"encoding/json"
	"net/http"
	"time"
)

// note is a sealed cookie: what a browser carries for a few minutes between two pages,
// and can neither read nor change nor keep alive.
type note struct {
	name string
	life time.Duration
}

type noteBody struct {
	Until int64           `json:"u"` // Unix milliseconds by Plaza's clock
	Value json.RawMessage `json:"v"`
}

// cookieName has the prefix that binds a cookie to this host, where there is TLS.
func (a *Accounts) cookieName(n note) string {
	if a.secure {
		return "__Host-" + n.name
	}
	return n.name
}

// write gives the browser a note; nil takes it away.
func (a *Accounts) write(w http.ResponseWriter, n note, v any) {
	c := &http.Cookie{Name: a.cookieName(n), Path: "/", HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode}
	if v == nil {
		c.MaxAge = -1
		http.SetCookie(w, c)
		return
	}
	value, err := json.Marshal(v)
	if err == nil {
		value, err = json.Marshal(noteBody{a.db.Now().Add(n.life).UnixMilli(), value})
	}
	if err != nil {
		panic("account: a note that is no JSON: " + err.Error()) // its types are this package's
	}
	c.Value, c.MaxAge = a.seals.Seal("note:"+n.name, value), int(n.life.Seconds())
	http.SetCookie(w, c)
}

// read reports whether the browser carries the note and reads it into v.
func (a *Accounts) read(r *http.Request, n note, v any) bool {
	c, err := r.Cookie(a.cookieName(n))
	if err != nil {
		return false
	}
	raw, ok := a.seals.Open("note:"+n.name, c.Value)
	var body noteBody
	return ok && json.Unmarshal(raw, &body) == nil && a.db.Now().Before(time.UnixMilli(body.Until)) &&
		json.Unmarshal(body.Value, v) == nil
}
