package cases

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/secret"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

// What a link's token is for; a token for one is nothing for another.
const (
	toConfirmCase = "c" // what waits, by its id
	toOwnCase     = "m" // a case of a contact, by both ids
	toForget      = "f" // the address of a contact, by its id
)

// contactCookie is what a browser holds after the link in a mail was opened, for that
// case's page alone and for contactLife.
const (
	contactCookie = "consulta_mia"
	contactLife   = 2 * time.Hour
)

// token seals ids for a purpose. It has no end: the answer to a case may be read years
// later.
func (cs *Cases) token(purpose string, ids ...string) string {
	var raw []byte
	for _, id := range ids {
		part, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
		if err != nil || len(part) != 16 {
			part = make([]byte, 16) // no id of ours: a token that opens nothing
		}
		raw = append(raw, part...)
	}
	return purpose + base64.RawURLEncoding.EncodeToString(raw) + "." + cs.sealOf(purpose, ids...)
}

func (cs *Cases) sealOf(purpose string, ids ...string) string {
	return base64.RawURLEncoding.EncodeToString(secret.Sum(cs.Key, append([]string{"case", purpose}, ids...)...)[:16])
}

var errDeadLink error = plaza.E(plaza.NotFound, "cases.error.link")

// opened returns the n ids that a token was made for; NotFound when it is none of ours.
func (cs *Cases) opened(token, purpose string, n int) ([]string, error) {
	if len(token) > 150 || !strings.HasPrefix(token, purpose) {
		return nil, errDeadLink
	}
	body, seal, ok := strings.Cut(token[len(purpose):], ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || !ok || len(raw) != 16*n {
		return nil, errDeadLink
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = idOf(raw[16*i : 16*i+16])
	}
	if !hmac.Equal([]byte(seal), []byte(cs.sealOf(purpose, ids...))) {
		return nil, errDeadLink
	}
	return ids, nil
}

// OwnPath is the link by which somebody without an account comes to a case that they
// asked: for mails to them alone.
func (cs *Cases) OwnPath(c Case) string {
	return ownLinkPath + cs.token(toOwnCase, c.Asker.Contact, c.ID)
}

// remember lets a browser act for a contact in one case for a while.
func (cs *Cases) remember(w http.ResponseWriter, r *http.Request, contact string, c Case) {
	until := strconv.FormatInt(cs.DB.Now().Add(contactLife).Unix(), 36)
	http.SetCookie(w, &http.Cookie{Name: contactCookie, Path: c.Path(), MaxAge: int(contactLife.Seconds()), HttpOnly: true,
		Secure: cs.shell.Secure(r), SameSite: http.SameSiteLaxMode,
		Value: contact + "." + until + "." + cs.sealOf("cookie", contact, c.ID, until)})
}

// Contact is somebody without an account who came to a case by the link that was mailed
// to them, as an asker; the zero Asker for anybody else. Give it to Can and to the acts
// of the asker where By says nothing.
func (cs *Cases) Contact(r *http.Request, c Case) Asker {
	if c.Asker.Contact == "" {
		return Asker{}
	}
	for _, cookie := range r.CookiesNamed(contactCookie) {
		parts := strings.Split(cookie.Value, ".")
		if len(parts) != 3 || parts[0] != c.Asker.Contact || !hmac.Equal([]byte(parts[2]), []byte(cs.sealOf("cookie", parts[0], c.ID, parts[1]))) {
			continue
		}
		if until, err := strconv.ParseInt(parts[1], 36, 64); err == nil && cs.DB.Now().Before(time.Unix(until, 0)) {
			return Asker{Contact: parts[0]}
		}
	}
	return Asker{}
}

// openOwn is where the link in a mail leads: to the case, where its asker can act now.
func (cs *Cases) openOwn(w http.ResponseWriter, r *http.Request) error {
	ids, err := cs.opened(r.PathValue("token"), toOwnCase, 2)
	if err != nil {
		return err
	}
	var c Case
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		c, err = ByID(tx, ids[1])
		return err
	}); err != nil {
		return err
	}
	if c.Asker.Contact != ids[0] { // they asked to be forgotten: the page is everybody's
		if !c.Public() {
			return errDeadLink
		}
	} else {
		cs.remember(w, r, ids[0], c)
	}
	http.Redirect(w, r, c.OwnPage(), http.StatusSeeOther)
	return nil
}

// OwnPage is the page of a case for its asker: while it is not public, its
// acknowledgement.
func (c Case) OwnPage() string {
	if c.Public() {
		return c.Path()
	}
	return acusePath(c)
}

// contactFor is the id of somebody with an address, made when there is none yet.
func contactFor(tx *db.Tx, email, key, language string) (id string, err error) {
	if language != i18n.English {
		language = i18n.Spanish
	}
	err = tx.Row(`INSERT INTO case_contacts (id, email, email_key, language, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (email_key) DO UPDATE SET language = excluded.language
		RETURNING id`, tx.ID(), email, key, language, tx.Now).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("noting who asks: %w", err)
	}
	return id, nil
}

// confirmContact notes that whoever reads an address has said so.
func confirmContact(tx *db.Tx, id string) error {
	_, err := tx.Exec(`UPDATE case_contacts SET confirmed_at = $1 WHERE id = $2 AND confirmed_at IS NULL`, tx.Now, id)
	return err
}

// contactReach is how contacts are reached, by id; those who are gone are left out.
func contactReach(tx *db.Tx, ids ...string) (map[string]account.Reach, error) {
	out := map[string]account.Reach{}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var r account.Reach
		err := scan(&r.ID, &r.Email, &r.Language)
		out[r.ID] = r
		return struct{}{}, err
	}, `SELECT id, email, language FROM case_contacts WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	return out, err
}
