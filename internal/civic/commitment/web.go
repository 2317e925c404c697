package commitment

import (
	"embed"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

//go:embed templates/*.html
var templates embed.FS

// The pages of one commitment that only its institution's people see, after its path.
const (
	managePath = "/gestionar"
	signPath   = "/firmar"
)

// The machine forms of the list.
const (
	csvPath  = Path + "/compromisos.csv"
	feedPath = Path + "/atom.xml"
)

// Mount registers the pages. The office is the one that all parts add their tabs to.
func (cs *Commitments) Mount(shell *web.Shell, office *institution.Office) error {
	cs.shell, cs.office = shell, office
	if err := shell.Templates("commitment", templates, web.Pages{
		"list": listPage{}, "one": onePage{}, "office": officePage{}, "manage": managePage{}, "sign": signPage{}, "around": aroundView{},
	}); err != nil {
		return fmt.Errorf("the commitments' templates: %w", err)
	}
	office.Add(institution.Tab{Key: "commitment.tab", Path: Path, Action: access.OfficeSee, Rank: -2})
	for _, r := range []struct {
		pattern, name string
		action        access.Action
		cache         web.Cache
		handler       web.Handler
	}{
		{"GET " + Path, "list", access.CommitmentRead, web.Public, cs.list},
		{"GET " + csvPath, "csv", access.CommitmentRead, web.Public, cs.csv},
		{"GET " + feedPath, "feed", access.CommitmentRead, web.Public, cs.feed},
		{"GET " + PagePath + "{commitment}", "one", access.CommitmentRead, web.Public, cs.one},
		{"GET " + PagePath + "{commitment}" + managePath, "manage", access.CommitmentKeep, web.Private, cs.manage},
		{"POST " + PagePath + "{commitment}/avance", "progress", access.CommitmentKeep, web.Private, cs.progress},
		{"POST " + PagePath + "{commitment}/reprogramar", "move", access.CommitmentKeep, web.Private, cs.reschedule},
		{"POST " + PagePath + "{commitment}/entregar", "deliver", access.CommitmentKeep, web.Private, cs.deliver},
		{"POST " + PagePath + "{commitment}/no-procede", "drop", access.CommitmentDrop, web.Private, cs.askDrop},
		{"POST " + PagePath + "{commitment}/no-procede/retirar", "drop.back", access.CommitmentDrop, web.Private, cs.takeBack},
		{"GET " + PagePath + "{commitment}" + signPath, "sign", access.CaseSign, web.Private, cs.sign},
		{"POST " + PagePath + "{commitment}" + signPath, "sign.decide", access.CaseSign, web.Private, cs.decide},
		{"GET " + institution.OfficePath + "{institution}" + Path, "office", access.OfficeSee, web.Private, cs.inOffice},
	} {
		open := r.cache == web.Public && r.name != "list" && r.name != "one"
		shell.Handle(r.pattern, web.Route{Name: "commitment." + r.name, Action: string(r.action), Cache: r.cache, Open: open, MaxBody: maxBody}, r.handler)
	}
	return nil
}

// maxBody holds a form whose every letter is escaped.
const maxBody = 64 << 10

// shown are how many commitments a page lists.
const shown = 25

// states are what a list can show, as addresses name it, in order.
var states = []struct {
	param string
	show  Show
}{{"", All}, {"abiertos", ShowOpen}, {"vencidos", ShowOverdue}, {"cumplidos", ShowKept}, {"no-procede", ShowDropped}}

// Central names the coordination's own commitments in an address.
const Central = "coordinacion"

// ListPath is the address of the public list: of an institution by its slug, "" for all and
// Central for the coordination's own, and of what it shows.
func ListPath(slug string, show Show) string {
	a := asked{body: slug, order: ByDue}
	for _, s := range states {
		if s.show == show {
			a.state = s.param
		}
	}
	return a.path(Path, Key{})
}

// asked is what an address asks a list for.
type asked struct {
	body  string // slug, or Central
	state string
	order Order
	on    plaza.Ref
	after Key
}

func readAsked(q url.Values) asked {
	a := asked{body: clip(q.Get("institucion")), order: ByDue}
	for _, s := range states {
		if s.param == q.Get("estado") {
			a.state = s.param
		}
	}
	if q.Get("orden") == "recientes" {
		a.order = Newest
	}
	if kind, id, ok := strings.Cut(clip(q.Get("objeto")), ":"); ok {
		a.on = plaza.Ref{Kind: kind, ID: id}
	}
	if at, id, ok := strings.Cut(clip(q.Get("desde")), "."); ok {
		if ms, err := strconv.ParseInt(at, 10, 64); err == nil && ms > 0 && ms < 1<<42 {
			a.after = Key{time.UnixMilli(ms).UTC(), id}
		}
	}
	return a
}

// maxParam bounds a value of an address, in bytes.
const maxParam = 200

// clip is a value of an address, "" for what no value is.
func clip(s string) string {
	if len(s) > maxParam || strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
		return ""
	}
	return s
}

// path is the address that asks for the same at a path, from a place on.
func (a asked) path(at string, after Key) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("institucion", a.body)
	set("estado", a.state)
	if a.order == Newest {
		set("orden", "recientes")
	}
	if a.on.ID != "" {
		set("objeto", a.on.String())
	}
	if after.ID != "" {
		set("desde", strconv.FormatInt(after.At.UnixMilli(), 10)+"."+after.ID)
	}
	if len(q) == 0 {
		return at
	}
	return at + "?" + q.Encode()
}

// filter is what is asked for, of an institution by its id.
func (a asked) filter(body *string) Filter {
	f := Filter{}
	for _, s := range states {
		if s.param == a.state {
			f.Show = s.show
		}
	}
	if body != nil {
		f.Bodies = []string{*body}
	}
	switch a.on.Kind {
	case "":
	case kindDataset:
		f.Dataset = a.on.ID
	case kindResource:
		f.Object = a.on
	default:
		f.Origin = a.on
	}
	return f
}
