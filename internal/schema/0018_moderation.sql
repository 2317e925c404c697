-- +goose Up

-- What moderators look at: one row for each thing that was ever held or reported.
CREATE TABLE moderation_cases (
    id          TEXT        NOT NULL PRIMARY KEY,
    object_kind TEXT        NOT NULL,
    object_id   TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '', -- that it concerns, '' for none
    author_id   TEXT        NOT NULL DEFAULT '', -- '' for nobody, or nobody any more
    held        BOOLEAN     NOT NULL DEFAULT FALSE, -- waits to be let through
    why         TEXT        NOT NULL DEFAULT '', -- keys of why it was held, between spaces
    severity    INTEGER     NOT NULL DEFAULT 0,  -- of the worst that is said of it
    opened_at   TIMESTAMPTZ NOT NULL,
    held_month  TEXT        NOT NULL DEFAULT '', -- 2026-11, of the last time it was held
    closed_at   TIMESTAMPTZ, -- when it was attended to
    -- goes up with each act: of two who act at once on what they saw, one is told
    version     INTEGER     NOT NULL DEFAULT 1,
    claimed_by  TEXT        NOT NULL DEFAULT '', -- who says that they are looking at it
    claimed_at  TIMESTAMPTZ,
    UNIQUE (object_kind, object_id)
);
-- the queue: the gravest first, then the oldest
CREATE INDEX moderation_cases_open ON moderation_cases (severity DESC, opened_at, id) WHERE closed_at IS NULL;
-- the queue of one institution
CREATE INDEX moderation_cases_institution ON moderation_cases (institution, severity DESC, opened_at, id) WHERE closed_at IS NULL;
-- what was attended to, newest first
CREATE INDEX moderation_cases_closed ON moderation_cases (closed_at, id) WHERE closed_at IS NOT NULL;
-- the history of an author
CREATE INDEX moderation_cases_author ON moderation_cases (author_id, id) WHERE author_id <> '';
-- how many were held in a month
CREATE INDEX moderation_cases_month ON moderation_cases (held_month) WHERE held_month <> '';

CREATE TABLE moderation_reports (
    id          TEXT        NOT NULL PRIMARY KEY,
    case_id     TEXT        NOT NULL REFERENCES moderation_cases (id),
    reason      TEXT        NOT NULL,
    body        TEXT        NOT NULL DEFAULT '', -- '' also when its year is over
    reporter_id TEXT        NOT NULL DEFAULT '', -- '' for visitors
    -- keyed hash of the person, or of network and day: one report each
    reporter    TEXT        NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    closed_at   TIMESTAMPTZ
);
-- nobody reports the same thing twice before it is attended to
CREATE UNIQUE INDEX moderation_reports_once ON moderation_reports (case_id, reporter) WHERE closed_at IS NULL;
-- the reports of a case
CREATE INDEX moderation_reports_case ON moderation_reports (case_id, id);
-- what a person reported
CREATE INDEX moderation_reports_person ON moderation_reports (reporter_id, id) WHERE reporter_id <> '';
-- texts whose year is over
CREATE INDEX moderation_reports_texts ON moderation_reports (created_at) WHERE body <> '';

CREATE TABLE moderation_decisions (
    id          TEXT        NOT NULL PRIMARY KEY,
    case_id     TEXT        NOT NULL REFERENCES moderation_cases (id),
    act         TEXT        NOT NULL,
    reason      TEXT        NOT NULL,
    note        TEXT        NOT NULL DEFAULT '', -- what the author reads besides
    state_was   TEXT        NOT NULL DEFAULT '', -- where the post stood, to go back to
    into_ref    TEXT        NOT NULL DEFAULT '', -- the thread that another was merged into
    until_at    TIMESTAMPTZ, -- of a suspension
    author_id   TEXT        NOT NULL DEFAULT '', -- whom it concerns
    decided_by  TEXT        NOT NULL DEFAULT '',
    role        TEXT        NOT NULL, -- in which it was decided: moderator, admin
    institution TEXT        NOT NULL DEFAULT '', -- for which that role is held, '' the platform
    month       TEXT        NOT NULL, -- 2026-11
    created_at  TIMESTAMPTZ NOT NULL,
    undone_at   TIMESTAMPTZ
);
-- what was decided about a post
CREATE INDEX moderation_decisions_case ON moderation_decisions (case_id, id);
-- what was decided about a person
CREATE INDEX moderation_decisions_author ON moderation_decisions (author_id, id) WHERE author_id <> '';
-- the public log by act
CREATE INDEX moderation_decisions_act ON moderation_decisions (act, id);
-- the public log by month, and how many there were in each
CREATE INDEX moderation_decisions_month ON moderation_decisions (month, act, id);

-- Once for each decision.
CREATE TABLE moderation_appeals (
    decision_id TEXT        NOT NULL PRIMARY KEY REFERENCES moderation_decisions (id),
    body        TEXT        NOT NULL, -- why the author does not agree
    created_at  TIMESTAMPTZ NOT NULL,
    outcome     TEXT        NOT NULL DEFAULT '', -- upheld, overturned; '' while it waits
    note        TEXT        NOT NULL DEFAULT '',
    decided_by  TEXT        NOT NULL DEFAULT '',
    same_person BOOLEAN     NOT NULL DEFAULT FALSE, -- there was nobody else to decide
    decided_at  TIMESTAMPTZ
);
-- those that wait, oldest first
CREATE INDEX moderation_appeals_waiting ON moderation_appeals (created_at, decision_id) WHERE outcome = '';

-- Which posts wait for review.
CREATE TABLE moderation_rules (
    id         TEXT        NOT NULL PRIMARY KEY,
    kind       TEXT        NOT NULL, -- word, pattern, domain
    pattern    TEXT        NOT NULL,
    reason     TEXT        NOT NULL, -- told to moderators
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (kind, pattern)
);

-- Keyed hashes of what was posted lately, to know the same text again.
CREATE TABLE moderation_texts (
    text_hash TEXT        NOT NULL,
    author_id TEXT        NOT NULL,
    last_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (text_hash, author_id)
);
-- those whose time is over
CREATE INDEX moderation_texts_age ON moderation_texts (last_at);
-- those of a person who goes
CREATE INDEX moderation_texts_author ON moderation_texts (author_id);

-- +goose Down
DROP TABLE moderation_texts;
DROP TABLE moderation_rules;
DROP TABLE moderation_appeals;
DROP TABLE moderation_decisions;
DROP TABLE moderation_reports;
DROP TABLE moderation_cases;
