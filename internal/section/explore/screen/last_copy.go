package screen

import (
	"context"
	"net/url"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// lastView offers the last good copy of a file that is no more what it was.
type lastView struct {
	Notice   web.Notice
	Facts    []fact // of the copy
	SHA      web.Copy
	Download string // path of the file as it was published, "" when it may not be had
	Versions string
	Now      []fact // what stands in its place
}

// last fills the last good copy, when the resource was withdrawn or its last try failed;
// nil otherwise.
func (p *Pages) last(ctx context.Context, v *view, status explore.Status, open *explore.View, resource string) (*lastView, error) {
	var res explore.Resource
	served := explore.Version{}
	if err := p.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if open != nil {
			res = open.Resource
		} else if res, err = p.Explore.Resources.Resource(tx, resource); err != nil {
			return err
		}
		if status.Attempt.Served() == "" {
			return nil
		}
		served, err = explore.ByContent(tx, resource, status.Attempt.Served())
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return err
	}); err != nil {
		return nil, err
	}
	failed := status.Attempt.Outcome == explore.OutcomeFailed // while another try waits, too
	if res.Gone && v.Status != nil {
		v.Status.Retry = ""
	}
	switch {
	case !res.Gone && !failed || !res.Withheld.IsZero():
		return nil, nil
	case open == nil && res.Gone && !res.Open && status.Attempt.Current != "":
		return &lastView{Notice: web.Notice{Tone: web.Info, Title: v.L.T("explore.last.none"), Text: v.L.T("explore.last.none.text", "license", orElse(res.License, v.L.T("explore.last.unlicensed")))}}, nil
	case open == nil || open.Hiding.File || v.at.version > 0:
		return nil, nil
	}
	if v.Status != nil {
		v.Status.Notice, v.Status.Fault = nil, ""
	}
	return p.lastOf(v, status, open, served), nil
}

func (p *Pages) lastOf(v *view, status explore.Status, open *explore.View, served explore.Version) *lastView {
	res, copied, l := open.Resource, open.Version, v.L
	out := &lastView{Notice: web.Notice{Tone: web.Warning, Title: l.T("explore.status.last_good")}, SHA: web.Copy{L: l, ID: "sha-copia", Text: copied.SHA256}}
	why := "failed"
	switch {
	case res.Gone:
		why = "gone"
	case status.Attempt.Lost():
		why = "lost"
	}
	out.Notice.Text = l.T("explore.last." + why)
	if res.Open {
		out.Notice.Text += " " + l.T("explore.last.kept", "license", res.License)
	} else {
		out.Notice.Title = l.T("explore.last.closed")
		out.Notice.Text += " " + l.T("explore.last.closed.text", "license", orElse(res.License, l.T("explore.last.unlicensed")))
	}
	out.Facts = []fact{{l.T("explore.versions.fetched"), l.DateTime(copied.Fetched)}, {l.T("explore.versions.seen"), l.DateTime(copied.Seen)},
		{l.T("explore.versions.size"), l.Bytes(copied.Bytes)}, {l.T("explore.versions.rows"), l.Number(copied.Rows)}, {l.T("explore.versions.columns"), l.Number(int64(copied.Columns))}}
	if res.Open && open.Hiding.Plain() {
		out.Download = pathWith(res.Path+"/original", url.Values{"version": {strconv.Itoa(copied.Number)}})
	}
	out.Versions = pathWith(res.Path, url.Values{"ver": {"versiones"}})
	if a := status.Attempt; a.Fault != nil {
		out.Now = append(out.Now, fact{l.T("explore.last.looked"), l.DateTime(a.At)}, fact{l.T("explore.last.found"), a.Fault.Sentence(l)})
		if a.Status > 0 {
			out.Now = append(out.Now, fact{l.T("explore.last.status"), strconv.Itoa(a.Status)})
		}
		if served.Number > 0 && served.ID != copied.ID {
			out.Now = append(out.Now, fact{l.T("explore.versions.size"), l.Bytes(served.Bytes)})
		}
		if s := a.Served(); s != "" && s != copied.SHA256 {
			out.Now = append(out.Now, fact{"SHA-256", s})
		}
	}
	return out
}
