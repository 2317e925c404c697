-- +goose Up

-- What is known of a resource's file: what was last tried, and which version is current.
CREATE TABLE explore_attempts (
    resource_id   TEXT        NOT NULL PRIMARY KEY,
    -- the last job for it; '' for none
    job_id        TEXT        NOT NULL DEFAULT '',
    -- how the last try ended: '' none did, good, same, failed, cancelled
    outcome       TEXT        NOT NULL DEFAULT '',
    -- explore.Fault as JSON, '' unless it failed
    fault         TEXT        NOT NULL DEFAULT '',
    -- code of what it says of the resource's quality (h01), '' for nothing
    finding       TEXT        NOT NULL DEFAULT '',
    http_status   INTEGER     NOT NULL DEFAULT 0,
    -- when it ended
    at            TIMESTAMPTZ,
    -- the address and the marks of the copy at hand, to ask whether it is current
    url           TEXT        NOT NULL DEFAULT '',
    etag          TEXT        NOT NULL DEFAULT '',
    last_modified TEXT        NOT NULL DEFAULT '',
    -- the content that was last served, good or not: its SHA-256
    sha256        TEXT        NOT NULL DEFAULT '',
    -- the last good version, '' while there is none
    current_id    TEXT        NOT NULL DEFAULT '',
    -- by which converter, and with which corrections, the last try was made
    revision      INTEGER     NOT NULL DEFAULT 0,
    fixes         TEXT        NOT NULL DEFAULT ''
);
-- whose file has waited longest to be looked at again
CREATE INDEX explore_attempts_at ON explore_attempts (at, resource_id) WHERE current_id <> '';
-- what an older converter made
CREATE INDEX explore_attempts_revision ON explore_attempts (revision, resource_id) WHERE current_id <> '';

-- The versions of resources' files: one for each content, never changed. What is derived
-- from it (profile, tables) is made again when the converter or a correction changes.
CREATE TABLE explore_versions (
    id             TEXT        NOT NULL PRIMARY KEY,
    resource_id    TEXT        NOT NULL,
    number         INTEGER     NOT NULL,
    sha256         TEXT        NOT NULL,
    bytes          BIGINT      NOT NULL,
    name           TEXT        NOT NULL DEFAULT '',
    media_type     TEXT        NOT NULL DEFAULT '',
    url            TEXT        NOT NULL DEFAULT '',
    etag           TEXT        NOT NULL DEFAULT '',
    last_modified  TEXT        NOT NULL DEFAULT '',
    fetched_at     TIMESTAMPTZ NOT NULL,
    -- when the same content was last served
    seen_at        TIMESTAMPTZ NOT NULL,
    -- good, failed
    state          TEXT        NOT NULL,
    -- explore.Fault as JSON of a failed one
    fault          TEXT        NOT NULL DEFAULT '',
    -- which converter made what is derived, and with which corrections
    revision       INTEGER     NOT NULL,
    fixes          TEXT        NOT NULL DEFAULT '',
    -- tabular.Profile as JSON or, when it is large, the key of the object that holds it
    profile        TEXT        NOT NULL DEFAULT '',
    profile_sha256 TEXT        NOT NULL DEFAULT '',
    row_count      BIGINT      NOT NULL DEFAULT 0,
    column_count   INTEGER     NOT NULL DEFAULT 0,
    -- explore.Change as JSON: how it differs from the version that was current before it
    change         TEXT        NOT NULL DEFAULT '',
    -- since when its files are gone
    expired_at     TIMESTAMPTZ,
    UNIQUE (resource_id, number),
    UNIQUE (resource_id, sha256)
);
-- whether anything still needs an object
CREATE INDEX explore_versions_sha256 ON explore_versions (sha256) WHERE expired_at IS NULL;
CREATE INDEX explore_versions_profile ON explore_versions (profile_sha256) WHERE profile_sha256 <> '';

-- The tables of versions that have not expired, with their files.
CREATE TABLE explore_tables (
    version_id TEXT    NOT NULL REFERENCES explore_versions (id),
    position   INTEGER NOT NULL,
    name       TEXT    NOT NULL DEFAULT '',
    sha256     TEXT    NOT NULL,
    bytes      BIGINT  NOT NULL,
    row_count  BIGINT  NOT NULL,
    PRIMARY KEY (version_id, position)
);
-- whether anything still needs an object
CREATE INDEX explore_tables_sha256 ON explore_tables (sha256);

-- The objects in the file store that are the explorer's. One is claimed before it is put
-- and goes when no row above has named it for a while.
CREATE TABLE explore_objects (
    sha256     TEXT        NOT NULL PRIMARY KEY,
    bytes      BIGINT      NOT NULL DEFAULT 0,
    claimed_at TIMESTAMPTZ NOT NULL,
    -- since when it is being removed: nobody may claim it meanwhile
    doomed_at  TIMESTAMPTZ
);
-- what may be looked at by the sweep
CREATE INDEX explore_objects_claimed ON explore_objects (claimed_at, sha256);

-- How often the pages of resources were opened, by day: nothing of who did.
CREATE TABLE explore_visits (
    resource_id TEXT    NOT NULL,
    day         TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (resource_id, day)
);
-- the most visited of some days; what is forgotten
CREATE INDEX explore_visits_day ON explore_visits (day, resource_id, n);

-- What people of an institution said of tables, for this version and later ones.
CREATE TABLE explore_fixes (
    resource_id TEXT        NOT NULL,
    table_name  TEXT        NOT NULL,
    -- tabular.Correction as JSON
    correction  TEXT        NOT NULL,
    reason      TEXT        NOT NULL DEFAULT '',
    role        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    version     INTEGER     NOT NULL DEFAULT 1,
    PRIMARY KEY (resource_id, table_name)
);

-- What was decided of columns that may hold personal data: hidden, or shown.
CREATE TABLE explore_columns (
    resource_id TEXT        NOT NULL,
    -- '' for the whole file
    name        TEXT        NOT NULL,
    -- as the file has it, which no correction changes
    label       TEXT        NOT NULL DEFAULT '',
    state       TEXT        NOT NULL,
    reason      TEXT        NOT NULL,
    role        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (resource_id, name)
);

-- Columns in which personal data was suspected, and the private notice of it.
CREATE TABLE explore_suspects (
    version_id    TEXT        NOT NULL REFERENCES explore_versions (id),
    resource_id   TEXT        NOT NULL,
    name          TEXT        NOT NULL,
    label         TEXT        NOT NULL DEFAULT '',
    -- '' when an earlier one still waits
    disclosure_id TEXT        NOT NULL DEFAULT '',
    at            TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (version_id, name)
);
CREATE INDEX explore_suspects_resource ON explore_suspects (resource_id, at);

-- +goose Down
DROP TABLE explore_suspects;
DROP TABLE explore_columns;
DROP TABLE explore_fixes;
DROP TABLE explore_visits;
DROP TABLE explore_objects;
DROP TABLE explore_tables;
DROP TABLE explore_versions;
DROP TABLE explore_attempts;
