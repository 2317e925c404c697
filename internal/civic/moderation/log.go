package moderation

import (
	"fmt"

	"plaza/internal/base/db"
)

// logged chooses decisions for the public log.
type logged struct {
	Act    Act
	Month  string
	Before string // id of the last decision of the page before
}

// publicLog are decisions, the newest first.
func publicLog(tx *db.Tx, q logged, limit int) ([]Decision, error) {
	where, args := "1 = 1", []any(nil)
	and := func(condition string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(" AND "+condition, len(args))
	}
	if q.Act != "" {
		and("d.act = $%d", string(q.Act))
	}
	if q.Month != "" {
		and("d.month = $%d", q.Month)
	}
	if q.Before != "" {
		and("d.id < $%d", q.Before)
	}
	args = append(args, limit)
	return db.All(tx, scanDecision, selectDecision+where+fmt.Sprintf(` ORDER BY d.id DESC LIMIT $%d`, len(args)), args...)
}

// monthCount is what was done in a month.
type monthCount struct {
	Month string
	Held  int
	Acts  map[Act]int
}

// monthCounts are the months since one, the newest first; those in which nothing
// happened are left out.
func monthCounts(tx *db.Tx, since string) ([]monthCount, error) {
	by := map[string]*monthCount{}
	var months []*monthCount
	rows, err := tx.Query(`SELECT month, act, COUNT(*) FROM moderation_decisions WHERE month >= $1 GROUP BY month, act
		UNION ALL
		SELECT held_month, '', COUNT(*) FROM moderation_cases WHERE held_month >= $1 AND held_month <> '' GROUP BY held_month
		ORDER BY 1 DESC`, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var month, act string
		var n int
		if err := rows.Scan(&month, &act, &n); err != nil {
			return nil, err
		}
		m := by[month]
		if m == nil {
			m = &monthCount{Month: month, Acts: map[Act]int{}}
			by[month] = m
			months = append(months, m)
		}
		if act == "" {
			m.Held = n
		} else {
			m.Acts[Act(act)] = n
		}
	}
	out := make([]monthCount, len(months))
	for i, m := range months {
		out[i] = *m
	}
	return out, rows.Err()
}
