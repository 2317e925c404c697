-- The store's schema as the migrations leave it in SQLite. Made by make schema.

CREATE TABLE brakes (
    bucket    TEXT        NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    uses      INTEGER     NOT NULL,
    PRIMARY KEY (bucket, starts_at)
);
CREATE INDEX brakes_starts ON brakes (starts_at);

CREATE TABLE comment_mentions (
    comment_id  TEXT    NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    named_id    TEXT    NOT NULL,
    institution INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (comment_id, named_id)
);
CREATE INDEX comment_mentions_named ON comment_mentions (named_id);

CREATE TABLE comment_versions (
    comment_id TEXT        NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    version    INTEGER     NOT NULL,
    body       TEXT        NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (comment_id, version)
);

CREATE TABLE comments (
    id           TEXT        NOT NULL PRIMARY KEY,
    -- hash of the form that it was sent with, its author and text: pressed twice, it is one
    nonce        TEXT        NOT NULL UNIQUE,
    on_kind      TEXT        NOT NULL,
    on_id        TEXT        NOT NULL,
    root_id      TEXT        NOT NULL DEFAULT '', -- the comment that it answers
    institution  TEXT        NOT NULL DEFAULT '', -- in whose inbox it is, '': the coordination's
    moved_from   TEXT        NOT NULL DEFAULT '', -- in whose inbox it was before a succession
    author_id    TEXT        NOT NULL DEFAULT '', -- '' once the person is no more here
    voice        TEXT        NOT NULL DEFAULT '', -- JSON: in whose name, as it was then; '': their own
    body         TEXT        NOT NULL,            -- Markdown
    version      INTEGER     NOT NULL DEFAULT 1,
    -- an edit that waits for review; the text before it stays public until then
    pending      TEXT        NOT NULL DEFAULT '',
    -- held, public, hidden, refused, removed
    state        TEXT        NOT NULL,
    locked_at    TIMESTAMPTZ,                     -- of a comment with answers: takes no more
    -- none: of an official; open; answered: by an official; marked: as attended to
    attention    TEXT        NOT NULL,
    attended_at  TIMESTAMPTZ,
    attended_by  TEXT        NOT NULL DEFAULT '', -- who marked or answered it
    attended_with TEXT       NOT NULL DEFAULT '', -- the official comment that answered it
    said_at      TIMESTAMPTZ NOT NULL,            -- when it became public, or was sent
    published_at TIMESTAMPTZ,                     -- NULL: never was public
    edited_at    TIMESTAMPTZ
);
CREATE INDEX comments_answers ON comments (root_id, said_at, id) WHERE root_id <> '' AND state <> 'held' AND state <> 'refused';
CREATE INDEX comments_attended ON comments (attended_by, institution, said_at, id) WHERE attended_by <> '';
CREATE INDEX comments_attended_with ON comments (attended_with) WHERE attended_with <> '';
CREATE INDEX comments_author ON comments (author_id, id) WHERE author_id <> '';
CREATE INDEX comments_inbox ON comments (institution, attention, said_at, id) WHERE state = 'public' AND attention <> 'none';
CREATE INDEX comments_institution ON comments (institution, said_at, id) WHERE state = 'public';
CREATE INDEX comments_public ON comments (on_kind, on_id, said_at, id) WHERE state = 'public';
CREATE INDEX comments_said ON comments (said_at, id) WHERE state = 'public';
CREATE INDEX comments_thread ON comments (on_kind, on_id, root_id, said_at, id) WHERE state <> 'held' AND state <> 'refused';

CREATE TABLE dataset_changes (
    id         TEXT        NOT NULL PRIMARY KEY,
    dataset_id TEXT        NOT NULL REFERENCES datasets (id),
    run_id     TEXT        NOT NULL DEFAULT '',
    at         TIMESTAMPTZ NOT NULL,
    -- changed, missing, found, absent, returned
    kind       TEXT        NOT NULL,
    -- [{"field": …, "before": …, "after": …}]
    fields     TEXT        NOT NULL DEFAULT '[]'
);
CREATE INDEX dataset_changes_dataset ON dataset_changes (dataset_id, at, id);
CREATE INDEX dataset_changes_run ON dataset_changes (run_id, id) WHERE run_id <> '';

CREATE TABLE datasets (
    id             TEXT        NOT NULL PRIMARY KEY,
    slug           TEXT        NOT NULL UNIQUE,
    source_id      TEXT        NOT NULL,
    source_key     TEXT        NOT NULL,
    -- '' while the publisher maps to no institution: the central unit's
    institution_id TEXT        NOT NULL DEFAULT '',
    publisher_key  TEXT        NOT NULL DEFAULT '',
    publisher_name TEXT        NOT NULL DEFAULT '',
    -- published, or absent: gone from its source, a tombstone
    state          TEXT        NOT NULL,
    title          TEXT        NOT NULL,
    title_key      TEXT        NOT NULL,
    -- ISO 8601 of reduced precision, as the source says
    modified       TEXT        NOT NULL DEFAULT '',
    -- when it falls behind its own rhythm, and whether the index knows that it has
    late_at        TIMESTAMPTZ,
    late           BOOLEAN     NOT NULL DEFAULT FALSE,
    fingerprint    TEXT        NOT NULL,
    -- of the text that it was read from, "" when unknown; what was wrong with it (JSON)
    digest         TEXT        NOT NULL DEFAULT '',
    problems       TEXT        NOT NULL DEFAULT '',
    -- dcat.Record as JSON, without its resources
    record         TEXT        NOT NULL,
    first_seen_at  TIMESTAMPTZ NOT NULL,
    changed_at     TIMESTAMPTZ NOT NULL,
    -- since when complete runs have not seen it
    missing_since  TIMESTAMPTZ,
    absent_at      TIMESTAMPTZ,
    UNIQUE (source_id, source_key)
);
CREATE INDEX datasets_changed ON datasets (changed_at, id);
CREATE INDEX datasets_institution ON datasets (institution_id, changed_at);
CREATE INDEX datasets_late ON datasets (late_at) WHERE late_at IS NOT NULL AND NOT late;

CREATE TABLE institution_names (
    name_key       TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id)
);

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

CREATE TABLE jobs (
    id           TEXT        NOT NULL PRIMARY KEY,
    kind         TEXT        NOT NULL,
    queue        TEXT        NOT NULL DEFAULT 'default',
    args         TEXT        NOT NULL DEFAULT '{}',
    -- available, running, completed, cancelled, discarded (River's words)
    state        TEXT        NOT NULL,
    unique_key   TEXT        NOT NULL DEFAULT '',
    attempt      INTEGER     NOT NULL DEFAULT 0,
    max_attempts INTEGER     NOT NULL,
    run_at       TIMESTAMPTZ NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    started_at   TIMESTAMPTZ,
    finished_at  TIMESTAMPTZ,
    lease_until  TIMESTAMPTZ,
    lease_token  TEXT        NOT NULL DEFAULT '',
    cancel       BOOLEAN     NOT NULL DEFAULT FALSE,
    done         BIGINT      NOT NULL DEFAULT 0,
    total        BIGINT      NOT NULL DEFAULT 0,
    note         TEXT        NOT NULL DEFAULT '',
    error        TEXT        NOT NULL DEFAULT ''
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'available';
CREATE INDEX jobs_state ON jobs (state, id);
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key)
    WHERE unique_key <> '' AND state IN ('available', 'running');

CREATE TABLE old_slugs (
    kind      TEXT NOT NULL,
    slug      TEXT NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (kind, slug)
);

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
CREATE INDEX outbox_due ON outbox (next_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_person ON outbox (person_id, id) WHERE person_id <> '';
CREATE INDEX outbox_state ON outbox (state, id);

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

CREATE TABLE publisher_rules (
    id             TEXT        NOT NULL PRIMARY KEY,
    -- '' for every source
    source_id      TEXT        NOT NULL DEFAULT '',
    -- the publisher's key, or its name folded
    match_key      TEXT        NOT NULL,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    created_at     TIMESTAMPTZ NOT NULL, spelling TEXT NOT NULL DEFAULT '',
    UNIQUE (source_id, match_key)
);

CREATE TABLE record_checkpoints (
    seq  BIGINT      NOT NULL PRIMARY KEY,
    hash TEXT        NOT NULL,
    at   TIMESTAMPTZ NOT NULL,
    note TEXT        NOT NULL
);

CREATE TABLE record_entries (
    seq         BIGINT      NOT NULL PRIMARY KEY,
    at          TIMESTAMPTZ NOT NULL,
    verb        TEXT        NOT NULL,
    actor_role  TEXT        NOT NULL,
    actor_ref   TEXT        NOT NULL DEFAULT '',
    object_kind TEXT        NOT NULL,
    object_id   TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '',
    payload     TEXT        NOT NULL DEFAULT '{}',
    prev        TEXT        NOT NULL,
    hash        TEXT        NOT NULL
);
CREATE INDEX record_entries_institution ON record_entries (institution, seq);
CREATE INDEX record_entries_object ON record_entries (object_kind, object_id, seq);
CREATE INDEX record_entries_verb ON record_entries (verb, seq);

CREATE TABLE record_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT  NOT NULL,
    hash TEXT    NOT NULL
);

CREATE TABLE record_keys (
    key       TEXT        NOT NULL PRIMARY KEY,
    first_seq BIGINT      NOT NULL, -- of the first checkpoint that it signed
    at        TIMESTAMPTZ NOT NULL
);

CREATE TABLE resources (
    id           TEXT    NOT NULL PRIMARY KEY,
    dataset_id   TEXT    NOT NULL REFERENCES datasets (id),
    source_key   TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    title        TEXT    NOT NULL DEFAULT '',
    format       TEXT    NOT NULL DEFAULT '',
    url          TEXT    NOT NULL DEFAULT '',
    -- dcat.Resource as JSON
    record       TEXT    NOT NULL,
    -- gone from the source: kept, so that what was said about it stays
    removed_at   TIMESTAMPTZ,
    -- the last look at its address: '' never, ok, or fetch's error code
    check_state  TEXT    NOT NULL DEFAULT '',
    check_status INTEGER NOT NULL DEFAULT 0,
    check_size   BIGINT  NOT NULL DEFAULT -1,
    check_type   TEXT    NOT NULL DEFAULT '',
    checked_at   TIMESTAMPTZ,
    UNIQUE (dataset_id, source_key)
);
CREATE INDEX resources_checked ON resources (checked_at);

CREATE TABLE role_grants (
    id          TEXT        NOT NULL PRIMARY KEY,
    person_id   TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role        TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '', -- '': the whole platform
    from_at     TIMESTAMPTZ NOT NULL,
    until_at    TIMESTAMPTZ
, unit_id TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX role_grants_current ON role_grants (person_id, role, institution)
    WHERE until_at IS NULL;
CREATE INDEX role_grants_institution ON role_grants (institution, role);
CREATE INDEX role_grants_person ON role_grants (person_id);

CREATE TABLE run_problems (
    run_id   TEXT    NOT NULL REFERENCES runs (id),
    n        INTEGER NOT NULL,
    code     TEXT    NOT NULL,
    record   TEXT    NOT NULL DEFAULT '',
    field    TEXT    NOT NULL DEFAULT '',
    value    TEXT    NOT NULL DEFAULT '',
    repaired BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, n)
);

CREATE TABLE runs (
    id          TEXT        NOT NULL PRIMARY KEY,
    source_id   TEXT        NOT NULL REFERENCES sources (id),
    -- running, complete, unchanged, failed, cancelled, quarantined
    state       TEXT        NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    seen        INTEGER     NOT NULL DEFAULT 0,
    added       INTEGER     NOT NULL DEFAULT 0,
    changed     INTEGER     NOT NULL DEFAULT 0,
    -- not seen for the first time; declared absent
    missing     INTEGER     NOT NULL DEFAULT 0,
    absent      INTEGER     NOT NULL DEFAULT 0,
    returned    INTEGER     NOT NULL DEFAULT 0,
    requests    INTEGER     NOT NULL DEFAULT 0,
    bytes       BIGINT      NOT NULL DEFAULT 0,
    -- of the bytes read; what the server said of a catalogue in one document
    sha256      TEXT        NOT NULL DEFAULT '',
    etag        TEXT        NOT NULL DEFAULT '',
    modified    TEXT        NOT NULL DEFAULT '',
    error       TEXT        NOT NULL DEFAULT '',
    error_args  TEXT        NOT NULL DEFAULT '{}',
    -- how many were found; the first ones are kept
    problems    INTEGER     NOT NULL DEFAULT 0,
    -- of the problems, to see that a run found the same ones again
    digest      TEXT        NOT NULL DEFAULT '',
    -- the run whose list of problems is this one's too
    problems_of TEXT        NOT NULL DEFAULT '',
    -- which version of package dcat read it
    reader      TEXT        NOT NULL DEFAULT '',
    -- where a run that was handed back goes on
    cursor      TEXT        NOT NULL DEFAULT ''
);
CREATE INDEX runs_source ON runs (source_id, started_at, id);

CREATE TABLE schedules (
    name    TEXT        NOT NULL PRIMARY KEY,
    next_at TIMESTAMPTZ NOT NULL
);

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
CREATE INDEX search_docs_removed ON search_docs (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX search_docs_version ON search_docs (version);

CREATE TABLE search_head (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT  NOT NULL,
    floor   BIGINT  NOT NULL
);

CREATE TABLE search_misses (
    day   TEXT   NOT NULL,
    query TEXT   NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, query)
);

CREATE TABLE sessions (
    hash       TEXT        NOT NULL PRIMARY KEY, -- of the cookie's value
    person_id  TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    data       TEXT        NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL -- to some minutes
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_seen ON sessions (seen_at);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE sources (
    id               TEXT        NOT NULL PRIMARY KEY,
    kind             TEXT        NOT NULL,
    url              TEXT        NOT NULL,
    title            TEXT        NOT NULL,
    -- '' for the central unit's
    institution_id   TEXT        NOT NULL DEFAULT '',
    every_hours      INTEGER     NOT NULL,
    -- active, paused, quarantined
    state            TEXT        NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    -- a seen count that an admin accepted after the shrink guard stopped a run
    accepted_seen    INTEGER     NOT NULL DEFAULT 0, file TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, url)
);

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
CREATE INDEX tokens_expiry ON tokens (expires_at);
CREATE INDEX tokens_person ON tokens (person_id);

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
CREATE UNIQUE INDEX units_institution ON units (institution_id, name_key) WHERE retired_at IS NULL;
