-- +goose Up

-- What the public record tells of each case that counts in the figures of how
-- institutions answer (package score). It is read from the record alone, and can be made
-- from it again at any time.
CREATE TABLE score_cases (
    case_id        TEXT        NOT NULL PRIMARY KEY,
    last_seq       BIGINT      NOT NULL, -- the last entry that was read into it
    folio          TEXT        NOT NULL DEFAULT '',
    kind           TEXT        NOT NULL DEFAULT '',
    channel        TEXT        NOT NULL DEFAULT '',
    -- in whose figures it counts: who gave the first official answer, else who owes it
    institution    TEXT        NOT NULL DEFAULT '',
    opened_with    TEXT        NOT NULL DEFAULT '', -- who owed it first
    body           TEXT        NOT NULL DEFAULT '', -- by whose calendar its clock ran
    level          TEXT        NOT NULL DEFAULT '', -- who answered for the institution by that clock
    opened_level   TEXT        NOT NULL DEFAULT '', -- and when it was opened
    side           TEXT        NOT NULL DEFAULT '', -- with, without, central: counted apart
    standing       TEXT        NOT NULL DEFAULT '', -- only what is public counts
    state          TEXT        NOT NULL DEFAULT '',
    reason         TEXT        NOT NULL DEFAULT '', -- of a closed one
    outcome        TEXT        NOT NULL DEFAULT '', -- of its official answer, as corrected
    round          INTEGER     NOT NULL DEFAULT 0,
    month          TEXT        NOT NULL DEFAULT '', -- 2006-01, in which it was asked
    asked_at       TIMESTAMPTZ,
    due_at         TIMESTAMPTZ,                     -- of what is owed
    ack_days       INTEGER     NOT NULL DEFAULT -1, -- working days; -1: not yet
    ack_in_time    INTEGER     NOT NULL DEFAULT -1, -- 0 or 1; -1: not yet
    answered_at    TIMESTAMPTZ,                     -- the first official answer
    answer_days    INTEGER     NOT NULL DEFAULT -1,
    answer_in_time INTEGER     NOT NULL DEFAULT -1,
    settled_at     TIMESTAMPTZ,
    total_days     INTEGER     NOT NULL DEFAULT -1,
    closed_late    INTEGER     NOT NULL DEFAULT 0   -- closed without an answer once it was due
);
-- an institution's cases by month, newest first
CREATE INDEX score_cases_institution ON score_cases (institution, month, asked_at, case_id) WHERE standing = 'public';
-- everybody's by month, newest first
CREATE INDEX score_cases_month ON score_cases (month, asked_at, case_id) WHERE standing = 'public';

-- What the record tells of each commitment.
CREATE TABLE score_commitments (
    commitment_id TEXT        NOT NULL PRIMARY KEY,
    last_seq      BIGINT      NOT NULL,
    institution   TEXT        NOT NULL DEFAULT '', -- who made it, as the record said then
    month         TEXT        NOT NULL DEFAULT '', -- in which it was made
    promised_on   TEXT        NOT NULL DEFAULT '', -- 2006-01-02: the day that was promised first
    due_on        TEXT        NOT NULL DEFAULT '', -- the day promised last
    moves         INTEGER     NOT NULL DEFAULT 0,  -- how often that day was moved
    kept_on       TEXT        NOT NULL DEFAULT '', -- '': not yet
    dropped       INTEGER     NOT NULL DEFAULT 0   -- 1: it ended without being kept
);
-- an institution's commitments
CREATE INDEX score_commitments_institution ON score_commitments (institution, month);

-- +goose Down
DROP TABLE score_commitments;
DROP TABLE score_cases;
