-- +goose Up
-- When the address of a tool elsewhere is looked at next, and since when it counts as broken:
-- not before it failed some times in a row, over some days.
ALTER TABLE tools ADD COLUMN look_at TIMESTAMPTZ;   -- NULL: as soon as may be
ALTER TABLE tools ADD COLUMN broken_at TIMESTAMPTZ; -- NULL: it opens
UPDATE tools SET broken_at = checked_at WHERE check_failures >= 3;
DROP INDEX tools_checked;
CREATE INDEX tools_look ON tools (look_at, id) WHERE url <> '';

-- The pictures in the file store that tools elsewhere have, had or may have: they name rows
-- of tool_objects, as tool_pictures does.
CREATE TABLE tool_images (
    tool_id TEXT NOT NULL REFERENCES tools (id),
    sha256  TEXT NOT NULL,
    PRIMARY KEY (tool_id, sha256)
);
CREATE INDEX tool_images_sha256 ON tool_images (sha256);

-- +goose Down
DROP TABLE tool_images;
DROP INDEX tools_look;
CREATE INDEX tools_checked ON tools (checked_at, id) WHERE url <> '';
ALTER TABLE tools DROP COLUMN broken_at;
ALTER TABLE tools DROP COLUMN look_at;
