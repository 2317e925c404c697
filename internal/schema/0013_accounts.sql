-- +goose Up

-- Folded, for order and for finding somebody by how a name begins.
ALTER TABLE people ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE people SET name_key = LOWER(name);
-- Grows with every change that the coordination makes: of two who act on what they saw
-- at once, one is told.
ALTER TABLE people ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
-- A suspended account reads, exports, appeals and goes; it takes no part.
ALTER TABLE people ADD COLUMN suspended_from TIMESTAMPTZ;
ALTER TABLE people ADD COLUMN suspended_until TIMESTAMPTZ; -- NULL: until it is lifted
-- a reference of whoever decided it, or its reason in words
ALTER TABLE people ADD COLUMN suspended_why TEXT NOT NULL DEFAULT '';

-- the list of people, in order
CREATE INDEX people_name ON people (name_key, id);
-- who is suspended
CREATE INDEX people_suspended ON people (suspended_from) WHERE suspended_from IS NOT NULL;

-- "firefox computer": told from what the browser said of itself, of which no more is kept
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';

-- Personal access tokens for the API.
CREATE TABLE access_tokens (
    id         TEXT        NOT NULL PRIMARY KEY,
    hash       TEXT        NOT NULL UNIQUE, -- keyed; the token itself is kept nowhere
    person_id  TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name       TEXT        NOT NULL,
    scopes     TEXT        NOT NULL, -- names, separated by spaces
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_on    TIMESTAMPTZ, -- the day of the last use, no more exactly
    revoked_at TIMESTAMPTZ
);
-- the tokens of a person
CREATE INDEX access_tokens_person ON access_tokens (person_id, id);
-- clearing away what has long expired
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

-- Changes of somebody's address, until nobody can undo them any more.
CREATE TABLE email_changes (
    id        TEXT        NOT NULL PRIMARY KEY,
    person_id TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    old_email TEXT        NOT NULL,
    old_key   TEXT        NOT NULL,
    new_email TEXT        NOT NULL,
    new_key   TEXT        NOT NULL,
    asked_at  TIMESTAMPTZ NOT NULL,
    done_at   TIMESTAMPTZ, -- confirmed at the new address
    undone_at TIMESTAMPTZ  -- taken back at the old one
);
-- what a person asked for, newest last
CREATE INDEX email_changes_person ON email_changes (person_id, id);
-- clearing away
CREATE INDEX email_changes_asked ON email_changes (asked_at);

-- Which version of which notice somebody was shown before giving data.
CREATE TABLE consents (
    id           TEXT        NOT NULL PRIMARY KEY,
    person_id    TEXT        NOT NULL DEFAULT '', -- '': somebody without an account
    address_hash TEXT        NOT NULL DEFAULT '', -- keyed, of an address without an account
    point        TEXT        NOT NULL, -- where it was collected
    version      INTEGER     NOT NULL, -- of the notice that was shown
    given_at     TIMESTAMPTZ NOT NULL
);
-- what a person agreed to
CREATE INDEX consents_person ON consents (person_id, id) WHERE person_id <> '';
-- clearing away those of addresses
CREATE INDEX consents_given ON consents (given_at) WHERE person_id = '';

-- +goose Down
DROP TABLE consents;
DROP TABLE email_changes;
DROP TABLE access_tokens;
ALTER TABLE sessions DROP COLUMN agent;
DROP INDEX people_suspended;
DROP INDEX people_name;
ALTER TABLE people DROP COLUMN suspended_why;
ALTER TABLE people DROP COLUMN suspended_until;
ALTER TABLE people DROP COLUMN suspended_from;
ALTER TABLE people DROP COLUMN version;
ALTER TABLE people DROP COLUMN name_key;
