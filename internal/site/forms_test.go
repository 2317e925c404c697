package site_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

// visitor is somebody's browser at the site, without scripts: it keeps cookies, fills
// forms in as their pages draw them, and goes where it is sent only when it is told to.
type visitor struct {
	*testing.T
	*http.Client
	site *routed
	key  string // an access token that it sends with every request, or ""
}

// newcomer is a browser in which nobody is signed in.
func (r *routed) newcomer(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{T: t, site: r, Client: &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// of is a browser in which a person is signed in.
func (r *routed) of(t *testing.T, p account.Person) *visitor {
	t.Helper()
	v := r.newcomer(t)
	link, err := r.site.Accounts.SigninLink(plaza.WithActor(t.Context(), plaza.SystemActor), p.Email)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if res := v.post(u.Path, url.Values{}); res.status != http.StatusSeeOther {
		t.Fatalf("signing in as %s: %d", p.Email, res.status)
	}
	return v
}

// answer is what the site says to a request.
type answer struct {
	status   int
	location string // path and query of where it sends the browser to
	header   http.Header
	body     string
}

// refused reports whether the answer is that one may not, or may not before signing in.
func (a answer) refused() bool {
	return a.status == http.StatusForbidden || a.status == http.StatusUnauthorized ||
		a.status == http.StatusSeeOther && strings.HasPrefix(a.location, "/entrar?volver")
}

// doc is the answer's page.
func (a answer) doc(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// ask sends a request.
func (v *visitor) ask(method, path string, form url.Values) answer {
	v.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(v.Context(), method, v.site.URL+path, body)
	if err != nil {
		v.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return v.do(req)
}

// do sends a request, with the access token where there is one.
func (v *visitor) do(req *http.Request) answer {
	v.Helper()
	if v.key != "" {
		req.Header.Set("Authorization", "Bearer "+v.key)
	}
	res, err := v.Do(req)
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: string(said)}
	if u, err := url.Parse(res.Header.Get("Location")); err == nil {
		a.location = u.RequestURI()
	}
	return a
}

func (v *visitor) get(path string) answer { v.Helper(); return v.ask(http.MethodGet, path, nil) }

func (v *visitor) post(path string, form url.Values) answer {
	v.Helper()
	return v.ask(http.MethodPost, path, form)
}

// page is a page that has to be there.
func (v *visitor) page(path string) *goquery.Document {
	v.Helper()
	a := v.get(path)
	if a.status != http.StatusOK {
		v.Fatalf("GET %s = %d", path, a.status)
	}
	return a.doc(v.T)
}

// text is the text of a page's main part.
func (v *visitor) text(path string) string {
	v.Helper()
	return strings.Join(strings.Fields(v.page(path).Find("main").Text()), " ")
}

// fill sends the form of a page that goes to an address, as it is drawn there, with some
// fields filled in.
func (v *visitor) fill(path, action string, typed url.Values) answer {
	v.Helper()
	doc := v.page(path)
	form := doc.Find("form").FilterFunction(func(_ int, f *goquery.Selection) bool {
		a, _ := f.Attr("action")
		return a == action || f.Find(`button[formaction="`+action+`"]`).Length() > 0
	}).First()
	if form.Length() == 0 {
		v.Fatalf("%s has no form that goes to %s", path, action)
	}
	values := fieldsOf(form)
	for name, list := range typed {
		values[name] = list
	}
	return v.post(action, values)
}

// fieldsOf are a form's fields as a browser sends them when nothing is typed.
func fieldsOf(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, f *goquery.Selection) {
		name, value := f.AttrOr("name", ""), f.AttrOr("value", "")
		switch kind := f.AttrOr("type", ""); {
		case goquery.NodeName(f) == "textarea":
			value = f.Text()
		case goquery.NodeName(f) == "select":
			value = f.Find("option[selected]").AttrOr("value", f.Find("option").First().AttrOr("value", ""))
		case kind == "checkbox" || kind == "radio":
			if _, on := f.Attr("checked"); !on {
				return
			}
		}
		values.Add(name, value)
	})
	return values
}
