-- +goose Up

-- To which area a case goes by itself: the dataset's rules before those of its source,
-- and those before the theme's; within each, in their order.
CREATE TABLE case_rules (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    what        TEXT        NOT NULL, -- dataset, source, theme
    value       TEXT        NOT NULL, -- id of the dataset or source, or the theme
    unit_id     TEXT        NOT NULL,
    place       INTEGER     NOT NULL, -- among those of the same kind
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (institution, what, value)
);

-- Answers that an institution writes often, '' the coordination.
CREATE TABLE case_templates (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    title       TEXT        NOT NULL,
    title_key   TEXT        NOT NULL, -- its folded form
    body        TEXT        NOT NULL, -- Markdown
    outcome     TEXT        NOT NULL DEFAULT '',
    updated_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (institution, title_key)
);

-- Views of an inbox that a person keeps. Private.
CREATE TABLE case_filters (
    id          TEXT        NOT NULL PRIMARY KEY,
    person_id   TEXT        NOT NULL,
    institution TEXT        NOT NULL, -- '': the coordination's inbox
    name        TEXT        NOT NULL,
    query       TEXT        NOT NULL, -- what follows ? in the address
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (person_id, institution, name)
);

-- A file with what came by other channels, read and looked at before it is imported.
-- Private; forgotten after some days.
CREATE TABLE case_imports (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    person_id   TEXT        NOT NULL,
    name        TEXT        NOT NULL, -- of the file: a label
    content     TEXT        NOT NULL, -- JSON: its rows, and what is wrong with each
    made        INTEGER     NOT NULL DEFAULT 0, -- rows that became cases
    known       INTEGER     NOT NULL DEFAULT 0, -- rows that had become cases before
    next        INTEGER     NOT NULL DEFAULT 0, -- the row to go on with
    created_at  TIMESTAMPTZ NOT NULL
);
-- what somebody read, and what is forgotten
CREATE INDEX case_imports_person ON case_imports (person_id);
CREATE INDEX case_imports_created ON case_imports (created_at);

-- counts of an inbox by kind, state, area and term, from the index alone
CREATE INDEX cases_tally ON cases (institution, state, kind, unit_id, due_at, id) WHERE standing = 'public';
-- drafts for which somebody waits
CREATE INDEX case_drafts_state ON case_drafts (state, case_id);

-- +goose Down
DROP INDEX case_drafts_state;
DROP INDEX cases_tally;
DROP TABLE case_imports;
DROP TABLE case_filters;
DROP TABLE case_templates;
DROP TABLE case_rules;
