-- +goose Up

-- How the rows of two versions of a resource differ, for each pair that somebody asked
-- about. The shape is compared when it is shown: it may hold what was withheld since.
CREATE TABLE explore_comparisons (
    before_id TEXT        NOT NULL REFERENCES explore_versions (id),
    after_id  TEXT        NOT NULL REFERENCES explore_versions (id),
    -- the last job for it
    job_id    TEXT        NOT NULL DEFAULT '',
    -- digest of the tables that were compared: those of others are compared anew
    tables    TEXT        NOT NULL DEFAULT '',
    -- explore.Counted as JSON, '' while there is none
    result    TEXT        NOT NULL DEFAULT '',
    -- explore.Fault as JSON, '' unless it could not be done
    fault     TEXT        NOT NULL DEFAULT '',
    at        TIMESTAMPTZ,
    PRIMARY KEY (before_id, after_id)
);

-- +goose Down
DROP TABLE explore_comparisons;
