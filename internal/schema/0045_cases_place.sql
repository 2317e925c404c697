-- +goose Up

-- Where in a resource's file a case points to, besides its column and row: the number of the
-- version that was looked at, 0 for none; the filtered view of it, as the query of its
-- address; and the code of the problem that was found there.
ALTER TABLE cases ADD COLUMN on_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN on_view TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN on_code TEXT NOT NULL DEFAULT '';

-- Who corrected and decided what of a resource's columns, one row for each time: the rows
-- of explore_fixes and explore_columns hold what stands. It is for the people of the
-- institution: what a reason says of a column is for nobody else.
CREATE TABLE explore_said (
    id          TEXT        NOT NULL PRIMARY KEY,
    resource_id TEXT        NOT NULL,
    -- corrected, hidden, shown
    kind        TEXT        NOT NULL,
    -- the table that was corrected, or the column that was decided of, '' for the file
    name        TEXT        NOT NULL DEFAULT '',
    reason      TEXT        NOT NULL DEFAULT '',
    role        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
-- what was said of a resource, the newest first
CREATE INDEX explore_said_resource ON explore_said (resource_id, at, id);

-- other resources with the same address; addresses may be longer than an index takes
CREATE INDEX resources_url ON resources (substr(url, 1, 400)) WHERE url <> '';

-- +goose Down
DROP INDEX resources_url;
DROP TABLE explore_said;
ALTER TABLE cases DROP COLUMN on_code;
ALTER TABLE cases DROP COLUMN on_view;
ALTER TABLE cases DROP COLUMN on_version;
