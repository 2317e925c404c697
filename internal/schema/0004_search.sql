-- +goose Up

-- One row for ever: the lock that gives changes of the index their order, so that a
-- reader who has seen version n has seen every version before it. Rows removed
-- longer ago are gone up to the floor; a reader behind it starts over.
CREATE TABLE search_head (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT  NOT NULL,
    floor   BIGINT  NOT NULL
);
INSERT INTO search_head (id, version, floor) VALUES (1, 0, 0);

-- What is searched, analysed as civic/search does it. A removed thing keeps its row
-- for some days, emptied, so that every process hears of it.
CREATE TABLE search_docs (
    kind        TEXT        NOT NULL,
    id          TEXT        NOT NULL,
    version     BIGINT      NOT NULL,
    removed_at  TIMESTAMPTZ,
    title       TEXT        NOT NULL DEFAULT '',
    -- the words of title, keywords, owner and body, a line each
    words       TEXT        NOT NULL DEFAULT '',
    -- a line each: name, tab, values with tabs between them
    facets      TEXT        NOT NULL DEFAULT '',
    created_at  TIMESTAMPTZ,
    modified_at TIMESTAMPTZ,
    changed_at  TIMESTAMPTZ,
    PRIMARY KEY (kind, id)
);
-- following changes
CREATE INDEX search_docs_version ON search_docs (version);
-- forgetting what was removed long ago
CREATE INDEX search_docs_removed ON search_docs (removed_at) WHERE removed_at IS NOT NULL;

-- Searches that found nothing: what was looked for, never by whom.
CREATE TABLE search_misses (
    day   TEXT   NOT NULL,
    query TEXT   NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, query)
);

-- +goose Down
DROP TABLE search_misses;
DROP TABLE search_docs;
DROP TABLE search_head;
