-- +goose Up

-- Who follows by mail without an account. Gone when they stop, or after a week in
-- which nobody confirmed.
CREATE TABLE follow_readers (
    id         TEXT        NOT NULL PRIMARY KEY,
    email      TEXT        NOT NULL, -- as it was typed
    email_key  TEXT        NOT NULL UNIQUE, -- folded: two spellings of one address are one
    language   TEXT        NOT NULL, -- of mails: es-MX, en
    created_at TIMESTAMPTZ NOT NULL
);

-- What is followed by whom: a person's id or a reader's, which are never the same.
CREATE TABLE follows (
    id           TEXT        NOT NULL PRIMARY KEY,
    object_kind  TEXT        NOT NULL,
    object_id    TEXT        NOT NULL,
    recipient    TEXT        NOT NULL,
    -- now, daily, weekly: how often mails come
    often        TEXT        NOT NULL,
    in_app       BOOLEAN     NOT NULL,
    by_mail      BOOLEAN     NOT NULL,
    -- only what the record tells after this number is told
    since_seq    BIGINT      NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ, -- NULL while an address has not said yes
    -- and the followers of one thing in order, as they are told of it
    UNIQUE (object_kind, object_id, recipient)
);
-- what one of them follows
CREATE INDEX follows_recipient ON follows (recipient, id);
-- what nobody confirmed in time
CREATE INDEX follows_unconfirmed ON follows (created_at) WHERE confirmed_at IS NULL;

-- How mails come that nobody subscribed to but that concern somebody (a mention, a
-- duty of a role). Whoever has no row gets them at once.
CREATE TABLE notice_settings (
    recipient TEXT NOT NULL PRIMARY KEY,
    often     TEXT NOT NULL -- now, daily, weekly, never
);

-- What somebody is told: entry seq of the record, once. Telling 100,000 followers of
-- one thing goes along this key, since they are told in order.
CREATE TABLE notices (
    recipient  TEXT        NOT NULL,
    seq        BIGINT      NOT NULL,
    why        TEXT        NOT NULL, -- message key of the reason
    why_kind   TEXT        NOT NULL DEFAULT '', -- the thing followed, '' for none
    why_id     TEXT        NOT NULL DEFAULT '',
    follow_id  TEXT        NOT NULL DEFAULT '',
    in_app     BOOLEAN     NOT NULL,
    mail       TEXT        NOT NULL DEFAULT '', -- waits for a mail: now, daily, weekly
    created_at TIMESTAMPTZ NOT NULL,
    read_at    TIMESTAMPTZ,
    PRIMARY KEY (recipient, seq)
);
-- how many a person has not read
CREATE INDEX notices_unread ON notices (recipient, seq) WHERE in_app AND read_at IS NULL;
-- who is due a mail
CREATE INDEX notices_mail ON notices (mail, recipient, seq) WHERE mail <> '';
-- what is past its time
CREATE INDEX notices_read ON notices (read_at) WHERE read_at IS NOT NULL;
CREATE INDEX notices_created ON notices (created_at);

-- How far each reader of the record has come: every entry up to seq is done, and of
-- the next one whatever comes up to and with the recipient. A reader without a row has
-- not begun.
CREATE TABLE record_positions (
    name      TEXT   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    recipient TEXT   NOT NULL DEFAULT ''
);

-- Who has a mail in hand until next_at: of two nodes one.
ALTER TABLE outbox ADD COLUMN claim TEXT NOT NULL DEFAULT '';
-- what was sent to an address that now bounces
CREATE INDEX outbox_address ON outbox (address);
-- what is past its time
CREATE INDEX outbox_created ON outbox (created_at);

-- Addresses that take no mail any more.
CREATE TABLE mail_addresses (
    address    TEXT        NOT NULL PRIMARY KEY, -- in lower case
    -- bounced, complained
    state      TEXT        NOT NULL,
    reason     TEXT        NOT NULL DEFAULT '', -- RFC 3463's class and subject, e.g. 5.1.1
    since      TIMESTAMPTZ NOT NULL
);
-- the list of them, newest first
CREATE INDEX mail_addresses_since ON mail_addresses (since, address);

-- +goose Down
DROP TABLE mail_addresses;
DROP INDEX outbox_created;
DROP INDEX outbox_address;
ALTER TABLE outbox DROP COLUMN claim;
DROP TABLE record_positions;
DROP TABLE notices;
DROP TABLE notice_settings;
DROP TABLE follows;
DROP TABLE follow_readers;
