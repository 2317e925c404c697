package account

import (
	"time"

	"plaza/internal/civic/gate"
)

// The limits of asking for a sign-in link. Many people share one address behind an
// institution's gateway, so that an address may ask far more often than a person.
var (
	perEmail   = gate.Limit{Name: "signin.email", Max: 5, Window: time.Hour, Key: "account.error.too_many"}
	perAddress = gate.Limit{Name: "signin.address", Max: 100, Window: time.Hour, Key: "account.error.too_many"}
)
