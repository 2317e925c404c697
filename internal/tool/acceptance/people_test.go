//go:build acceptance

package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/mail/mailtest"
)

// How hard people are tried: so often the server is killed, while so many speak whose
// comments are public, and one whose comments wait. crowd follow in the app alone.
const (
	peopleKills = 14
	speakers    = 4
	mailed      = 6
	crowd       = 100
)

// town is an installation with people, whose clock jumps ahead at each start: past every
// lease and brake, so that nobody has to wait for them.
type town struct {
	*installation
	now     time.Time
	mails   *mailtest.Server
	dataset string
}

// env is the town's clock and mail server, for the installation's commands.
func (w *town) env() []string {
	return []string{"PLAZA_NOW=" + w.now.Format(time.RFC3339), "PLAZA_SMTP=" + w.mails.URL("tls", "none")}
}

// say is something that somebody wants to say. The key is sent again with it until the
// server has answered.
type say struct {
	Text, Key string
	ID        string // once it was acknowledged
}

// call asks the interface for something; a server that was killed is status 0.
func (w *town) call(token, method, path string, in any, key string, out any) int {
	raw, err := json.Marshal(in)
	if err != nil {
		w.t.Error(err)
		return 0
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+w.addr+path, bytes.NewReader(raw))
	if err != nil {
		w.t.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return 0 // half an answer is none
	}
	return res.StatusCode
}

// speak says things until the server is gone or the list ends; what was acknowledged
// gets its id.
func (w *town) speak(token string, list []*say, status int) {
	for _, s := range list {
		var made struct{ ID string }
		switch got := w.call(token, http.MethodPost, "/api/v1/comments", map[string]string{"object": "dataset:" + w.dataset, "text": s.Text}, s.Key, &made); got {
		case status:
			s.ID = made.ID
		case 0, http.StatusServiceUnavailable:
			return
		default:
			w.t.Errorf("%s: status %d, want %d", s.Text, got, status)
			return
		}
	}
}

// token is one of a person's, made with the command line.
func (w *town) token(email, scope string) string {
	return w.must("token", "create", "--user", email, "--scope", scope, "--name", "prueba")
}

// settle makes the town: a dataset, whoever speaks, whoever listens.
func settle(t *testing.T) (w *town, tokens []string, fresh string) {
	t.Helper()
	w = &town{installation: install(t, t.TempDir()), now: time.Now().UTC().Add(time.Hour), mails: mailtest.Start(t, mailtest.Options{Plain: true})}
	w.extra = w.env
	w.must("harvest", "run", w.must("harvest", "add", "--kind", "ckan", "--url", catalogue(t, 1)), "--wait")
	w.dataset = w.rows(`SELECT id FROM datasets`)[0]
	for i := range speakers {
		email := fmt.Sprintf("modera%d@ejemplo.mx", i)
		w.must("user", "add", email, "--name", fmt.Sprintf("Persona %d", i))
		w.must("user", "grant", email, "moderator")
		tokens = append(tokens, w.token(email, "comment"))
	}
	w.must("user", "add", "nueva@ejemplo.mx", "--name", "Persona Nueva")
	fresh = w.token("nueva@ejemplo.mx", "comment")
	var readers []string
	for i := range mailed {
		email := fmt.Sprintf("sigue%d@ejemplo.mx", i)
		w.must("user", "add", email, "--name", fmt.Sprintf("Lectora %d", i))
		readers = append(readers, w.token(email, "follow"))
	}
	stop := w.serve()
	defer stop()
	for _, token := range readers {
		var made struct{ ID string }
		if got := w.call(token, http.MethodPut, "/api/v1/me/follows",
			map[string]any{"object": "dataset:" + w.dataset, "often": "now", "in_app": true, "by_mail": true}, "", &made); got != http.StatusOK {
			t.Fatalf("following: %d", got)
		}
	}
	return w, tokens, fresh
}

// fill makes a crowd follow the dataset in the app.
func (w *town) fill(n int) {
	w.t.Helper()
	d, err := db.Open(w.t.Context(), "sqlite:"+filepath.Join(w.dir, "plaza.db"), db.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(w.t.Context(), func(tx *db.Tx) error {
		for range n {
			if _, err := tx.Exec(`INSERT INTO follows
				(id, object_kind, object_id, recipient, often, in_app, by_mail, since_seq, created_at, confirmed_at)
				SELECT $1, 'dataset', $2, $3, 'now', TRUE, FALSE, seq, $4, $5 FROM record_head WHERE id = 1`, tx.ID(), w.dataset, tx.ID(), tx.Now, tx.Now); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

// round lets everybody speak until the server is killed at some moment.
func (w *town) round(n int, tokens []string, fresh string, told [][]*say, held *[]*say) {
	w.now = w.now.Add(2 * time.Hour)
	stop := w.serve()
	var speaking sync.WaitGroup
	for i, token := range tokens {
		list := unanswered(told[i])
		for k := range 4 - len(list) {
			list = append(list, &say{Text: fmt.Sprintf("dicho %d-%d-%d sin más", n, i, k), Key: fmt.Sprintf("%d-%d-%d", n, i, k)})
			told[i] = append(told[i], list[len(list)-1])
		}
		speaking.Go(func() { w.speak(token, list, http.StatusCreated) })
	}
	*held = append(*held, &say{Text: fmt.Sprintf("espera %d sin más", n), Key: fmt.Sprintf("espera-%d", n)})
	waiting := unanswered(*held)
	speaking.Go(func() { w.speak(fresh, waiting, http.StatusAccepted) })
	time.Sleep(time.Duration(100+rand.IntN(2400)) * time.Millisecond)
	stop()
	speaking.Wait()
}

func unanswered(list []*say) (out []*say) {
	for _, s := range list {
		if s.ID == "" {
			out = append(out, s)
		}
	}
	return out
}

func TestAServerKilledWhilePeopleSpeakLosesAndDoublesNothing(t *testing.T) {
	w, tokens, fresh := settle(t)
	w.fill(crowd)
	told, held := make([][]*say, speakers), []*say(nil)
	w.now = w.now.Add(48 * time.Hour) // nobody came today
	for n := range peopleKills {
		w.round(n, tokens, fresh, told, &held)
		w.sound()
		if t.Failed() {
			t.Fatalf("after kill %d", n+1)
		}
	}
	w.now = w.now.Add(2 * time.Hour)
	stop := w.serve()
	for i, token := range tokens {
		w.speak(token, unanswered(told[i]), http.StatusCreated)
	}
	w.speak(fresh, unanswered(held), http.StatusAccepted)
	w.quiet()
	stop()
	w.sound()
	w.kept(told, held)
	w.heard(told, held)
}

// quiet waits until everybody has been told, and every mail was taken by the server.
func (w *town) quiet() {
	w.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	late := time.After(3 * time.Minute)
	for {
		left := w.rows(`SELECT 'entry' FROM record_head h WHERE h.seq > COALESCE((SELECT seq FROM record_positions WHERE name = 'notices'), 0)
			UNION ALL SELECT 'notice' FROM notices WHERE mail <> ''
			UNION ALL SELECT 'mail' FROM outbox WHERE state = 'waiting'`)
		if len(left) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			w.t.Fatalf("after 3 minutes there wait still: %v", left[:min(len(left), 20)])
		}
	}
}

// kept checks that everything that was said is there once, public or held.
func (w *town) kept(told [][]*say, held []*say) {
	w.t.Helper()
	stored := map[string][]string{}
	for _, row := range w.rows(`SELECT body || '|' || id || '|' || state FROM comments`) {
		body, rest, _ := strings.Cut(row, "|")
		stored[body] = append(stored[body], rest)
	}
	n := 0
	check := func(s *say, state string) {
		n++
		if got := stored[s.Text]; s.ID == "" || len(got) != 1 || got[0] != s.ID+"|"+state {
			w.t.Errorf("%q, acknowledged as %q, is stored as %v", s.Text, s.ID, got)
		}
	}
	for _, list := range told {
		for _, s := range list {
			check(s, "public")
		}
	}
	for _, s := range held {
		check(s, "held")
	}
	if len(stored) != n {
		w.t.Errorf("%d comments are stored, %d were said", len(stored), n)
	}
	w.t.Logf("%d comments over %d kills, %d of them held", n, peopleKills, len(held))
}

// others is how a mail says how many things it does not list.
var others = regexp.MustCompile(`(?m)^Y (una|[0-9,]+) más`)

// unlisted is how many things a mail tells without listing them.
func unlisted(text string) int {
	m := others.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	if m[1] == "una" {
		return 1
	}
	n, _ := strconv.Atoi(strings.ReplaceAll(m[1], ",", "")) // digits by the pattern
	return n
}

// heard checks that each follower was told of each public comment once, that each notice
// that was to be mailed was, and that nobody heard of what is held.
func (w *town) heard(told [][]*say, held []*say) {
	w.t.Helper()
	if w.t.Failed() {
		return
	}
	public := 0
	for _, list := range told {
		public += len(list)
	}
	const entry = `SELECT COUNT(*) || '' FROM record_entries e WHERE e.verb = 'comment.published'`
	if got := w.rows(entry)[0]; got != fmt.Sprint(public) {
		w.t.Errorf("%s entries for %d public comments", got, public)
	}
	for _, wrong := range w.rows(`SELECT f.recipient || ': ' || COUNT(n.seq)
		FROM follows f LEFT JOIN (notices n JOIN record_entries e ON e.seq = n.seq AND e.verb = 'comment.published') ON n.recipient = f.recipient
		GROUP BY f.recipient
		HAVING COUNT(n.seq) <> ` + fmt.Sprint(public) + ` OR COUNT(DISTINCT n.seq) <> ` + fmt.Sprint(public)) {
		w.t.Errorf("a follower has notices %s, want %d", wrong, public)
	}
	w.t.Logf("and of the dataset itself: %v", w.rows(`SELECT DISTINCT e.verb FROM notices n JOIN record_entries e ON e.seq = n.seq AND e.verb <> 'comment.published'`))
	posted := w.rows(`SELECT id FROM outbox WHERE kind = 'notify.now'`)
	messages := map[string]mailtest.Message{}
	arrived := w.mails.Messages()
	for _, m := range arrived {
		id, _, _ := strings.Cut(strings.Trim(m.Header.Get("Message-Id"), "<>"), "@")
		if slices.Contains(posted, id) { // and no mail of another kind
			messages[id] = m
		}
	}
	if states := w.rows(`SELECT state FROM outbox WHERE kind = 'notify.now' AND state <> 'sent'`); len(states) > 0 {
		w.t.Errorf("mails that were not sent: %v", states)
	}
	of := map[string]int{} // how often each reader was mailed of each comment
	more := 0
	for id, m := range messages {
		more += unlisted(m.Text)
		for _, list := range told {
			for _, s := range list {
				if n := strings.Count(m.Text, s.ID); n > 0 {
					of[m.To[0]+" "+s.ID] += n
				}
			}
		}
		for _, s := range held {
			if strings.Contains(string(m.Raw), s.ID) || strings.Contains(m.Text, s.Text) {
				w.t.Errorf("the mail %s tells of what is held", id)
			}
		}
	}
	w.t.Logf("%d mails written, %d arrived, %d different, %d comments told in them", len(posted), len(arrived), len(messages), len(of))
	if len(messages) != len(posted) {
		w.t.Errorf("%d mails arrived, each counted once, and %d were written", len(messages), len(posted))
	}
	if len(of)+more != mailed*public {
		w.t.Errorf("%d notices were mailed and %d counted, want %d for each of %d readers", len(of), more, public, mailed)
	}
	for what, n := range of {
		if n != 1 {
			w.t.Errorf("mailed %d times: %s", n, what)
		}
	}
	if len(w.rows(`SELECT CAST(n.seq AS TEXT) FROM notices n JOIN record_entries e ON e.seq = n.seq
		JOIN comments c ON c.state = 'held' AND e.object_id = c.id`)) > 0 {
		w.t.Error("somebody was told of what is held")
	}
}
