package cases

import (
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
)

// stateBadge is where a case stands, in a word or two.
func stateBadge(l *i18n.Printer, c Case) web.Badge {
	b := web.Badge{Text: l.T("cases.state." + string(c.State)), Tone: web.Info}
	switch c.State {
	case Answered, Resolved:
		b.Tone, b.Icon = web.Good, "circle-check"
	case NeedsInfo:
		b.Tone = web.Warning
	case Closed:
		b.Tone, b.Text = "", b.Text+": "+l.T("cases.reason."+string(c.Reason))
	}
	return b
}

// aboutFacts are what a case is about.
func aboutFacts(l *i18n.Printer, all *loaded) (out []web.Fact) {
	on := all.c.On
	if all.hasOn {
		f := web.Fact{Label: l.T("cases.about.object"), Text: all.on.Title, Link: all.on.Path, Icon: "database"}
		if all.on.Language != "" && all.on.Language != l.Lang()[:2] {
			f.Lang = all.on.Language
		}
		out = append(out, f)
	}
	if words := spotWords(l, on); words != "" {
		out = append(out, web.Fact{Label: l.T("cases.about.place"), Text: words, Link: all.spot.Path, Icon: "table"})
	} else if on.Row != "" {
		out = append(out, web.Fact{Label: l.T("cases.about.row"), Text: on.Row, Icon: "list"})
	}
	if len(on.Themes) > 0 {
		out = append(out, web.Fact{Label: l.T("cases.about.themes"), Text: strings.Join(on.Themes, ", "), Icon: "tag"})
	}
	return out
}

// detailFacts are what a kind of case says besides.
func detailFacts(l *i18n.Printer, c Case) (out []web.Fact) {
	d := c.Details
	for _, f := range []struct{ key, value string }{
		{"rows", d.Rows}, {"should", d.Should}, {"evidence", d.Evidence}, {"format", d.Format}, {"frequency", d.Frequency},
		{"period", d.Period}, {"geography", d.Geography}, {"disaggregation", d.Disaggregation}, {"link", d.Link},
	} {
		if f.value == "" {
			continue
		}
		fact := web.Fact{Label: l.T("cases.detail." + f.key), Text: f.value}
		if f.key == "evidence" || f.key == "link" {
			// as Markdown links of people are: no search engine follows it
			fact = web.Fact{Label: fact.Label, HTML: text.Markdown("<" + f.value + ">")}
			if strings.HasPrefix(f.value, "/") {
				fact = web.Fact{Label: fact.Label, Text: f.value, Link: f.value}
			}
		}
		out = append(out, fact)
	}
	return out
}

// relatedTo are the cases that have to do with one, by how they do.
func relatedTo(l *i18n.Printer, n near) (out []related) {
	links := func(list []Case) (out []web.NavLink) {
		for _, c := range list {
			out = append(out, web.NavLink{Label: c.Title, Path: c.Path()})
		}
		return out
	}
	if n.after != nil {
		out = append(out, related{l.T("cases.related.after"), links([]Case{*n.after})})
	}
	if len(n.anew) > 0 {
		out = append(out, related{l.T("cases.related.anew"), links(n.anew)})
	}
	if len(n.joined) > 0 {
		out = append(out, related{l.T("cases.related.joined"), links(n.joined)})
	}
	return out
}

// structured is the schema.org QAPage of a case. People are not named in it: what
// machines copy cannot be called back.
func structured(p *casePage, t *teller) map[string]any {
	c := p.C
	q := map[string]any{"@type": "Question", "@id": p.URL(c.Path()), "name": c.Title, "text": text.Excerpt(text.PlainText(c.Body), 5000),
		"dateCreated": p.L.ISO(c.Asked), "upvoteCount": c.Supports, "answerCount": 0, "inLanguage": c.Language,
		"author": map[string]any{"@type": "Person", "name": p.L.T("cases.asker.somebody")}}
	var rest []map[string]any
	for _, v := range t.current() {
		a := map[string]any{"@type": "Answer", "url": p.URL(v.Path), "text": text.Excerpt(text.PlainText(v.raw), 5000), "dateCreated": v.ISO,
			"author": map[string]any{"@type": "GovernmentOrganization", "name": v.Who}}
		if v.answer.ID == c.Answer {
			a["upvoteCount"] = t.all.reading.Clear
			q["acceptedAnswer"] = a
		} else {
			rest = append(rest, a)
		}
	}
	if len(rest) > 0 {
		q["suggestedAnswer"] = rest
	}
	q["answerCount"] = len(t.current())
	return map[string]any{"@context": "https://schema.org/", "@type": "QAPage", "mainEntity": q}
}
