package score

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestTheScanReadsWhatTheLibraryReads(t *testing.T) {
	for _, s := range []string{
		`{}`, `{"folio":"SALUD-2026-000001-7","kind":"question","state":"open"}`,
		`{"asked":"2026-11-25T18:00:00Z","body":"","channel":"web","due":"2026-12-10T06:00:00.123Z","round":1,"rule":"question@1","state":"open"}`,
		`{"ack_days":0,"ack_in_time":true,"days":3,"first":true,"in_time":false,"outcome":"explained","state":"answered","total":9}`,
		`{"folio":"con \"comillas\", y coma","state":"open"}`, `{"more":{"state":"closed"},"state":"open"}`, `{"list":["a","state"],"state":"open"}`,
		`{ "state" : "open" }`, `{"days":null,"state":"open"}`, `{"title":"a,b:c}","state":"open"}`, `{"n":1.5e3,"state":"open"}`,
		`{"state":1}`, `{"days":"3"}`, `{"asked":"ayer"}`, `{`, `[]`, ``, `{"state":"open",}`, `{"state":"open"`, `{"a":1,,"b":2}`,
	} {
		var got, want told
		gotErr, wantErr := got.read(s), json.Unmarshal([]byte(s), &want)
		if (gotErr == nil) != (wantErr == nil) && wantErr == nil || wantErr == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %+v, %v\nwant %+v, %v", s, got, gotErr, want, wantErr)
		}
	}
}
