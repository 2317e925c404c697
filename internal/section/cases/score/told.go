package score

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"plaza/internal/civic/membership"
	"plaza/internal/section/cases"
)

// read reads what an entry tells. Entries are canonical: one flat object without spaces,
// which a scan of its own reads several times as fast; whatever is not so is read by the
// library.
func (p *told) read(payload string) error {
	if p.scan(payload) {
		return nil
	}
	var slowly told // of its own, so that what is scanned need not be allocated
	err := json.Unmarshal([]byte(payload), &slowly)
	*p = slowly
	return err
}

// scan reads a flat object; false when it is anything else.
func (p *told) scan(s string) bool {
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' || strings.IndexByte(s, '\\') >= 0 || strings.IndexByte(s, '[') >= 0 {
		return false
	}
	for s = s[1 : len(s)-1]; s != ""; {
		if s[0] != '"' {
			return false
		}
		key, rest, ok := strings.Cut(s[1:], `":`)
		if !ok || rest == "" {
			return false
		}
		var value string
		text := rest[0] == '"'
		switch {
		case text:
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				return false
			}
			value, s = rest[1:1+end], rest[2+end:]
		case rest[0] == '{':
			return false
		default:
			end := strings.IndexByte(rest, ',')
			if end < 0 {
				end = len(rest)
			}
			value, s = rest[:end], rest[end:]
		}
		if !p.set(key, value, text) {
			return false
		}
		if s != "" && s[0] != ',' {
			return false
		}
		s = strings.TrimPrefix(s, ",")
	}
	return true
}

// set takes one value; false when it is not of the type that it should be.
func (p *told) set(key, value string, text bool) bool {
	switch key {
	case "folio":
		p.Folio = value
	case "kind":
		p.Kind = cases.Kind(value)
	case "state":
		p.State = cases.State(value)
	case "channel":
		p.Channel = cases.Channel(value)
	case "body":
		p.Body = value
	case "responsible":
		p.Responsible = membership.Level(value)
	case "rule":
		p.Rule = value
	case "outcome":
		p.Outcome = cases.Outcome(value)
	case "reason":
		p.Reason = cases.Reason(value)
	case "asked":
		return text && instant(value, &p.Asked)
	case "due":
		return text && instant(value, &p.Due)
	case "round", "days", "ack_days", "total":
		n, err := strconv.Atoi(value)
		if err != nil || text {
			return false
		}
		p.number(key, n)
		return true
	case "in_time", "ack_in_time":
		yes := value == "true"
		if key == "in_time" {
			p.InTime = &yes
		} else {
			p.AckInTime = &yes
		}
		return !text && (yes || value == "false")
	default:
		return true
	}
	return text
}

func (p *told) number(key string, n int) {
	switch key {
	case "round":
		p.Round = n
	case "days":
		p.Days = &n
	case "ack_days":
		p.AckDays = &n
	case "total":
		p.Total = &n
	}
}

func instant(s string, into *time.Time) bool {
	t, err := time.Parse(time.RFC3339Nano, s)
	*into = t.UTC()
	return err == nil
}
