-- +goose Up
-- What the pictures and numbers of tools keep in the file store: claimed before it is put,
-- named by tool_pictures then, and removed when nothing names it.
CREATE TABLE tool_objects (
    sha256     TEXT        NOT NULL PRIMARY KEY,
    bytes      BIGINT      NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    doomed_at  TIMESTAMPTZ -- it is being removed
);
CREATE INDEX tool_objects_claimed ON tool_objects (claimed_at, sha256);

-- +goose Down
DROP TABLE tool_objects;
