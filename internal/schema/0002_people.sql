-- +goose Up

CREATE TABLE people (
    id         TEXT        NOT NULL PRIMARY KEY,
    email      TEXT        NOT NULL, -- as the person writes it
    email_key  TEXT        NOT NULL UNIQUE, -- folded: two spellings of one address are one person
    name       TEXT        NOT NULL,
    language   TEXT        NOT NULL, -- of mails: es-MX, en
    -- The record names the person by the SHA-256 of salt and id, hexadecimal. When
    -- the person goes, so does the salt, and the name points to nobody.
    salt       TEXT        NOT NULL,
    pseudonym  TEXT        NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE role_grants (
    id          TEXT        NOT NULL PRIMARY KEY,
    person_id   TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role        TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '', -- '': the whole platform
    from_at     TIMESTAMPTZ NOT NULL,
    until_at    TIMESTAMPTZ
);
-- what a person may do, asked with every request of somebody signed in
CREATE INDEX role_grants_person ON role_grants (person_id);
-- one current grant of a role, also when two admins give it at once
CREATE UNIQUE INDEX role_grants_current ON role_grants (person_id, role, institution)
    WHERE until_at IS NULL;

-- Things that work once: sign-in links.
CREATE TABLE tokens (
    hash       TEXT        NOT NULL PRIMARY KEY, -- keyed; the token itself is kept nowhere
    purpose    TEXT        NOT NULL,
    audience   TEXT        NOT NULL, -- for a sign-in link, the folded address it went to
    person_id  TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    next       TEXT        NOT NULL DEFAULT '', -- path to go to afterwards
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ
);
CREATE INDEX tokens_person ON tokens (person_id);
-- clearing away what has expired
CREATE INDEX tokens_expiry ON tokens (expires_at);

CREATE TABLE sessions (
    hash       TEXT        NOT NULL PRIMARY KEY, -- of the cookie's value
    person_id  TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    data       TEXT        NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL -- to some minutes
);
CREATE INDEX sessions_person ON sessions (person_id);
-- clearing away what nobody has used
CREATE INDEX sessions_seen ON sessions (seen_at);

-- How often something was tried in a stretch of time. Buckets are keyed hashes
-- that change every day: no address is kept.
CREATE TABLE brakes (
    bucket    TEXT        NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    uses      INTEGER     NOT NULL,
    PRIMARY KEY (bucket, starts_at)
);
CREATE INDEX brakes_starts ON brakes (starts_at);

-- +goose Down
DROP TABLE brakes;
DROP TABLE sessions;
DROP TABLE tokens;
DROP TABLE role_grants;
DROP TABLE people;
