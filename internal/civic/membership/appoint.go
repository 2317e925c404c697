package membership

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"image"
	_ "image/jpeg" // what a letter may be
	_ "image/png"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// letterTypes are the kinds of file that a letter may be, and how their names end.
var letterTypes = map[string][]string{
	"application/pdf": {".pdf"},
	"image/png":       {".png"},
	"image/jpeg":      {".jpg", ".jpeg"},
}

// saltSize is how many bytes of chance stand before a letter in the file store. They
// make its key its own: nobody can tell by the key whether a letter is there, and
// taking one away takes no other part's file along that has the same content.
const saltSize = 16

// letterType is what a file is by its content; "" when it is nothing that a letter may
// be, or something else than its name says.
func letterType(name string, body []byte) string {
	kind, _, _ := strings.Cut(http.DetectContentType(body), ";")
	if !slices.Contains(letterTypes[kind], strings.ToLower(path.Ext(name))) {
		return ""
	}
	if kind == "application/pdf" {
		if tail := body[max(0, len(body)-2048):]; !bytes.Contains(tail, []byte("%%EOF")) {
			return ""
		}
		return kind
	}
	if _, format, err := image.DecodeConfig(bytes.NewReader(body)); err != nil || "image/"+format != kind {
		return ""
	}
	return kind
}

// Appointment makes somebody the liaison of an institution.
type Appointment struct {
	Institution string
	Email       string
	Unit        string
	From        time.Time // inclusive; zero: from now
	Until       time.Time // exclusive; zero: without end
	Number      string    // of the letter
	Dated       string    // its date, 2026-11-27
	FileName    string    // what the sender calls it
	File        []byte
}

func (a *Appointment) check(now time.Time) (kind string, wrong plaza.Mistakes) {
	var ok bool
	a.Number, ok = line(a.Number, maxNumber)
	wrong.Hold(ok && a.Number != "", "number", "membership.error.number", nil)
	dated, err := time.Parse(time.DateOnly, a.Dated)
	wrong.Hold(err == nil && dated.Year() >= 2000 && dated.Before(now.Add(36*time.Hour)), "dated", "membership.error.dated", nil)
	kind = letterType(a.FileName, a.File)
	switch {
	case len(a.File) == 0:
		wrong.Hold(false, "file", "membership.error.no_file", nil)
	case len(a.File) > MaxLetter:
		wrong.Hold(false, "file", "membership.error.file_large", map[string]any{"megabytes": MaxLetter >> 20})
	default:
		wrong.Hold(kind != "", "file", "membership.error.file", nil)
	}
	wrong.Hold(account.EmailKey(a.Email) != "", "email", "account.error.email", nil)
	checkPeriod(now, a.From, a.Until, &wrong)
	return kind, wrong
}

// Appoint makes somebody the liaison of an institution: at once when the address has an
// account, else when its holder takes the invitation that is mailed. It keeps the
// letter. What is wrong is Invalid, at its field. It runs a transaction of its own.
func (m *Members) Appoint(ctx context.Context, a Appointment) (invited bool, err error) {
	on := access.Object{Kind: KindInvitation, Institution: a.Institution}
	if err := access.Check(plaza.ActorFrom(ctx), access.LiaisonAppoint, on); err != nil {
		return false, err
	}
	kind, wrong := a.check(m.DB.Now())
	if err := m.DB.Read(ctx, func(tx *db.Tx) error { return checkUnit(tx, a.Institution, a.Unit, &wrong) }); err != nil {
		return false, err
	}
	if err := wrong.Err("web.error.invalid"); err != nil {
		return false, err
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	info, err := m.Blob.Put(ctx, bytes.NewReader(append(salt, a.File...)))
	if err != nil {
		return false, fmt.Errorf("keeping a letter: %w", err)
	}
	l := Letter{Institution: a.Institution, Number: a.Number, Dated: a.Dated, File: info.Key, MediaType: kind, Size: int64(len(a.File))}
	err = m.DB.Write(ctx, func(tx *db.Tx) (err error) {
		invited, err = m.appoint(tx, a, l)
		return err
	})
	if err != nil { // nobody knows of the file
		_ = m.Blob.Delete(context.WithoutCancel(ctx), info.Key) // the reason matters more
	}
	return invited, err
}

func (m *Members) appoint(tx *db.Tx, a Appointment, l Letter) (invited bool, err error) {
	if err := may(tx, access.LiaisonAppoint, KindInvitation, a.Institution, ""); err != nil {
		return false, err
	}
	if err := institution.CheckGoing(tx, a.Institution); err != nil {
		return false, err
	}
	p, err := account.ByEmail(tx, a.Email)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return false, err
	}
	l.ID, l.Person, l.CreatedAt = tx.ID(), p.ID, tx.Now
	if _, err := tx.Exec(`INSERT INTO letters (`+letterColumns+`) VALUES (`+db.Placeholders(1, 9)+`)`,
		l.ID, l.Institution, l.Person, l.Number, l.Dated, l.File, l.MediaType, l.Size, l.CreatedAt); err != nil {
		return false, fmt.Errorf("keeping a letter: %w", err)
	}
	if err := consent(tx, letterDatum); err != nil {
		return false, err
	}
	if p.ID == "" {
		_, err := m.offer(tx, Invitation{Institution: a.Institution, Email: strings.TrimSpace(a.Email), Roles: []plaza.Role{plaza.Liaison},
			Unit: a.Unit, From: a.From, Until: a.Until, Letter: l.ID}, nil)
		return true, err
	}
	act, err := account.GrantRoleIn(tx, p.ID, account.Grant{Role: plaza.Liaison, Institution: a.Institution, Unit: a.Unit, From: a.From, Until: a.Until})
	if err != nil {
		if plaza.KindOf(err) == plaza.Conflict {
			return false, at(plaza.Conflict, "email", "account.error.has_role")
		}
		return false, err
	}
	if err := m.noticeSoon(tx); err != nil {
		return false, err
	}
	return false, record.Append(tx, act)
}

const letterColumns = `id, institution_id, person_id, number, dated, file, media_type, size, created_at`

func scanLetter(scan func(...any) error) (l Letter, err error) {
	err = scan(&l.ID, &l.Institution, &l.Person, &l.Number, &l.Dated, &l.File, &l.MediaType, &l.Size, &l.CreatedAt)
	return l, err
}

// letters are an institution's, the newest first.
func letters(tx *db.Tx, body string) ([]Letter, error) {
	return db.All(tx, scanLetter, `SELECT `+letterColumns+`
		FROM letters
		WHERE institution_id = $1
		ORDER BY id DESC
		LIMIT 100`, body)
}

func letterByID(tx *db.Tx, body, id string) (Letter, error) {
	return scanLetter(tx.Row(`SELECT `+letterColumns+` FROM letters WHERE id = $1 AND institution_id = $2`, id, body).Scan)
}

// EndRole ends somebody's role at an institution now and appends to the record, so it
// is the last statement of its transaction. It takes effect with the holder's next
// request, also when no liaison remains. A role that has ended already is a Conflict.
func (m *Members) EndRole(tx *db.Tx, body, seat string) error {
	s, err := seatAt(tx, body, seat)
	if err != nil {
		return err
	}
	if err := may(tx, endAction(s.Role), "role", body, ""); err != nil {
		return err
	}
	return m.end(tx, s)
}

// endAction is what ending a role asks for.
func endAction(role plaza.Role) access.Action {
	if role == plaza.Liaison {
		return access.LiaisonAppoint
	}
	return access.RoleEnd
}

// Leave ends the actor's own role at an institution, as EndRole does.
func (m *Members) Leave(tx *db.Tx, body, seat string) error {
	s, err := seatAt(tx, body, seat)
	if err != nil {
		return err
	}
	if err := may(tx, access.MemberWithdraw, "role", body, s.Person); err != nil {
		return err
	}
	return m.end(tx, s)
}

func (m *Members) end(tx *db.Tx, s account.Seat) error {
	act, err := account.EndSeat(tx, s)
	if err != nil {
		return err
	}
	if err := m.noticeSoon(tx); err != nil {
		return err
	}
	return record.Append(tx, act)
}

func seatAt(tx *db.Tx, body, id string) (account.Seat, error) {
	s, err := account.SeatByID(tx, id)
	if err == nil && s.Institution != body {
		err = plaza.E(plaza.NotFound, "web.error.not_found")
	}
	return s, err
}

// noticeSoon has the record told soon whether the institutions have liaisons.
func (m *Members) noticeSoon(tx *db.Tx) error {
	_, _, err := job.Enqueue(tx, NoticeStaffing{}, job.Options{Unique: NoticeStaffing{}.Kind()})
	return err
}
