-- +goose Up

-- Letters by which liaisons were appointed. The file lies in the file store and is
-- never public.
CREATE TABLE letters (
    id             TEXT        NOT NULL PRIMARY KEY,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    person_id      TEXT        NOT NULL DEFAULT '', -- '' until who was appointed has an account
    number         TEXT        NOT NULL,
    dated          TEXT        NOT NULL, -- the letter's own date, 2026-11-27
    file           TEXT        NOT NULL, -- key in the file store
    media_type     TEXT        NOT NULL,
    size           BIGINT      NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL
);
-- an institution's letters, newest first
CREATE INDEX letters_institution ON letters (institution_id, id);
-- what is kept of a person
CREATE INDEX letters_person ON letters (person_id) WHERE person_id <> '';
-- whether a file is still somebody's
CREATE INDEX letters_file ON letters (file);

-- Roles that were offered to an address, by a link that works once.
CREATE TABLE invitations (
    id             TEXT        NOT NULL PRIMARY KEY,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    email          TEXT        NOT NULL,
    email_key      TEXT        NOT NULL, -- folded, as people.email_key
    roles          TEXT        NOT NULL, -- separated by spaces
    unit_id        TEXT        NOT NULL DEFAULT '',
    from_at        TIMESTAMPTZ, -- of the roles; NULL: from when they are accepted
    until_at       TIMESTAMPTZ,
    letter_id      TEXT        NOT NULL DEFAULT '', -- of a liaison's appointment
    hash           TEXT        NOT NULL DEFAULT '', -- of the link's secret, '' until it is mailed
    -- open, accepted, revoked, expired
    state          TEXT        NOT NULL,
    invited_by     TEXT        NOT NULL DEFAULT '', -- person
    accepted_by    TEXT        NOT NULL DEFAULT '', -- person
    created_at     TIMESTAMPTZ NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    ended_at       TIMESTAMPTZ
);
-- one open invitation of an address to an institution, also when two invite at once
CREATE UNIQUE INDEX invitations_open ON invitations (institution_id, email_key) WHERE state = 'open';
-- which invitation a link is
CREATE UNIQUE INDEX invitations_hash ON invitations (hash) WHERE hash <> '';
-- what ends by itself, and what is forgotten
CREATE INDEX invitations_expiry ON invitations (expires_at) WHERE state = 'open';
CREATE INDEX invitations_ended ON invitations (ended_at) WHERE state <> 'open';
-- what is kept of an address
CREATE INDEX invitations_email ON invitations (email_key);

-- Who asked to work for an institution.
CREATE TABLE join_requests (
    id             TEXT        NOT NULL PRIMARY KEY,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    person_id      TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role           TEXT        NOT NULL DEFAULT '', -- '': whichever the institution says
    unit_id        TEXT        NOT NULL DEFAULT '',
    message        TEXT        NOT NULL DEFAULT '',
    domain         TEXT        NOT NULL DEFAULT '', -- verified one of the address, '' for none
    -- open, accepted, refused, withdrawn, expired
    state          TEXT        NOT NULL,
    reason         TEXT        NOT NULL DEFAULT '', -- of a refusal
    decided_by     TEXT        NOT NULL DEFAULT '', -- person
    created_at     TIMESTAMPTZ NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    ended_at       TIMESTAMPTZ
);
-- one open request of a person to an institution
CREATE UNIQUE INDEX join_requests_open ON join_requests (institution_id, person_id) WHERE state = 'open';
-- a person's requests, newest first
CREATE INDEX join_requests_person ON join_requests (person_id, id);
-- what ends by itself, and what is forgotten
CREATE INDEX join_requests_expiry ON join_requests (expires_at) WHERE state = 'open';
CREATE INDEX join_requests_ended ON join_requests (ended_at) WHERE state <> 'open';

-- E-mail domains that an institution says are its own.
CREATE TABLE email_domains (
    id             TEXT        NOT NULL PRIMARY KEY,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    domain         TEXT        NOT NULL, -- in ASCII, lower case
    created_at     TIMESTAMPTZ NOT NULL,
    verified_at    TIMESTAMPTZ -- NULL while it is only proposed
);
-- an institution proposes a domain once
CREATE UNIQUE INDEX email_domains_institution ON email_domains (institution_id, domain);
-- a domain is one institution's, also when two are verified at once
CREATE UNIQUE INDEX email_domains_verified ON email_domains (domain) WHERE verified_at IS NOT NULL;

-- When liaisons are away, and who stands in for them.
CREATE TABLE absences (
    id             TEXT        NOT NULL PRIMARY KEY,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    person_id      TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    substitute_id  TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    from_at        TIMESTAMPTZ NOT NULL,
    until_at       TIMESTAMPTZ NOT NULL, -- exclusive; moved to now when somebody is back early
    created_at     TIMESTAMPTZ NOT NULL
);
-- an institution's absences, and those in force
CREATE INDEX absences_institution ON absences (institution_id, until_at);
-- what goes with a person
CREATE INDEX absences_person ON absences (person_id);
CREATE INDEX absences_substitute ON absences (substitute_id);
-- what is forgotten
CREATE INDEX absences_until ON absences (until_at);

-- How an institution calls its roles, where it has a name of its own.
CREATE TABLE role_names (
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    role           TEXT NOT NULL,
    name           TEXT NOT NULL,
    PRIMARY KEY (institution_id, role)
);

-- Whether an institution had a liaison when the record last said so; without a row it
-- never had one. Who tells of a change moves the row first, so that it is told once.
CREATE TABLE staffing (
    institution_id TEXT        NOT NULL PRIMARY KEY REFERENCES institutions (id),
    state          TEXT        NOT NULL, -- staffed, vacant
    since          TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE staffing;
DROP TABLE role_names;
DROP TABLE absences;
DROP TABLE email_domains;
DROP TABLE join_requests;
DROP TABLE invitations;
DROP TABLE letters;
