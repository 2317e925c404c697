package moderation

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

// The pages. NavPath is where moderators begin, for a link on their start page.
const (
	NavPath       = "/moderacion"
	queuePath     = NavPath
	reportPath    = queuePath + "/avisar"
	decisionsPath = queuePath + "/decisiones"
	appealsPath   = queuePath + "/apelaciones"
	peoplePath    = queuePath + "/personas"
	rulesPath     = queuePath + "/reglas"
	logPath       = queuePath + "/bitacora"
)

const perPage = 25

// Mount registers the pages.
func (d *Desk) Mount(shell *web.Shell) error {
	d.shell = shell
	if err := shell.Templates("moderation", templates, web.Pages{
		"report": reportPage{}, "queue": queuePage{}, "case": casePage{}, "conflict": conflictPage{}, "decision": decisionPage{},
		"appeals": appealsPage{}, "person": personPage{}, "rules": rulesPage{}, "log": logPage{},
	}); err != nil {
		return fmt.Errorf("moderation's templates: %w", err)
	}
	handle := func(pattern, name string, action access.Action, h web.Handler) {
		shell.Handle(pattern, web.Route{Name: "moderation." + name, Action: string(action), Cache: web.Private, MaxBody: 32 << 10}, h)
	}
	handle("GET "+reportPath, "report", access.Report, d.showReport)
	handle("POST "+reportPath, "report_send", access.Report, d.sendReport)
	handle("GET "+queuePath, "queue", access.QueueSee, d.showQueue)
	handle("GET "+casePath("{case}"), "case", access.QueueSee, d.showCase)
	handle("POST "+casePath("{case}")+"/tomar", "claim", access.QueueSee, d.claim(true))
	handle("POST "+casePath("{case}")+"/soltar", "unclaim", access.QueueSee, d.claim(false))
	for _, a := range Acts {
		handle("POST "+casePath("{case}")+"/"+doings[a].slug, string(a), doings[a].action, d.decide(a))
	}
	handle("GET "+decisionsPath+"/{decision}", "decision", access.ModerationRead, d.showDecision)
	handle("POST "+decisionsPath+"/{decision}/apelar", "appeal", access.Appeal, d.sendAppeal)
	handle("POST "+decisionsPath+"/{decision}/resolver", "judge", access.AppealDecide, d.judge)
	handle("GET "+appealsPath, "appeals", access.AppealDecide, d.showAppeals)
	handle("GET "+peoplePath+"/{person}", "person", access.QueueSee, d.showPerson)
	handle("GET "+rulesPath, "rules", access.RulesOfHolding, d.showRules)
	handle("POST "+rulesPath, "rule_add", access.RulesOfHolding, d.addRule)
	handle("POST "+rulesPath+"/probar", "rules_try", access.RulesOfHolding, d.tryRules)
	handle("POST "+rulesPath+"/{rule}/quitar", "rule_drop", access.RulesOfHolding, d.dropRule)
	shell.Handle("GET "+logPath, web.Route{Name: "moderation.log", Action: string(access.ModerationRead), Cache: web.Public}, d.showLog)
	shell.Handle("GET "+logPath+".csv", web.Route{Name: "moderation.log_csv", Action: string(access.ModerationRead), Stream: true, Open: true}, d.logCSV)
	shell.Footer(web.Item{Key: "moderation.log", Path: logPath, Icon: "scale"})
	return nil
}

// page starts a page of moderators, with tabs for what the actor may see.
func (d *Desk) page(r *http.Request, key string) web.Page {
	p := d.shell.Page(r, d.shell.Printer(r).T(key))
	p.NoIndex = true
	p.TabsLabel = p.L.T("moderation.title")
	for _, tab := range []struct {
		key, path string
		action    access.Action
	}{
		{"moderation.queue", queuePath, access.QueueSee},
		{"moderation.appeals", appealsPath, access.AppealDecide},
		{"moderation.rules", rulesPath, access.RulesOfHolding},
		{"moderation.log", logPath, access.ModerationRead},
	} {
		if access.Could(p.Actor, tab.action) {
			p.Tabs = append(p.Tabs, web.NavLink{Label: p.L.T(tab.key), Path: tab.path, Current: r.URL.Path == tab.path})
		}
	}
	return p
}

// done is the notice after a form was taken: what the address says was done.
func done(l *i18n.Printer, r *http.Request) *web.Notice {
	key := "moderation.done." + web.QueryText(r, "hecho", 20)
	if !l.Has(key) {
		return nil
	}
	return &web.Notice{Tone: web.Good, Text: l.T(key), Live: true}
}

// field is a field of a form with its words: moderation.field. and the name.
func field(l *i18n.Printer, wrong map[string]string, f web.Field) web.Field {
	f.L, f.Error = l, wrong[f.Name]
	if f.Label == "" {
		f.Label = l.T("moderation.field." + f.Name)
	}
	if hint := "moderation.hint." + f.Name; f.Hint == "" && l.Has(hint) {
		f.Hint = l.T(hint)
	}
	return f
}

// choices are the options of a select, with a first one that chooses nothing where none
// is to be chosen by accident.
func choices(l *i18n.Printer, prefix string, values []string, first bool) []web.Option {
	var out []web.Option
	if first {
		out = append(out, web.Option{Label: l.T("moderation.choose")})
	}
	for _, v := range values {
		out = append(out, web.Option{Value: v, Label: l.T(prefix + v)})
	}
	return out
}

// kindWords are what a kind of object is called where that stands alone: with a capital.
func kindWords(l *i18n.Printer, kind string) string {
	if key := "record.kind." + kind; l.Has(key) {
		kind = l.T(key)
	}
	first, size := utf8.DecodeRuneInString(kind)
	return string(unicode.ToUpper(first)) + kind[size:]
}

// called is what a person is called: who is no more here has another name.
func called(l *i18n.Printer, names map[string]string, id string) string {
	if name := names[id]; name != "" {
		return name
	}
	return l.T(account.Nobody)
}

// byWhom is in which capacity something was decided, in words for everybody.
func byWhom(l *i18n.Printer, d Decision) string {
	switch {
	case d.Institution != "":
		return l.T("moderation.by.institution")
	case d.Role == plaza.Admin:
		return l.T("moderation.by.admin")
	}
	return l.T("moderation.by.moderator")
}

// excerpt is the beginning of a text, on one line.
func excerpt(s string, runes int) string {
	s = strings.Join(strings.Fields(s), " ")
	if list := []rune(s); len(list) > runes {
		return strings.TrimSpace(string(list[:runes])) + "…"
	}
	return s
}

// cursor is a place in a list as addresses bear it.
func (p place) cursor() string {
	return strconv.Itoa(p.severity) + "." + strconv.FormatInt(p.at.UnixMilli(), 36) + "." + p.id
}

// placeIn reads a place from an address; what makes no sense is the beginning.
func placeIn(s string) (p place) {
	severity, rest, _ := strings.Cut(s, ".")
	at, id, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(severity)
	ms, err2 := strconv.ParseInt(at, 36, 64)
	if err != nil || err2 != nil || id == "" || n < 0 || n > 1000 || ms < 0 || ms > 1<<43 {
		return place{}
	}
	return place{n, time.UnixMilli(ms).UTC(), id}
}

// longText is what somebody wrote, its lines ended one way and its letters without
// towers of marks.
func longText(s string) string { return text.Unstack(strings.ReplaceAll(s, "\r\n", "\n")) }
