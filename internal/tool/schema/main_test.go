package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheDumpedSchemaIsCurrent(t *testing.T) {
	want, err := dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../docs/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/schema.sql is not what the migrations make; run make schema (-want +got):\n%s", diff)
	}
}
