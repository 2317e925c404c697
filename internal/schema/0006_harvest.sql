-- +goose Up
CREATE TABLE sources (
    id               TEXT        NOT NULL PRIMARY KEY,
    kind             TEXT        NOT NULL,
    url              TEXT        NOT NULL,
    title            TEXT        NOT NULL,
    -- '' for the central unit's
    institution_id   TEXT        NOT NULL DEFAULT '',
    every_hours      INTEGER     NOT NULL,
    -- active, paused, quarantined
    state            TEXT        NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    -- a seen count that an admin accepted after the shrink guard stopped a run
    accepted_seen    INTEGER     NOT NULL DEFAULT 0,
    UNIQUE (kind, url)
);

CREATE TABLE runs (
    id          TEXT        NOT NULL PRIMARY KEY,
    source_id   TEXT        NOT NULL REFERENCES sources (id),
    -- running, complete, unchanged, failed, cancelled, quarantined
    state       TEXT        NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    seen        INTEGER     NOT NULL DEFAULT 0,
    added       INTEGER     NOT NULL DEFAULT 0,
    changed     INTEGER     NOT NULL DEFAULT 0,
    -- not seen for the first time; declared absent
    missing     INTEGER     NOT NULL DEFAULT 0,
    absent      INTEGER     NOT NULL DEFAULT 0,
    returned    INTEGER     NOT NULL DEFAULT 0,
    requests    INTEGER     NOT NULL DEFAULT 0,
    bytes       BIGINT      NOT NULL DEFAULT 0,
    -- of the bytes read; what the server said of a catalogue in one document
    sha256      TEXT        NOT NULL DEFAULT '',
    etag        TEXT        NOT NULL DEFAULT '',
    modified    TEXT        NOT NULL DEFAULT '',
    error       TEXT        NOT NULL DEFAULT '',
    error_args  TEXT        NOT NULL DEFAULT '{}',
    -- how many were found; the first ones are kept
    problems    INTEGER     NOT NULL DEFAULT 0,
    -- of the problems, to see that a run found the same ones again
    digest      TEXT        NOT NULL DEFAULT '',
    -- the run whose list of problems is this one's too
    problems_of TEXT        NOT NULL DEFAULT '',
    -- which version of package dcat read it
    reader      TEXT        NOT NULL DEFAULT '',
    -- where a run that was handed back goes on
    cursor      TEXT        NOT NULL DEFAULT ''
);
CREATE INDEX runs_source ON runs (source_id, started_at, id);

CREATE TABLE run_problems (
    run_id   TEXT    NOT NULL REFERENCES runs (id),
    n        INTEGER NOT NULL,
    code     TEXT    NOT NULL,
    record   TEXT    NOT NULL DEFAULT '',
    field    TEXT    NOT NULL DEFAULT '',
    value    TEXT    NOT NULL DEFAULT '',
    repaired BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, n)
);

-- Which institution a publisher of a source is.
CREATE TABLE publisher_rules (
    id             TEXT        NOT NULL PRIMARY KEY,
    -- '' for every source
    source_id      TEXT        NOT NULL DEFAULT '',
    -- the publisher's key, or its name folded
    match_key      TEXT        NOT NULL,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    created_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (source_id, match_key)
);

-- +goose Down
DROP TABLE publisher_rules;
DROP TABLE run_problems;
DROP TABLE runs;
DROP TABLE sources;
