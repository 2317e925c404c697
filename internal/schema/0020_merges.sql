-- +goose Up

-- Moderators make one thread of two. What stood in the one stands in the other then, and
-- each comment knows where it stood, so that they can be parted again.
ALTER TABLE comments ADD COLUMN merged_into TEXT NOT NULL DEFAULT ''; -- of a root: the root into which it was merged
ALTER TABLE comments ADD COLUMN home_id TEXT NOT NULL DEFAULT ''; -- the root of the thread in which it was said, '' where it still stands there
ALTER TABLE comments ADD COLUMN home_kind TEXT NOT NULL DEFAULT ''; -- and the object under which that stood
ALTER TABLE comments ADD COLUMN home_on TEXT NOT NULL DEFAULT '';
-- the threads that stood under an object, in order: their places say where they are
CREATE INDEX comments_merged ON comments (home_kind, home_on, said_at, id) WHERE merged_into <> '';
-- what was merged into a thread
CREATE INDEX comments_merged_into ON comments (merged_into) WHERE merged_into <> '';
-- what was said in a thread that was merged
CREATE INDEX comments_home ON comments (home_id) WHERE home_id <> '';

-- +goose Down
DROP INDEX comments_home;
DROP INDEX comments_merged_into;
DROP INDEX comments_merged;
ALTER TABLE comments DROP COLUMN home_on;
ALTER TABLE comments DROP COLUMN home_kind;
ALTER TABLE comments DROP COLUMN home_id;
ALTER TABLE comments DROP COLUMN merged_into;
