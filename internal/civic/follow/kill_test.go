package follow_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/mail"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// The environment by which this test's program knows that it is the process to be killed.
const (
	childDSN  = "PLAZA_TEST_FOLLOW_DSN"
	childSMTP = "PLAZA_TEST_FOLLOW_SMTP"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(childDSN); dsn != "" {
		if err := childTells(dsn, os.Getenv(childSMTP)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// childTells writes to the record without end, and tells and mails meanwhile. It prints
// the number of each entry once that is committed.
func childTells(dsn, smtp string) error {
	ctx := plaza.WithActor(context.Background(), plaza.SystemActor)
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		return err
	}
	sender, err := mail.Open(smtp)
	if err != nil {
		return err
	}
	key := []byte("una clave de prueba, de 32 bytes")
	bundle, err := i18n.New(access.Locale, account.Locale, follow.Locale, gate.Locale, privacy.Locale, record.Locale)
	if err != nil {
		return err
	}
	s := follow.New(follow.Config{DB: d, Key: key, BaseURL: base, Bundle: bundle, Gate: gate.New(key), Cards: cards, Log: slog.New(slog.DiscardHandler)})
	r := job.NewRunner(d, job.Config{Log: slog.New(slog.DiscardHandler), Lease: time.Second,
		Queues: map[string]int{follow.Queue: 1, outbox.Queue: 1}})
	s.Work(r)
	outbox.New(d, sender).Work(r)
	go r.Run(ctx)
	go s.Run(ctx)
	for {
		var seq int64
		if err := d.Write(ctx, func(tx *db.Tx) error {
			if err := record.Append(tx, record.Act{Verb: "dataset.returned", Object: air}); err != nil {
				return err
			}
			var err error
			seq, err = record.Position(tx)
			return err
		}); err != nil {
			return err
		}
		fmt.Println(seq)
	}
}

// kills is how often the process is killed; crowd is how many are told in several pieces.
const (
	kills = 12
	crowd = 250
)

func TestAfterKillsEachAcknowledgedEntryIsToldOnceAndEachMailArrives(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgresql"} {
		if engine == "postgresql" && os.Getenv(dbtest.Server) == "" || os.Getenv(dbtest.Engines) == "postgresql" && engine == "sqlite" {
			continue
		}
		t.Run(engine, func(t *testing.T) {
			dsn := "sqlite:" + filepath.Join(t.TempDir(), "plaza.db")
			if engine == "postgresql" {
				dsn = dbtest.PostgreSQLDSN(t)
			}
			killed(t, dsn)
		})
	}
}

func killed(t *testing.T, dsn string) {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := mailtest.Start(t, mailtest.Options{Plain: true})
	w := newWorld(t, d, server.URL("tls", "none"))
	followers := []string{"ana", "beto", "caro", "dora", "ema", "fe", "gil"}
	for _, name := range followers {
		w.follows(name, air, atOnce)
	}
	w.write(plaza.SystemActor, func(tx *db.Tx) error { return follow.Crowd(tx, air, crowd) }) // several pieces each
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []int64
	for range kills {
		acknowledged = append(acknowledged, killedOnce(t, dsn, server.URL("tls", "none"))...)
	}
	if len(acknowledged) < kills {
		t.Fatalf("only %d entries were acknowledged", len(acknowledged))
	}
	end(t, dsn, server, acknowledged, len(followers))
}

// killedOnce runs the process until it has acknowledged some entries, kills it with no
// warning and returns those entries.
func killedOnce(t *testing.T, dsn, smtp string) (acknowledged []int64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), childDSN+"="+dsn, childSMTP+"="+smtp)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	after := 1 + rand.IntN(8)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		seq, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			t.Fatalf("the process says %q", lines.Text())
		}
		if acknowledged = append(acknowledged, seq); len(acknowledged) == after {
			_ = c.Process.Kill() // what it says until it is dead is read too
		}
	}
	_ = c.Wait() // killed on purpose
	return acknowledged
}

// end lets everything be told and mailed that is still to be, and counts.
func end(t *testing.T, dsn string, server *mailtest.Server, acknowledged []int64, mailed int) {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, db.Options{Clock: db.FrozenAt(time.Now().Add(10 * time.Minute))}) // past every lease
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	w := newWorld(t, d, server.URL("tls", "none"))
	w.work()
	w.db.Clock().Advance(10 * time.Minute)
	w.work()
	n := mailed + crowd
	entries := w.count(`SELECT COUNT(*) FROM record_entries WHERE verb = 'dataset.returned'`)
	if entries < len(acknowledged) {
		t.Errorf("%d entries of %d acknowledged", entries, len(acknowledged))
	}
	if got := w.count(`SELECT COUNT(*) FROM notices`); got != entries*n {
		t.Errorf("%d notices, want %d of each of %d entries", got, n, entries)
	}
	for _, seq := range acknowledged {
		if got := w.count(`SELECT COUNT(*) FROM notices WHERE seq = $1`, seq); got != n {
			t.Errorf("entry %d: %d notices, want %d", seq, got, n)
		}
	}
	if got := w.count(`SELECT COUNT(*) FROM notices WHERE mail <> ''`); got != 0 {
		t.Errorf("%d notices still wait for a mail", got)
	}
	posted := w.count(`SELECT COUNT(*) FROM outbox WHERE kind = 'notify.now'`)
	if sent := w.count(`SELECT COUNT(*) FROM outbox WHERE state = 'sent'`); sent != posted || posted == 0 {
		t.Errorf("%d of %d mails were sent", sent, posted)
	}
	mails := map[string]string{}
	for _, m := range server.Messages() {
		mails[m.Header.Get("Message-Id")] = m.Text
	}
	if len(mails) != posted {
		t.Errorf("%d mails arrived, each counted once, want %d", len(mails), posted)
	}
	told := 0
	for _, text := range mails {
		told += strings.Count(text, "Regresó a su catálogo") + more(text)
	}
	if told != entries*mailed {
		t.Errorf("the mails tell %d things, want each of %d entries to each of %d", told, entries, mailed)
	}
}

// more is how many things a mail says that it does not list.
func more(text string) int {
	if strings.Contains(text, "Y una más,") {
		return 1
	}
	_, after, ok := strings.Cut(text, "\nY ")
	if !ok {
		return 0
	}
	number, _, _ := strings.Cut(after, " ")
	n, _ := strconv.Atoi(strings.ReplaceAll(number, ",", "")) // no number is none
	return n
}
