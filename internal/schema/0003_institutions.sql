-- +goose Up
CREATE TABLE institutions (
    id            TEXT        NOT NULL PRIMARY KEY,
    slug          TEXT        NOT NULL UNIQUE,
    name          TEXT        NOT NULL,
    -- folded and lower-cased in Go, for order and for matching publishers
    name_key      TEXT        NOT NULL,
    acronym       TEXT        NOT NULL DEFAULT '',
    -- federal, state, municipal, autonomous, other
    type          TEXT        NOT NULL,
    parent_id     TEXT        NOT NULL DEFAULT '',
    description   TEXT        NOT NULL DEFAULT '',
    website       TEXT        NOT NULL DEFAULT '',
    -- the Enlace de Datos Abiertos, as contact data
    contact_name  TEXT        NOT NULL DEFAULT '',
    contact_email TEXT        NOT NULL DEFAULT '',
    contact_phone TEXT        NOT NULL DEFAULT '',
    zone          TEXT        NOT NULL,
    logo          TEXT        NOT NULL DEFAULT '',
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX institutions_order ON institutions (name_key, id);

-- Other names by which catalogues call an institution, folded.
CREATE TABLE institution_names (
    name_key       TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id)
);

-- Slugs that once led to something; they redirect for ever.
CREATE TABLE old_slugs (
    kind      TEXT NOT NULL,
    slug      TEXT NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (kind, slug)
);

-- +goose Down
DROP TABLE old_slugs;
DROP TABLE institution_names;
DROP TABLE institutions;
