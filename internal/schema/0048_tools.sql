-- +goose Up

-- Herramientas: visualisations that somebody saved to share them. What one shows is a
-- document: of a native one how it is drawn, of one elsewhere what is said of it.
CREATE TABLE tools (
    id             TEXT        NOT NULL PRIMARY KEY,
    slug           TEXT        NOT NULL UNIQUE,      -- from its title, once it is sent to be published
    kind           TEXT        NOT NULL,             -- of the gallery: spec.Kind, 'external' for one elsewhere
    standing       TEXT        NOT NULL DEFAULT '',  -- moderation's; '' a draft that was never sent
    author_id      TEXT        NOT NULL DEFAULT '',  -- who began it
    owner_id       TEXT        NOT NULL DEFAULT '',  -- the person whose it is, '' when it is an institution's
    institution    TEXT        NOT NULL DEFAULT '',  -- the institution whose it is: it is official then
    title          TEXT        NOT NULL,
    summary        TEXT        NOT NULL DEFAULT '',
    language       TEXT        NOT NULL,
    parent_id      TEXT        NOT NULL DEFAULT '',  -- which it was made from
    parent_version INTEGER     NOT NULL DEFAULT 0,
    version        INTEGER     NOT NULL DEFAULT 0,   -- the current one, 0 while none was public
    pending        TEXT        NOT NULL DEFAULT '',  -- JSON: what waits for review
    draft          INTEGER     NOT NULL DEFAULT 0,   -- where the working copy stands, 0: there is none
    draft_last     INTEGER     NOT NULL DEFAULT 0,   -- the last number of a revision, none is given twice
    featured_at    TIMESTAMPTZ,
    featured_by    TEXT        NOT NULL DEFAULT '',  -- person
    created_at     TIMESTAMPTZ NOT NULL,
    published_at   TIMESTAMPTZ,                      -- the first time
    modified_at    TIMESTAMPTZ NOT NULL,             -- of what everybody sees
    outdated_at    TIMESTAMPTZ,                      -- since when its data have other columns
    outdated       TEXT        NOT NULL DEFAULT '',  -- JSON: which columns it lost
    withdrawn      TEXT        NOT NULL DEFAULT '',  -- why its owner took it back
    url            TEXT        NOT NULL DEFAULT '',  -- of one elsewhere
    check_status   INTEGER     NOT NULL DEFAULT 0,   -- HTTP, when its address was last looked at
    check_fault    TEXT        NOT NULL DEFAULT '',  -- '' it answered well
    check_failures INTEGER     NOT NULL DEFAULT 0,   -- one after the other
    checked_at     TIMESTAMPTZ,
    failing_at     TIMESTAMPTZ,                      -- since when it fails
    views          BIGINT      NOT NULL DEFAULT 0    -- how often its page was opened
);
-- the gallery by each of its orders
CREATE INDEX tools_newest ON tools (published_at, id) WHERE standing = 'public';
CREATE INDEX tools_viewed ON tools (views, id) WHERE standing = 'public';
CREATE INDEX tools_featured ON tools ((CASE WHEN featured_at IS NULL THEN 0 ELSE 1 END), published_at, id) WHERE standing = 'public';
-- whose they are
CREATE INDEX tools_owner ON tools (owner_id, id) WHERE owner_id <> '';
CREATE INDEX tools_author ON tools (author_id, id) WHERE author_id <> '';
CREATE INDEX tools_institution ON tools (institution, id) WHERE institution <> '';
-- what was made from one
CREATE INDEX tools_parent ON tools (parent_id, id) WHERE parent_id <> '';
-- which address was looked at longest ago
CREATE INDEX tools_checked ON tools (checked_at, id) WHERE url <> '';

-- What was published, and never changes.
CREATE TABLE tool_versions (
    tool_id   TEXT        NOT NULL REFERENCES tools (id),
    number    INTEGER     NOT NULL,
    document  TEXT        NOT NULL,
    title     TEXT        NOT NULL,
    summary   TEXT        NOT NULL DEFAULT '',
    note      TEXT        NOT NULL DEFAULT '', -- what changed
    author_id TEXT        NOT NULL DEFAULT '',
    at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tool_id, number)
);
CREATE INDEX tool_versions_author ON tool_versions (author_id) WHERE author_id <> '';

-- Working copies, revision by revision, to go back and forth.
CREATE TABLE tool_drafts (
    tool_id  TEXT        NOT NULL REFERENCES tools (id),
    revision INTEGER     NOT NULL,
    document TEXT        NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tool_id, revision)
);

-- What the current versions rest on, as it was when they were published.
CREATE TABLE tool_uses (
    tool_id     TEXT    NOT NULL REFERENCES tools (id),
    dataset_id  TEXT    NOT NULL,
    resource_id TEXT    NOT NULL DEFAULT '', -- '' a dataset whole
    table_no    INTEGER NOT NULL DEFAULT 0,  -- of the file's tables, from 1; 0 of none
    column_name TEXT    NOT NULL DEFAULT '', -- '' the table whole
    pinned      INTEGER NOT NULL DEFAULT 0,  -- number of the file's version, 0 follows the newest
    seen        INTEGER NOT NULL DEFAULT 0,  -- version whose columns these are, 0 not known
    column_type TEXT    NOT NULL DEFAULT '', -- '' not known
    position    INTEGER NOT NULL DEFAULT -1, -- among the table's columns, -1 not known
    PRIMARY KEY (tool_id, dataset_id, resource_id, table_no, column_name)
);
-- what was made with a dataset, and with a resource or column
CREATE INDEX tool_uses_dataset ON tool_uses (dataset_id, tool_id);
CREATE INDEX tool_uses_resource ON tool_uses (resource_id, column_name, tool_id) WHERE resource_id <> '';

-- What the gallery chooses by, from the datasets that tools rest on.
CREATE TABLE tool_facets (
    tool_id TEXT NOT NULL REFERENCES tools (id),
    facet   TEXT NOT NULL, -- theme, place, institution
    value   TEXT NOT NULL,
    PRIMARY KEY (tool_id, facet, value)
);
CREATE INDEX tool_facets_value ON tool_facets (facet, value, tool_id);

-- Pictures that were drawn, of the data as they were then.
CREATE TABLE tool_pictures (
    tool_id  TEXT        NOT NULL REFERENCES tools (id),
    version  INTEGER     NOT NULL,
    view     TEXT        NOT NULL,            -- name
    language TEXT        NOT NULL,
    form     TEXT        NOT NULL,            -- svg, png, json
    stamp    TEXT        NOT NULL,            -- of the data that it shows
    sha256   TEXT        NOT NULL,            -- key in the file store
    bytes    BIGINT      NOT NULL,
    made_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tool_id, version, view, language, form)
);
-- whether anything still needs an object
CREATE INDEX tool_pictures_sha256 ON tool_pictures (sha256);

-- What looking at the addresses of tools elsewhere found.
CREATE TABLE tool_checks (
    tool_id TEXT        NOT NULL REFERENCES tools (id),
    at      TIMESTAMPTZ NOT NULL,
    status  INTEGER     NOT NULL DEFAULT 0,
    fault   TEXT        NOT NULL DEFAULT '',
    PRIMARY KEY (tool_id, at)
);

-- How often tools' pages were opened, by week: nothing of who did.
CREATE TABLE tool_views (
    tool_id TEXT    NOT NULL REFERENCES tools (id),
    week    TEXT    NOT NULL, -- its Monday, 2006-01-02
    n       INTEGER NOT NULL,
    PRIMARY KEY (tool_id, week)
);
CREATE INDEX tool_views_week ON tool_views (week);

-- This reader of the record has nothing to do with what was before it.
INSERT INTO record_positions (name, seq) SELECT 'tools', seq FROM record_head WHERE id = 1;

-- +goose Down
DELETE FROM record_positions WHERE name = 'tools';
DROP TABLE tool_views;
DROP TABLE tool_checks;
DROP TABLE tool_pictures;
DROP TABLE tool_facets;
DROP TABLE tool_uses;
DROP TABLE tool_drafts;
DROP TABLE tool_versions;
DROP TABLE tools;
