-- +goose Up

-- The last number that was given out under a prefix in a year.
CREATE TABLE commitment_codes (
    prefix TEXT    NOT NULL,
    year   INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (prefix, year)
);

-- What institutions said they would do, and by when. Whether one is overdue is read off
-- late_at when somebody asks.
CREATE TABLE commitments (
    id              TEXT        NOT NULL PRIMARY KEY,
    code            TEXT        NOT NULL UNIQUE,     -- SALUD-C-2026-0007
    institution     TEXT        NOT NULL DEFAULT '', -- who keeps it; '': the coordination
    moved_from      TEXT        NOT NULL DEFAULT '', -- whose it was before a succession
    unit_id         TEXT        NOT NULL DEFAULT '', -- the area that keeps it
    -- what it was promised in; the ids never change
    origin_kind     TEXT        NOT NULL DEFAULT '',
    origin_id       TEXT        NOT NULL DEFAULT '',
    -- what it concerns, '' for something that is not published yet
    object_kind     TEXT        NOT NULL DEFAULT '',
    object_id       TEXT        NOT NULL DEFAULT '',
    dataset_id      TEXT        NOT NULL DEFAULT '', -- the dataset of the object
    kind            TEXT        NOT NULL, -- publish, improve, document, update, format, api, other
    promise         TEXT        NOT NULL,
    language        TEXT        NOT NULL,
    due_on          TEXT        NOT NULL, -- 2006-01-02, in the institution's zone
    late_at         TIMESTAMPTZ NOT NULL, -- the first moment that is late
    original_due_on TEXT        NOT NULL,
    moves           INTEGER     NOT NULL DEFAULT 0, -- how often the date was moved
    percent         INTEGER     NOT NULL DEFAULT 0, -- of the last progress told
    state           TEXT        NOT NULL, -- open, kept, dropped
    voice           TEXT        NOT NULL DEFAULT '', -- JSON: who made it, as it was then
    evidence        TEXT        NOT NULL DEFAULT '', -- JSON: by what it was kept
    -- JSON: that somebody wants it dropped, until a second person signs or returns that
    dropping        TEXT        NOT NULL DEFAULT '',
    version         INTEGER     NOT NULL DEFAULT 1, -- grows with each act
    made_at         TIMESTAMPTZ NOT NULL,
    settled_at      TIMESTAMPTZ -- kept or dropped
);
-- an institution's, by when they are due
CREATE INDEX commitments_institution ON commitments (institution, state, late_at, id);
-- all of them, by when they are due: the public list, what is overdue
CREATE INDEX commitments_state ON commitments (state, late_at, id);
-- all of them, the newest first
CREATE INDEX commitments_made ON commitments (made_at, id);
-- what a case led to, and whether that is open
CREATE INDEX commitments_origin ON commitments (origin_kind, origin_id, made_at) WHERE origin_id <> '';
-- a dataset's, and what a change of it may keep
CREATE INDEX commitments_dataset ON commitments (dataset_id, state, late_at, id) WHERE dataset_id <> '';

-- What happened to a commitment, in order: the line through time on its page.
CREATE TABLE commitment_steps (
    id            TEXT        NOT NULL PRIMARY KEY,
    commitment_id TEXT        NOT NULL REFERENCES commitments (id) ON DELETE CASCADE,
    kind          TEXT        NOT NULL, -- made, progressed, rescheduled, drop_asked, drop_returned, kept, dropped, moved
    at            TIMESTAMPTZ NOT NULL,
    voice         TEXT        NOT NULL DEFAULT '', -- JSON: who acted, as it was then; '': Plaza itself
    body          TEXT        NOT NULL DEFAULT '', -- Markdown: what was done, a reason
    facts         TEXT        NOT NULL DEFAULT ''  -- JSON: dates, a percentage, who signed
);
CREATE INDEX commitment_steps_commitment ON commitment_steps (commitment_id, at, id);

-- These readers of the record have nothing to do with what was before them.
INSERT INTO record_positions (name, seq) SELECT 'commitments', seq FROM record_head WHERE id = 1;
INSERT INTO record_positions (name, seq) SELECT 'rehome', seq FROM record_head WHERE id = 1;

-- +goose Down
DELETE FROM record_positions WHERE name IN ('commitments', 'rehome');
DROP TABLE commitment_steps;
DROP TABLE commitments;
DROP TABLE commitment_codes;
