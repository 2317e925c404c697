-- +goose Up

-- What was said in private of personal data that are published.
CREATE TABLE disclosures (
    id          TEXT        NOT NULL PRIMARY KEY,
    object_kind TEXT        NOT NULL,
    object_id   TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '', -- whose it is, '': the coordination's
    category    TEXT        NOT NULL, -- what kind of personal data
    place       TEXT        NOT NULL, -- where they are, never what they are
    note        TEXT        NOT NULL DEFAULT '',
    reporter_id TEXT        NOT NULL DEFAULT '', -- '' for a visitor, or one who is gone
    calendar    TEXT        NOT NULL, -- by what its term was computed
    due_at      TIMESTAMPTZ NOT NULL,
    conclusion  TEXT        NOT NULL DEFAULT '', -- '' while it waits
    answer      TEXT        NOT NULL DEFAULT '', -- for whoever reported it
    decided_by  TEXT        NOT NULL DEFAULT '',
    created_at  TIMESTAMPTZ NOT NULL,
    decided_at  TIMESTAMPTZ,
    version     INTEGER     NOT NULL DEFAULT 1
);
-- an institution's: what waits first, then the newest
CREATE INDEX disclosures_institution ON disclosures (institution, decided_at, created_at, id);
-- what somebody reported, when they go
CREATE INDEX disclosures_reporter ON disclosures (reporter_id) WHERE reporter_id <> '';

-- since when an institution withholds a resource, NULL: it does not
ALTER TABLE resources ADD COLUMN withheld_at TIMESTAMPTZ;

-- +goose Down
ALTER TABLE resources DROP COLUMN withheld_at;
DROP TABLE disclosures;
