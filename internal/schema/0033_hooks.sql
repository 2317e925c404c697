-- +goose Up

-- Where the systems of institutions are told of what happens to them.
CREATE TABLE hooks (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    url         TEXT        NOT NULL,
    secret      TEXT        NOT NULL, -- sealed: it is needed again for each signature
    events      TEXT        NOT NULL, -- families of verbs, between spaces
    state       TEXT        NOT NULL, -- active, paused, failing: paused by itself
    version     INTEGER     NOT NULL DEFAULT 1,
    created_at  TIMESTAMPTZ NOT NULL,
    failing_at  TIMESTAMPTZ           -- since when nothing arrives, NULL: it does
);
-- those of an institution
CREATE INDEX hooks_institution ON hooks (institution, id);

-- What is sent to them, kept for a month.
CREATE TABLE hook_deliveries (
    id         TEXT        NOT NULL PRIMARY KEY, -- the message's id: the same each time it is sent
    hook_id    TEXT        NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    seq        BIGINT      NOT NULL, -- of the entry that it tells of, 0 for a test
    verb       TEXT        NOT NULL,
    body       TEXT        NOT NULL, -- JSON, as it is signed
    state      TEXT        NOT NULL, -- waiting, arrived, failed
    attempts   INTEGER     NOT NULL DEFAULT 0,
    next_at    TIMESTAMPTZ,          -- when it is tried next
    status     INTEGER     NOT NULL DEFAULT 0, -- HTTP, of the last attempt
    error      TEXT        NOT NULL DEFAULT '', -- code of package fetch, of the last attempt
    created_at TIMESTAMPTZ NOT NULL,
    arrived_at TIMESTAMPTZ
);
-- an entry is told once to each
CREATE UNIQUE INDEX hook_deliveries_entry ON hook_deliveries (hook_id, seq) WHERE seq > 0;
-- what is due
CREATE INDEX hook_deliveries_due ON hook_deliveries (next_at, id) WHERE next_at IS NOT NULL;
-- a hook's, newest first; and what is past its time
CREATE INDEX hook_deliveries_hook ON hook_deliveries (hook_id, created_at, id);
CREATE INDEX hook_deliveries_created ON hook_deliveries (created_at);

-- +goose Down
DROP TABLE hook_deliveries;
DROP TABLE hooks;
