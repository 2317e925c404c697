-- +goose Up

-- Every key that ever signed a checkpoint here, in the note format: the address and
-- the secret may change, and what was signed before must still be checked.
CREATE TABLE record_keys (
    key       TEXT        NOT NULL PRIMARY KEY,
    first_seq BIGINT      NOT NULL, -- of the first checkpoint that it signed
    at        TIMESTAMPTZ NOT NULL
);
