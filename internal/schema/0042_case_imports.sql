-- +goose Up

-- A backlog is imported by a job, row after row: what a file says lies in rows of its own,
-- each of which goes in the transaction that makes a case of it. Files that were read
-- before are forgotten; they would have been within a week.
DROP TABLE case_imports;
CREATE TABLE case_imports (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    person_id   TEXT        NOT NULL, -- who sent it, or began it last: it runs with their rights
    name        TEXT        NOT NULL, -- of the file: a label
    heads       TEXT        NOT NULL, -- JSON: the names of its columns
    broken      INTEGER     NOT NULL DEFAULT 0, -- the row at which the file breaks off
    state       TEXT        NOT NULL, -- read, running, stopped, done
    why         TEXT        NOT NULL DEFAULT '', -- why it stopped by itself
    run         INTEGER     NOT NULL DEFAULT 0, -- how often it was begun: a job of an earlier run does nothing
    job_id      TEXT        NOT NULL DEFAULT '',
    total       INTEGER     NOT NULL, -- rows
    waiting     INTEGER     NOT NULL, -- rows that are well and nothing became of yet
    made        INTEGER     NOT NULL DEFAULT 0, -- rows that became cases
    known       INTEGER     NOT NULL DEFAULT 0, -- rows that had become cases before
    created_at  TIMESTAMPTZ NOT NULL
);
-- what somebody sent, what is forgotten, and an institution's files
CREATE INDEX case_imports_person ON case_imports (person_id);
CREATE INDEX case_imports_created ON case_imports (created_at);
CREATE INDEX case_imports_institution ON case_imports (institution, created_at);

-- What is left of those files: rows that wait, and rows that are refused.
CREATE TABLE case_import_rows (
    import_id TEXT    NOT NULL REFERENCES case_imports (id) ON DELETE CASCADE,
    n         INTEGER NOT NULL, -- of the row in the file
    state     TEXT    NOT NULL, -- waiting, refused
    content   TEXT    NOT NULL, -- JSON: its cells, and what is wrong with them
    PRIMARY KEY (import_id, n)
);
-- the next ones that wait, and those that are refused, in the file's order
CREATE INDEX case_import_rows_state ON case_import_rows (import_id, state, n);

-- +goose Down
DROP TABLE case_import_rows;
DROP TABLE case_imports;
CREATE TABLE case_imports (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    person_id   TEXT        NOT NULL,
    name        TEXT        NOT NULL,
    content     TEXT        NOT NULL,
    made        INTEGER     NOT NULL DEFAULT 0,
    known       INTEGER     NOT NULL DEFAULT 0,
    next        INTEGER     NOT NULL DEFAULT 0,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_imports_person ON case_imports (person_id);
CREATE INDEX case_imports_created ON case_imports (created_at);
