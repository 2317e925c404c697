-- +goose Up

-- The areas of an institution: whoever generates or administers data, answers for
-- transparency, tells its stories. One that is no more keeps its row, as what it said
-- keeps its name.
CREATE TABLE units (
    id             TEXT        NOT NULL PRIMARY KEY,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    name           TEXT        NOT NULL,
    name_key       TEXT        NOT NULL, -- folded, for order and to tell two from one
    -- generating, administering, transparency, communications, oversight, technology
    kind           TEXT        NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    retired_at     TIMESTAMPTZ
);
-- an institution's areas in order, no two of one name
CREATE UNIQUE INDEX units_institution ON units (institution_id, name_key) WHERE retired_at IS NULL;

-- For which area a role is held, '' for none.
ALTER TABLE role_grants ADD COLUMN unit_id TEXT NOT NULL DEFAULT '';

-- who holds a role at an institution
CREATE INDEX role_grants_institution ON role_grants (institution, role);

-- Mails: those that wait for the server, those it took, and, where there is no server,
-- those that are kept to be read here.
CREATE TABLE outbox (
    id          TEXT        NOT NULL PRIMARY KEY,
    -- who posts the same thing twice, after a crash, posts it once
    unique_key  TEXT        NOT NULL UNIQUE,
    kind        TEXT        NOT NULL,
    person_id   TEXT        NOT NULL DEFAULT '', -- '': an address without an account
    address     TEXT        NOT NULL,
    subject     TEXT        NOT NULL,
    body_text   TEXT        NOT NULL, -- '' once the server has it
    body_html   TEXT        NOT NULL,
    -- where one click stops mails of this kind, '' for those that nobody subscribed to
    unsubscribe TEXT        NOT NULL DEFAULT '',
    -- waiting, sent, kept, refused, stopped
    state       TEXT        NOT NULL,
    attempts    INTEGER     NOT NULL DEFAULT 0,
    next_at     TIMESTAMPTZ,
    error       TEXT        NOT NULL DEFAULT '',
    created_at  TIMESTAMPTZ NOT NULL,
    sent_at     TIMESTAMPTZ
);
-- what is due next
CREATE INDEX outbox_due ON outbox (next_at, id) WHERE state = 'waiting';
-- the list of them, newest first, by state
CREATE INDEX outbox_state ON outbox (state, id);
-- what a person got
CREATE INDEX outbox_person ON outbox (person_id, id) WHERE person_id <> '';

-- +goose Down
DROP TABLE outbox;
DROP INDEX role_grants_institution;
ALTER TABLE role_grants DROP COLUMN unit_id;
DROP TABLE units;
