package follow_test

import (
	"net/http"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// saying makes every comment of a world say something, as long as words is not "".
func (w *world) saying(words *string) {
	w.follow.Details = []record.Details{func(_ *db.Tx, _ *i18n.Printer, entries []record.Entry) (map[int64]record.Detail, error) {
		out := map[int64]record.Detail{}
		for _, e := range entries {
			if e.Verb == "comment.published" && *words != "" {
				out[e.Seq] = record.Detail{Quote: &record.Quote{By: "Secretaría de Salud", Official: "Enlace · Urgencias", Text: *words}}
			}
		}
		return out, nil
	}}
}

func TestANoticeQuotesWhatWasSaidInTheAppAndInMails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		words, seen := "Ya <están> los datos.", 0
		w.saying(&words)
		w.follows("ana", health, atOnce)
		w.happens("comment.published", plaza.Ref{Kind: "comment", ID: "c"})
		w.work()
		mails := w.arrived(&seen)
		if len(mails) != 1 {
			t.Fatalf("%d mails, want one", len(mails))
		}
		for _, part := range []string{"Secretaría de Salud, voz oficial (Enlace · Urgencias), escribió:\n  > " + words, base + "/comment/c"} {
			if !strings.Contains(mails[0].Text, part) {
				t.Errorf("the text lacks %q:\n%s", part, mails[0].Text)
			}
		}
		for _, part := range []string{"Secretaría de Salud</strong>", "Voz oficial: Enlace · Urgencias", "Ya &lt;están&gt; los datos.", `href="` + base + `/comment/c"`} {
			if !strings.Contains(mails[0].HTML, part) {
				t.Errorf("the HTML lacks %q:\n%s", part, mails[0].HTML)
			}
		}
		page := w.as("ana", http.MethodGet, follow.NoticesPath, nil).Body.String()
		for _, part := range []string{"<bdi>Secretaría de Salud</bdi>", "Voz oficial: Enlace · Urgencias", "Ya &lt;están&gt; los datos."} {
			if !strings.Contains(page, part) {
				t.Errorf("the page lacks %q", part)
			}
		}
	})
}

func TestADigestQuotesOnlyWhatIsPublicWhenItIsWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		words, seen := "Ya están los datos.", 0
		w.saying(&words)
		w.follows("ana", health, daily)
		w.happens("comment.published", plaza.Ref{Kind: "comment", ID: "c"})
		w.work()
		words = "" // hidden meanwhile
		w.nextMorning()
		mails := w.arrived(&seen)
		if len(mails) != 1 || strings.Contains(mails[0].Text+mails[0].HTML, "datos.") || strings.Contains(mails[0].HTML, "blockquote") {
			t.Errorf("the digest has the words: %+v", mails)
		}
	})
}

func TestATitleFromElsewhereAddsNothingToAMail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		seen := 0
		inner := w.follow.Cards
		w.follow.Cards = func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
			out, err := inner(tx, refs)
			for ref, c := range out {
				c.Title = "Aire\n\n-- \nSu cuenta se cierra: \u202ehttps://malo.example\u2066"
				out[ref] = c
			}
			return out, err
		}
		w.follows("ana", air, atOnce)
		w.happens("dataset.absent", air)
		w.work()
		mails := w.arrived(&seen)
		if len(mails) != 1 {
			t.Fatalf("%d mails, want one", len(mails))
		}
		if m := mails[0]; !strings.Contains(m.Text, "Aire -- Su cuenta") || strings.ContainsAny(m.Text+m.HTML+m.Subject(), "\u202e\u2066") || strings.Count(m.Text, "\n-- \n") != 1 {
			t.Errorf("the mail is\n%s\n%s", m.Text, m.HTML)
		}
	})
}
