-- +goose Up

-- What people say under public objects: comments, and answers to them, one level deep.
CREATE TABLE comments (
    id           TEXT        NOT NULL PRIMARY KEY,
    -- hash of the form that it was sent with, its author and text: pressed twice, it is one
    nonce        TEXT        NOT NULL UNIQUE,
    on_kind      TEXT        NOT NULL,
    on_id        TEXT        NOT NULL,
    root_id      TEXT        NOT NULL DEFAULT '', -- the comment that it answers
    institution  TEXT        NOT NULL DEFAULT '', -- in whose inbox it is, '': the coordination's
    moved_from   TEXT        NOT NULL DEFAULT '', -- in whose inbox it was before a succession
    author_id    TEXT        NOT NULL DEFAULT '', -- '' once the person is no more here
    voice        TEXT        NOT NULL DEFAULT '', -- JSON: in whose name, as it was then; '': their own
    body         TEXT        NOT NULL,            -- Markdown
    version      INTEGER     NOT NULL DEFAULT 1,
    -- an edit that waits for review; the text before it stays public until then
    pending      TEXT        NOT NULL DEFAULT '',
    -- held, public, hidden, refused, removed
    state        TEXT        NOT NULL,
    locked_at    TIMESTAMPTZ,                     -- of a comment with answers: takes no more
    -- none: of an official; open; answered: by an official; marked: as attended to
    attention    TEXT        NOT NULL,
    attended_at  TIMESTAMPTZ,
    attended_by  TEXT        NOT NULL DEFAULT '', -- who marked or answered it
    attended_with TEXT       NOT NULL DEFAULT '', -- the official comment that answered it
    said_at      TIMESTAMPTZ NOT NULL,            -- when it became public, or was sent
    published_at TIMESTAMPTZ,                     -- NULL: never was public
    edited_at    TIMESTAMPTZ
);
-- an object's comments and, by root_id, one comment's answers, in order
CREATE INDEX comments_thread ON comments (on_kind, on_id, root_id, said_at, id) WHERE state <> 'held' AND state <> 'refused';
CREATE INDEX comments_answers ON comments (root_id, said_at, id) WHERE root_id <> '' AND state <> 'held' AND state <> 'refused';
-- an object's public comments and answers together: its feed, how many there are
CREATE INDEX comments_public ON comments (on_kind, on_id, said_at, id) WHERE state = 'public';
-- all that was said, newest first: for programs
CREATE INDEX comments_said ON comments (said_at, id) WHERE state = 'public';
-- an institution's inbox, by what has been done, in order
CREATE INDEX comments_inbox ON comments (institution, attention, said_at, id) WHERE state = 'public' AND attention <> 'none';
-- what an official attended to
CREATE INDEX comments_attended ON comments (attended_by, institution, said_at, id) WHERE attended_by <> '';
-- what an official comment answered, when it is hidden or taken back
CREATE INDEX comments_attended_with ON comments (attended_with) WHERE attended_with <> '';
-- the feed of an institution's comments
CREATE INDEX comments_institution ON comments (institution, said_at, id) WHERE state = 'public';
-- what a person wrote, newest first
CREATE INDEX comments_author ON comments (author_id, id) WHERE author_id <> '';

-- What comments said before they were edited.
CREATE TABLE comment_versions (
    comment_id TEXT        NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    version    INTEGER     NOT NULL,
    body       TEXT        NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (comment_id, version)
);

-- Whom a comment names with @: a person, or with institution = 1 an institution.
CREATE TABLE comment_mentions (
    comment_id  TEXT    NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    named_id    TEXT    NOT NULL,
    institution INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (comment_id, named_id)
);
-- who was named, when they go
CREATE INDEX comment_mentions_named ON comment_mentions (named_id);

-- +goose Down
DROP TABLE comment_mentions;
DROP TABLE comment_versions;
DROP TABLE comments;
