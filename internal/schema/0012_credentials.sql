-- +goose Up

-- By what a person proves who they are, besides a link to their address: password,
-- oidc, totp, recovery; later passkey.
CREATE TABLE credentials (
    id           TEXT        NOT NULL PRIMARY KEY,
    person_id    TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind         TEXT        NOT NULL,
    issuer       TEXT        NOT NULL DEFAULT '', -- oidc: who says so
    subject      TEXT        NOT NULL DEFAULT '', -- oidc: whom the issuer means; recovery: keyed hash of the code
    secret       TEXT        NOT NULL DEFAULT '', -- password: its argon2id hash; totp: the sealed key
    label        TEXT        NOT NULL DEFAULT '', -- oidc: how the issuer calls the person
    step         BIGINT      NOT NULL DEFAULT 0,  -- totp: the last step whose code was used
    created_at   TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ                      -- totp: when the first code came
);
-- a person's, with every request of somebody signed in
CREATE INDEX credentials_person ON credentials (person_id, kind);
-- one password and one second factor of each person, also when two requests set it at once
CREATE UNIQUE INDEX credentials_single ON credentials (person_id, kind) WHERE kind = 'password' OR kind = 'totp';
-- whom an issuer means; never two people
CREATE UNIQUE INDEX credentials_subject ON credentials (issuer, subject) WHERE kind = 'oidc';

-- Accounts that somebody asked for and that the address has not confirmed yet.
CREATE TABLE signups (
    id         TEXT        NOT NULL PRIMARY KEY,
    email      TEXT        NOT NULL,
    email_key  TEXT        NOT NULL,
    name       TEXT        NOT NULL,
    language   TEXT        NOT NULL,
    password   TEXT        NOT NULL, -- argon2id hash, '' for none
    issuer     TEXT        NOT NULL, -- with subject and label: the identity to connect, '' for none
    subject    TEXT        NOT NULL,
    label      TEXT        NOT NULL,
    next       TEXT        NOT NULL, -- path to go to afterwards
    expires_at TIMESTAMPTZ NOT NULL
);
-- clearing away what has expired
CREATE INDEX signups_expiry ON signups (expires_at);

-- Who else may say who somebody is (OpenID Connect), as admins configure it.
CREATE TABLE identity_providers (
    id         TEXT        NOT NULL PRIMARY KEY,
    slug       TEXT        NOT NULL UNIQUE, -- part of the address that the provider sends people back to
    name       TEXT        NOT NULL,
    issuer     TEXT        NOT NULL UNIQUE,
    client_id  TEXT        NOT NULL,
    secret     TEXT        NOT NULL, -- sealed
    scopes     TEXT        NOT NULL, -- separated by spaces
    enabled    BOOLEAN     NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE identity_providers;
DROP TABLE signups;
DROP TABLE credentials;
