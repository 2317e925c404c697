-- +goose Up
CREATE TABLE datasets (
    id             TEXT        NOT NULL PRIMARY KEY,
    slug           TEXT        NOT NULL UNIQUE,
    source_id      TEXT        NOT NULL,
    source_key     TEXT        NOT NULL,
    -- '' while the publisher maps to no institution: the central unit's
    institution_id TEXT        NOT NULL DEFAULT '',
    publisher_key  TEXT        NOT NULL DEFAULT '',
    publisher_name TEXT        NOT NULL DEFAULT '',
    -- published, or absent: gone from its source, a tombstone
    state          TEXT        NOT NULL,
    title          TEXT        NOT NULL,
    title_key      TEXT        NOT NULL,
    -- ISO 8601 of reduced precision, as the source says
    modified       TEXT        NOT NULL DEFAULT '',
    -- when it falls behind its own rhythm, and whether the index knows that it has
    late_at        TIMESTAMPTZ,
    late           BOOLEAN     NOT NULL DEFAULT FALSE,
    fingerprint    TEXT        NOT NULL,
    -- of the text that it was read from, "" when unknown; what was wrong with it (JSON)
    digest         TEXT        NOT NULL DEFAULT '',
    problems       TEXT        NOT NULL DEFAULT '',
    -- dcat.Record as JSON, without its resources
    record         TEXT        NOT NULL,
    first_seen_at  TIMESTAMPTZ NOT NULL,
    changed_at     TIMESTAMPTZ NOT NULL,
    -- since when complete runs have not seen it
    missing_since  TIMESTAMPTZ,
    absent_at      TIMESTAMPTZ,
    UNIQUE (source_id, source_key)
);
-- an institution's newest; what the central unit has to map ('')
CREATE INDEX datasets_institution ON datasets (institution_id, changed_at);
CREATE INDEX datasets_changed ON datasets (changed_at, id);
-- who falls behind next; few have both and are not late yet
CREATE INDEX datasets_late ON datasets (late_at) WHERE late_at IS NOT NULL AND NOT late;

CREATE TABLE resources (
    id           TEXT    NOT NULL PRIMARY KEY,
    dataset_id   TEXT    NOT NULL REFERENCES datasets (id),
    source_key   TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    title        TEXT    NOT NULL DEFAULT '',
    format       TEXT    NOT NULL DEFAULT '',
    url          TEXT    NOT NULL DEFAULT '',
    -- dcat.Resource as JSON
    record       TEXT    NOT NULL,
    -- gone from the source: kept, so that what was said about it stays
    removed_at   TIMESTAMPTZ,
    -- the last look at its address: '' never, ok, or fetch's error code
    check_state  TEXT    NOT NULL DEFAULT '',
    check_status INTEGER NOT NULL DEFAULT 0,
    check_size   BIGINT  NOT NULL DEFAULT -1,
    check_type   TEXT    NOT NULL DEFAULT '',
    checked_at   TIMESTAMPTZ,
    UNIQUE (dataset_id, source_key)
);
-- whose address has waited longest to be looked at
CREATE INDEX resources_check ON resources (checked_at, id);

-- What a run changed in a dataset: its history.
CREATE TABLE dataset_changes (
    id         TEXT        NOT NULL PRIMARY KEY,
    dataset_id TEXT        NOT NULL REFERENCES datasets (id),
    run_id     TEXT        NOT NULL DEFAULT '',
    at         TIMESTAMPTZ NOT NULL,
    -- changed, missing, found, absent, returned
    kind       TEXT        NOT NULL,
    -- [{"field": …, "before": …, "after": …}]
    fields     TEXT        NOT NULL DEFAULT '[]'
);
CREATE INDEX dataset_changes_dataset ON dataset_changes (dataset_id, at, id);
-- what one run changed, for its report
CREATE INDEX dataset_changes_run ON dataset_changes (run_id, id) WHERE run_id <> '';

-- +goose Down
DROP TABLE dataset_changes;
DROP TABLE resources;
DROP TABLE datasets;
