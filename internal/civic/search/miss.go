package search

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
)

// Bounds on what is kept of searches that found nothing.
const (
	maxMissWords = 8
	maxMissBytes = 80
	maxMissesDay = 5000 // different ones in a day; a machine's guesses end here
)

// dayLayout is how days are stored.
const dayLayout = "2006-01-02"

// Miss counts a search that found nothing, by day, as demand. It keeps the folded
// words and nothing about who searched; a text that might hold personal data (an
// address, a telephone, a CURP or RFC, many digits) is not counted at all.
func Miss(tx *db.Tx, query string) error {
	key := missKey(query)
	if key == "" {
		return nil
	}
	day := tx.Now.Format(dayLayout)
	n, err := tx.Exec(`UPDATE search_misses SET count = count + 1 WHERE day = $1 AND query = $2`, day, key)
	if err != nil || n > 0 {
		return err
	}
	var known int
	if err := tx.Row(`SELECT COUNT(*) FROM search_misses WHERE day = $1`, day).Scan(&known); err != nil {
		return err
	}
	if known >= maxMissesDay {
		return nil
	}
	_, err = tx.Exec(`
		INSERT INTO search_misses (day, query, count)
		VALUES ($1, $2, 1)
		ON CONFLICT (day, query) DO UPDATE SET count = search_misses.count + 1`, day, key)
	if err != nil {
		return fmt.Errorf("counting a search that found nothing: %w", err)
	}
	return nil
}

// Missed is a search that found nothing, and how often.
type Missed struct {
	Query string // folded
	Count int
}

// Misses are the searches that found nothing from one day to another (inclusive,
// UTC), the most frequent first. Those counted fewer than least times are left out:
// what only one or two people typed may tell who they are.
func Misses(tx *db.Tx, from, to time.Time, least, limit int) ([]Missed, error) {
	return db.All(tx, func(scan func(...any) error) (m Missed, err error) {
		err = scan(&m.Query, &m.Count)
		return m, err
	}, `
		SELECT query, SUM(count) AS total
		FROM search_misses
		WHERE day >= $1 AND day <= $2
		GROUP BY query
		HAVING SUM(count) >= $3
		ORDER BY total DESC, query
		LIMIT $4`, from.UTC().Format(dayLayout), to.UTC().Format(dayLayout), least, limit)
}

// personal is what an RFC or CURP begins like, once folded.
var personal = regexp.MustCompile(`^[a-z]{3,4}[0-9]{6}`)

// missKey is a search as it is counted, "" when it must not be.
func missKey(query string) string {
	query = cut(query, maxText)
	if strings.Contains(query, "@") || strings.Contains(query, "://") {
		return ""
	}
	tokens := text.Tokens(query)
	if len(tokens) == 0 || len(tokens) > maxMissWords {
		return ""
	}
	words := make([]string, len(tokens))
	digits, years := 0, 0
	for i, t := range tokens {
		words[i] = t.Text
		n := len(t.Text) - len(strings.Trim(t.Text, "0123456789"))
		digits += n
		if n == 4 && (strings.HasPrefix(t.Text, "19") || strings.HasPrefix(t.Text, "20")) {
			years++
		}
		// an RFC without its last part falls into letters and digits
		if personal.MatchString(t.Text) || i > 0 && personal.MatchString(words[i-1]+t.Text) || len(t.Text) > 30 {
			return ""
		}
	}
	// a telephone, an account or a folio; two years are neither
	if digits >= 6 && (years > 2 || digits != 4*years) {
		return ""
	}
	return cut(strings.Join(words, " "), maxMissBytes)
}
