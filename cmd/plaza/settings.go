package main

import (
	"bufio"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"plaza/internal/base/fetch"
	"plaza/internal/base/i18n"
	"plaza/internal/base/obs"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

// settings are the configuration of an installation. Each is a flag, an environment
// variable and a line of the configuration file, which count in this order; what they
// mean is in the message catalogue under "config.NAME", and docs/configuracion.md is
// made from both.
type settings struct {
	Config         configFile `env:"PLAZA_CONFIG" placeholder:"FILE"`
	Addr           string     `env:"PLAZA_ADDR" default:"localhost:8080" placeholder:"HOST:PORT"`
	Data           string     `env:"PLAZA_DATA" default:"data" placeholder:"DIR"`
	DB             string     `name:"db" env:"PLAZA_DB" placeholder:"DSN"`
	Blob           string     `env:"PLAZA_BLOB" placeholder:"URL"`
	BaseURL        string     `name:"base-url" env:"PLAZA_BASE_URL" placeholder:"URL"`
	SMTP           string     `name:"smtp" env:"PLAZA_SMTP" placeholder:"URL"`
	FetchAllow     string     `env:"PLAZA_FETCH_ALLOW" placeholder:"CIDR,…"`
	TrustedProxies string     `env:"PLAZA_TRUSTED_PROXIES" placeholder:"CIDR,…"`
	Secret         string     `env:"PLAZA_SECRET" placeholder:"BASE64"`
	Now            string     `env:"PLAZA_NOW" placeholder:"INSTANT"`
	AdminAddr      string     `env:"PLAZA_ADMIN_ADDR" placeholder:"HOST:PORT"`
	OTLP           string     `name:"otlp" env:"PLAZA_OTLP" placeholder:"URL"`
	KeepVersions   int        `env:"PLAZA_KEEP_VERSIONS" default:"10" placeholder:"N"`
	Log            string     `env:"PLAZA_LOG" default:"info/text" placeholder:"LEVEL/FORMAT"`
}

// site turns the settings into what the site is made from. The errors are Invalid.
func (s settings) site(a *app) (site.Config, error) {
	c := site.Config{
		Addr: s.Addr, AdminAddr: s.AdminAddr, Data: s.Data, DSN: s.DB, Blob: s.Blob, BaseURL: s.BaseURL,
		SMTP: s.SMTP, Secret: s.Secret, OTLP: s.OTLP, Version: a.version, Log: a.log, Worker: &child.Command{}, KeepVersions: s.KeepVersions,
	}
	if s.KeepVersions < 1 {
		return c, invalid("config.error.keep_versions", nil)
	}
	var err error
	if c.Allow, err = s.networks("PLAZA_FETCH_ALLOW", s.FetchAllow); err != nil {
		return c, err
	}
	if c.Proxies, err = s.networks("PLAZA_TRUSTED_PROXIES", s.TrustedProxies); err != nil {
		return c, err
	}
	if s.Now != "" {
		if c.Now, err = time.Parse(time.RFC3339, s.Now); err != nil {
			return c, invalid("config.error.now", err, "value", s.Now)
		}
	}
	return c, c.Complete()
}

func (settings) networks(name, value string) ([]netip.Prefix, error) {
	list, err := fetch.ParseAllow(value)
	if err != nil {
		return nil, invalid("config.error.networks", err, "name", name)
	}
	return list, nil
}

func (s settings) log() (obs.LogConfig, error) {
	c, err := obs.ParseLog(s.Log)
	if err != nil {
		return c, invalid("config.error.log", err, "value", s.Log)
	}
	return c, nil
}

func invalid(key string, cause error, pairs ...string) error {
	e := &plaza.Error{Kind: plaza.Invalid, Key: key, Cause: cause, Args: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Args[pairs[i]] = pairs[i+1]
	}
	return e
}

// configFile is the path of a file of lines NAME=VALUE, as systemd and Docker read
// them too.
type configFile string

// BeforeResolve reads the file for the settings that neither a flag nor the
// environment gives.
func (configFile) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	path, _ := ctx.FlagValue(trace.Flag).(configFile)
	if path == "" {
		return nil
	}
	values, err := readConfig(string(path), names(ctx.Model))
	if err != nil {
		return err
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
		for _, env := range f.Envs {
			if _, set := os.LookupEnv(env); set {
				return nil, nil
			}
			if v, ok := values[env]; ok {
				return v, nil
			}
		}
		return nil, nil
	}))
	return nil
}

// names are those that a configuration file may set.
func names(app *kong.Application) (names []string) {
	for _, f := range app.Flags {
		names = append(names, f.Envs...)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "PLAZA_CONFIG" })
}

// readConfig reads a configuration file. Errors name the line and never its value.
func readConfig(path string, known []string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, invalid("config.error.file", err, "path", path)
	}
	defer f.Close()
	values := map[string]string{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || !slices.Contains(known, name) {
			return nil, invalid("config.error.line", nil, "path", path, "line", fmt.Sprint(n), "name", name)
		}
		if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
			value = value[1 : len(value)-1]
		}
		values[name] = value
	}
	if err := lines.Err(); err != nil {
		return nil, invalid("config.error.file", err, "path", path)
	}
	return values, nil
}

// masked is a setting's value as it may be shown: without passwords, keys and tokens.
func masked(name, value string) string {
	switch name {
	case "PLAZA_SECRET":
		if value != "" {
			return "***"
		}
	case "PLAZA_DB", "PLAZA_BLOB", "PLAZA_SMTP", "PLAZA_OTLP", "PLAZA_BASE_URL":
		return maskedURL(value)
	}
	return value
}

func maskedURL(s string) string {
	if s == "" || strings.HasPrefix(s, "sqlite:") {
		return s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" {
		return "***" // it may be anything
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "***")
	}
	q := u.Query()
	for k := range q {
		l := strings.ToLower(k)
		if slices.ContainsFunc([]string{"pass", "secret", "key", "token", "sig", "auth"}, func(w string) bool { return strings.Contains(l, w) }) {
			q.Set(k, "***")
		}
	}
	u.RawQuery = q.Encode()
	return strings.ReplaceAll(u.String(), "%2A%2A%2A", "***")
}

// language is that of messages on a terminal, by the usual variables; Spanish unless
// they ask for English.
func language() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "en") {
				return i18n.English
			}
			return i18n.Spanish
		}
	}
	return i18n.Spanish
}
