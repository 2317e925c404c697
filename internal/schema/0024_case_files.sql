-- +goose Up

-- Files that were sent before there is a case: they become its own, or go after a while.
CREATE TABLE case_pending_files (
    id         TEXT    NOT NULL PRIMARY KEY,
    pending_id TEXT    NOT NULL REFERENCES case_pending (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    media      TEXT    NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     TEXT    NOT NULL -- as in case_files
);
CREATE INDEX case_pending_files_pending ON case_pending_files (pending_id, id);
-- what somebody sent, when they go
CREATE INDEX case_files_by ON case_files (by_id) WHERE by_id <> '';

-- +goose Down
DROP INDEX case_files_by;
DROP TABLE case_pending_files;
