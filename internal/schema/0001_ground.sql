-- +goose Up

-- One row for ever: the lock that gives the record its order (PLAZA.md 5).
CREATE TABLE record_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT  NOT NULL,
    hash TEXT    NOT NULL
);
INSERT INTO record_head (id, seq, hash) VALUES (1, 0, '');

CREATE TABLE record_entries (
    seq         BIGINT      NOT NULL PRIMARY KEY,
    at          TIMESTAMPTZ NOT NULL,
    verb        TEXT        NOT NULL,
    actor_role  TEXT        NOT NULL,
    actor_ref   TEXT        NOT NULL DEFAULT '',
    object_kind TEXT        NOT NULL,
    object_id   TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '',
    payload     TEXT        NOT NULL DEFAULT '{}',
    prev        TEXT        NOT NULL,
    hash        TEXT        NOT NULL
);
-- the history of one thing, newest first
CREATE INDEX record_entries_object ON record_entries (object_kind, object_id, seq);
-- what happened at one institution, newest first
CREATE INDEX record_entries_institution ON record_entries (institution, seq);
CREATE INDEX record_entries_verb ON record_entries (verb, seq);

-- Signed every day: how long the record was and its last hash.
CREATE TABLE record_checkpoints (
    seq  BIGINT      NOT NULL PRIMARY KEY,
    hash TEXT        NOT NULL,
    at   TIMESTAMPTZ NOT NULL,
    note TEXT        NOT NULL
);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE jobs (
    id           TEXT        NOT NULL PRIMARY KEY,
    kind         TEXT        NOT NULL,
    queue        TEXT        NOT NULL DEFAULT 'default',
    args         TEXT        NOT NULL DEFAULT '{}',
    -- available, running, completed, cancelled, discarded (River's words)
    state        TEXT        NOT NULL,
    unique_key   TEXT        NOT NULL DEFAULT '',
    attempt      INTEGER     NOT NULL DEFAULT 0,
    max_attempts INTEGER     NOT NULL,
    run_at       TIMESTAMPTZ NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    started_at   TIMESTAMPTZ,
    finished_at  TIMESTAMPTZ,
    lease_until  TIMESTAMPTZ,
    lease_token  TEXT        NOT NULL DEFAULT '',
    cancel       BOOLEAN     NOT NULL DEFAULT FALSE,
    done         BIGINT      NOT NULL DEFAULT 0,
    total        BIGINT      NOT NULL DEFAULT 0,
    note         TEXT        NOT NULL DEFAULT '',
    error        TEXT        NOT NULL DEFAULT ''
);
-- claiming: the oldest due job
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'available';
-- the admin's list by state, newest first; expired leases; removing what ended
CREATE INDEX jobs_state ON jobs (state, id);
-- one live job per unique key
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key)
    WHERE unique_key <> '' AND state IN ('available', 'running');

CREATE TABLE schedules (
    name    TEXT        NOT NULL PRIMARY KEY,
    next_at TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE schedules;
DROP TABLE jobs;
DROP TABLE settings;
DROP TABLE record_checkpoints;
DROP TABLE record_entries;
DROP TABLE record_head;
