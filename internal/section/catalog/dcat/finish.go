package dcat

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"path"
	"plaza/internal/section/catalog/dcat/wire"
	"strings"
)

// finish is the last step of every reader: it gives what has no name one, settles
// what depends on several fields, and gives up on records with nothing to show.
func finish(rep *report, rec *Record) (*Record, string) {
	rec.Resources = usable(rep, rec.Resources)
	if rec.Title == "" && rec.Description == "" && len(rec.Resources) == 0 {
		rep.add(RecordEmpty, "", "", false)
		return nil, rec.SourceKey
	}
	nameResources(rep, rec)
	if rec.Title == "" {
		rec.Title = titleInstead(rec)
		rep.add(TitleMissing, "title", rec.Title, rec.Title != "")
	}
	if rec.Description == "" {
		rep.add(DescriptionMissing, "description", "", false)
	}
	if rec.SourceKey == "" {
		rec.SourceKey = madeKey(rec)
		rep.add(IdentifierMissing, "identifier", rec.SourceKey, true)
	}
	if len(rec.SourceKey) > maxURL {
		rec.SourceKey = fmt.Sprintf("%x", sha256.Sum256([]byte(rec.SourceKey)))
	}
	rec.Aliases = without(distinct(rec.Aliases), rec.SourceKey)
	if rec.License == (License{}) {
		rec.License = commonLicense(rec.Resources)
	}
	return rec, rec.SourceKey
}

// usable leaves out resources that lead nowhere and say nothing.
func usable(rep *report, list []Resource) []Resource {
	var kept []Resource
	for _, res := range list {
		if res.AccessURL == "" && res.DownloadURL == "" {
			if field := rep.resource(res.Position); !rep.toldURL(field) {
				rep.add(URLMissing, field, res.Title, false)
			}
			if res.Title == "" && res.Description == "" {
				continue
			}
		}
		kept = append(kept, res)
	}
	return kept
}

// nameResources gives every resource a title, and a key that no other has.
func nameResources(rep *report, rec *Record) {
	keys := make(map[string]int)
	urls := make(map[string]bool)
	for i := range rec.Resources {
		res := &rec.Resources[i]
		field := rep.resource(res.Position)
		if res.Title == "" {
			res.Title = fileName(res)
			rep.add(TitleMissing, field+".title", res.Title, res.Title != "")
		}
		if u := res.DownloadURL; u != "" {
			if urls[u] {
				rep.add(DuplicateURL, field+".downloadURL", u, false)
			}
			urls[u] = true
		}
		stated := res.SourceKey != ""
		for _, other := range []string{res.DownloadURL, res.AccessURL, res.Title} {
			if res.SourceKey == "" {
				res.SourceKey = other
			}
		}
		if len(res.SourceKey) > maxURL {
			res.SourceKey = fmt.Sprintf("%x", sha256.Sum256([]byte(res.SourceKey)))
		}
		keys[res.SourceKey]++
		if n := keys[res.SourceKey]; n > 1 {
			if stated {
				rep.add(DuplicateResource, field+".identifier", res.SourceKey, true)
			}
			res.SourceKey = fmt.Sprintf("%s#%d", res.SourceKey, n)
			keys[res.SourceKey]++
		}
	}
}

// fileName is the last part of a resource's address, "" when it has none.
func fileName(res *Resource) string {
	for _, address := range []string{res.DownloadURL, res.AccessURL} {
		u, err := url.Parse(address)
		if err != nil || address == "" {
			continue
		}
		if name := path.Base(u.Path); name != "." && name != "/" {
			return strings.Join(strings.Fields(strings.Map(printableRune, name)), " ")
		}
	}
	return res.Format
}

func printableRune(c rune) rune {
	if wire.IsControl(c) {
		return ' '
	}
	return c
}

func titleInstead(rec *Record) string {
	for _, s := range append(append([]string{rec.Identifier}, rec.Aliases...), rec.SourceKey) {
		if s != "" && !isWebAddress(s) {
			return s
		}
	}
	if len(rec.Resources) > 0 {
		return rec.Resources[0].Title
	}
	return lastSegment(rec.SourceKey)
}

// madeKey names a record that has no identifier by what changes least: its title
// and publisher.
func madeKey(rec *Record) string {
	sum := sha256.Sum256([]byte(foldKey(rec.Title) + "\x00" + foldKey(rec.Publisher.Name)))
	return fmt.Sprintf("sin-id-%x", sum[:8])
}

// commonLicense is the licence that all resources state, none when they differ.
func commonLicense(list []Resource) License {
	if len(list) == 0 {
		return License{}
	}
	for _, res := range list[1:] {
		if res.License != list[0].License {
			return License{}
		}
	}
	return list[0].License
}
