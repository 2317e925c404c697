-- +goose Up

-- Threads that belong to no dataset. What they begin with is a comment, which is moderated,
-- edited and attended to like any other.
CREATE TABLE forum_threads (
    id          TEXT        NOT NULL PRIMARY KEY,
    slug        TEXT        NOT NULL UNIQUE,
    -- hash of the form that it was sent with, its author and text: pressed twice, it is one
    nonce       TEXT        NOT NULL UNIQUE,
    comment_id  TEXT        NOT NULL UNIQUE,
    title       TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '', -- to whom it is addressed, '': to nobody
    theme       TEXT        NOT NULL DEFAULT '', -- '' for none
    standing    TEXT        NOT NULL,            -- that of its comment
    created_at  TIMESTAMPTZ NOT NULL
);
-- the forum, newest first, whole, by institution and by theme
CREATE INDEX forum_threads_newest ON forum_threads (created_at, id) WHERE standing = 'public';
CREATE INDEX forum_threads_institution ON forum_threads (institution, created_at, id) WHERE standing = 'public';
CREATE INDEX forum_threads_theme ON forum_threads (theme, created_at, id) WHERE standing = 'public' AND theme <> '';

-- the comment that became a case
ALTER TABLE cases ADD COLUMN comment_id TEXT NOT NULL DEFAULT '';
-- one comment becomes one case
CREATE UNIQUE INDEX cases_comment ON cases (comment_id) WHERE comment_id <> '';

-- +goose Down
DROP INDEX cases_comment;
ALTER TABLE cases DROP COLUMN comment_id;
DROP TABLE forum_threads;
