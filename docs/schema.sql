-- The store's schema as the migrations leave it in SQLite. Made by make schema.

CREATE TABLE absences (
    id             TEXT        NOT NULL PRIMARY KEY,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    person_id      TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    substitute_id  TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    from_at        TIMESTAMPTZ NOT NULL,
    until_at       TIMESTAMPTZ NOT NULL, -- exclusive; moved to now when somebody is back early
    created_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX absences_institution ON absences (institution_id, until_at);
CREATE INDEX absences_person ON absences (person_id);
CREATE INDEX absences_substitute ON absences (substitute_id);
CREATE INDEX absences_until ON absences (until_at);

CREATE TABLE access_tokens (
    id         TEXT        NOT NULL PRIMARY KEY,
    hash       TEXT        NOT NULL UNIQUE, -- keyed; the token itself is kept nowhere
    person_id  TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name       TEXT        NOT NULL,
    scopes     TEXT        NOT NULL, -- names, separated by spaces
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_on    TIMESTAMPTZ, -- the day of the last use, no more exactly
    revoked_at TIMESTAMPTZ
);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);
CREATE INDEX access_tokens_person ON access_tokens (person_id, id);

CREATE TABLE brakes (
    bucket    TEXT        NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    uses      INTEGER     NOT NULL,
    PRIMARY KEY (bucket, starts_at)
);
CREATE INDEX brakes_starts ON brakes (starts_at);

CREATE TABLE calendar_days (
    calendar_id TEXT    NOT NULL REFERENCES calendars (id),
    date        TEXT    NOT NULL, -- 2006-01-02
    reason      TEXT    NOT NULL,
    legal       TEXT    NOT NULL, -- where it says so
    since       INTEGER NOT NULL, -- the first version that has it
    until       INTEGER NOT NULL, provisional BOOLEAN NOT NULL DEFAULT FALSE, -- the first that does not have it any more, 0 for none
    PRIMARY KEY (calendar_id, date, since)
);

CREATE TABLE calendars (
    id         TEXT        NOT NULL PRIMARY KEY, -- mx-federal, or an institution's id
    version    INTEGER     NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE case_answer_marks (
    answer_id TEXT        NOT NULL,
    who       TEXT        NOT NULL, -- person id
    clear     INTEGER     NOT NULL, -- 0 or 1
    note      TEXT        NOT NULL DEFAULT '', -- for the author alone
    at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (answer_id, who)
);

CREATE TABLE case_answers (
    id          TEXT        NOT NULL,
    version     INTEGER     NOT NULL, -- from 1
    case_id     TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    round       INTEGER     NOT NULL, -- of the clock that it stopped
    outcome     TEXT        NOT NULL,
    summary     TEXT        NOT NULL DEFAULT '', -- in a few words
    body        TEXT        NOT NULL, -- Markdown
    ground      TEXT        NOT NULL DEFAULT '', -- key of the ground in law
    alternative TEXT        NOT NULL DEFAULT '',
    appeal      TEXT        NOT NULL DEFAULT '', -- where to appeal
    object_kind TEXT        NOT NULL DEFAULT '', -- what was published already, or fixes it
    object_id   TEXT        NOT NULL DEFAULT '',
    fixed_with  TEXT        NOT NULL DEFAULT '', -- the version of the resource that fixes it
    planned_on  TEXT        NOT NULL DEFAULT '', -- 2006-01-02
    promise     TEXT        NOT NULL DEFAULT '', -- what is promised for that day
    unit_id     TEXT        NOT NULL DEFAULT '', -- the area that keeps it
    commitment  TEXT        NOT NULL DEFAULT '', -- id of what was promised
    voice       TEXT        NOT NULL, -- JSON: who published it, as it was then
    signed      TEXT        NOT NULL DEFAULT '', -- JSON: who signed a refusal too
    author_id   TEXT        NOT NULL DEFAULT '', -- for Plaza alone
    why         TEXT        NOT NULL DEFAULT '', -- of a correction
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE INDEX case_answers_case ON case_answers (case_id, at);

CREATE TABLE case_clocks (
    id           TEXT        NOT NULL PRIMARY KEY,
    case_id      TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    kind         TEXT        NOT NULL, -- acknowledge, answer, handover
    round        INTEGER     NOT NULL, -- from 1; a reopened case, or another body, begins another
    body         TEXT        NOT NULL DEFAULT '', -- by whose calendar and zone; '': the coordination's
    responsible  TEXT        NOT NULL, -- liaison, substitute, sector, coordination: who answered then
    rule         TEXT        NOT NULL, -- e.g. question@1
    days         INTEGER     NOT NULL, -- working days
    calendar     TEXT        NOT NULL, -- calendar.Business.Version
    started_at   TIMESTAMPTZ NOT NULL,
    promised_at  TIMESTAMPTZ NOT NULL, -- due without extension and pauses
    due_at       TIMESTAMPTZ NOT NULL, -- the first moment that is late
    extended     INTEGER     NOT NULL DEFAULT 0, -- working days; 0: not extended
    paused_at    TIMESTAMPTZ,          -- NULL while it runs
    paused_days  INTEGER     NOT NULL DEFAULT 0, -- working days that it stood still before
    stopped_at   TIMESTAMPTZ,
    stopped_by   TEXT        NOT NULL DEFAULT '', -- acknowledged, answered, closed, moved
    escalated    INTEGER     NOT NULL DEFAULT 0  -- the last step that was taken of being late
, revision INTEGER NOT NULL DEFAULT 0, changed_at TIMESTAMPTZ);
CREATE INDEX case_clocks_case ON case_clocks (case_id, round, id);
CREATE INDEX case_clocks_due ON case_clocks (due_at, id) WHERE stopped_at IS NULL AND paused_at IS NULL;

CREATE TABLE case_contacts (
    id           TEXT        NOT NULL PRIMARY KEY,
    email        TEXT        NOT NULL,
    email_key    TEXT        NOT NULL UNIQUE, -- its folded form
    language     TEXT        NOT NULL,
    confirmed_at TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE case_draft_told (
    draft_id TEXT    NOT NULL REFERENCES case_drafts (id) ON DELETE CASCADE,
    who      TEXT    NOT NULL,
    version  INTEGER NOT NULL, -- of the draft then: one that was sent anew is told of anew
    day      TEXT    NOT NULL, -- 2006-01-02, of the mail that told of it
    PRIMARY KEY (draft_id, who)
);
CREATE INDEX case_draft_told_day ON case_draft_told (who, day);

CREATE TABLE case_drafts (
    id         TEXT        NOT NULL PRIMARY KEY,
    case_id    TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    author_id  TEXT        NOT NULL DEFAULT '', -- person, or
    turn_id    TEXT        NOT NULL DEFAULT '', -- a turn by mail
    voice      TEXT        NOT NULL DEFAULT '', -- JSON
    state      TEXT        NOT NULL, -- open, sent, signing, returned, used
    signed     TEXT        NOT NULL DEFAULT '', -- JSON: who signed exactly this; a change drops it
    signed_by  TEXT        NOT NULL DEFAULT '',
    content    TEXT        NOT NULL, -- JSON of what an answer is made from
    note       TEXT        NOT NULL DEFAULT '', -- to or from the liaison
    version    INTEGER     NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_drafts_author ON case_drafts (author_id, updated_at) WHERE author_id <> '';
CREATE INDEX case_drafts_case ON case_drafts (case_id, updated_at, id);
CREATE UNIQUE INDEX case_drafts_one ON case_drafts (case_id, author_id) WHERE author_id <> '' AND state <> 'used';
CREATE INDEX case_drafts_state ON case_drafts (state, case_id);
CREATE INDEX case_drafts_turn ON case_drafts (turn_id) WHERE turn_id <> '';
CREATE INDEX case_drafts_waiting ON case_drafts (state, case_id) WHERE state IN ('sent', 'signing');

CREATE TABLE case_files (
    id       TEXT        NOT NULL PRIMARY KEY,
    case_id  TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    place    TEXT        NOT NULL, -- case, step, draft, answer: only the last three are parts of it
    place_id TEXT        NOT NULL,
    name     TEXT        NOT NULL,
    media    TEXT        NOT NULL,
    bytes    INTEGER     NOT NULL,
    sha256   TEXT        NOT NULL, -- its key in the blob store: of a salt of its own and its content
    by_id    TEXT        NOT NULL DEFAULT '', -- person, for Plaza alone
    at       TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_files_by ON case_files (by_id) WHERE by_id <> '';
CREATE INDEX case_files_place ON case_files (case_id, place, place_id, id);

CREATE TABLE case_filters (
    id          TEXT        NOT NULL PRIMARY KEY,
    person_id   TEXT        NOT NULL,
    institution TEXT        NOT NULL, -- '': the coordination's inbox
    name        TEXT        NOT NULL,
    query       TEXT        NOT NULL, -- what follows ? in the address
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (person_id, institution, name)
);

CREATE TABLE case_folios (
    prefix TEXT    NOT NULL,
    year   INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (prefix, year)
);

CREATE TABLE case_handovers (
    id         TEXT        NOT NULL PRIMARY KEY,
    case_id    TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    from_body  TEXT        NOT NULL,
    to_body    TEXT        NOT NULL,
    reason     TEXT        NOT NULL,
    state      TEXT        NOT NULL, -- asked, accepted, returned, taken_back
    answer     TEXT        NOT NULL DEFAULT '', -- why it was returned
    at         TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ
);
CREATE INDEX case_handovers_case ON case_handovers (case_id, at, id);
CREATE UNIQUE INDEX case_handovers_open ON case_handovers (case_id) WHERE state = 'asked';
CREATE INDEX case_handovers_to ON case_handovers (to_body, at, id) WHERE state = 'asked';

CREATE TABLE case_import_rows (
    import_id TEXT    NOT NULL REFERENCES case_imports (id) ON DELETE CASCADE,
    n         INTEGER NOT NULL, -- of the row in the file
    state     TEXT    NOT NULL, -- waiting, refused
    content   TEXT    NOT NULL, -- JSON: its cells, and what is wrong with them
    PRIMARY KEY (import_id, n)
);
CREATE INDEX case_import_rows_state ON case_import_rows (import_id, state, n);

CREATE TABLE case_imports (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    person_id   TEXT        NOT NULL, -- who sent it, or began it last: it runs with their rights
    name        TEXT        NOT NULL, -- of the file: a label
    heads       TEXT        NOT NULL, -- JSON: the names of its columns
    broken      INTEGER     NOT NULL DEFAULT 0, -- the row at which the file breaks off
    state       TEXT        NOT NULL, -- read, running, stopped, done
    why         TEXT        NOT NULL DEFAULT '', -- why it stopped by itself
    run         INTEGER     NOT NULL DEFAULT 0, -- how often it was begun: a job of an earlier run does nothing
    job_id      TEXT        NOT NULL DEFAULT '',
    total       INTEGER     NOT NULL, -- rows
    waiting     INTEGER     NOT NULL, -- rows that are well and nothing became of yet
    made        INTEGER     NOT NULL DEFAULT 0, -- rows that became cases
    known       INTEGER     NOT NULL DEFAULT 0, -- rows that had become cases before
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_imports_created ON case_imports (created_at);
CREATE INDEX case_imports_institution ON case_imports (institution, created_at);
CREATE INDEX case_imports_person ON case_imports (person_id);

CREATE TABLE case_joining (
    id  INTEGER NOT NULL PRIMARY KEY, -- 1
    seq BIGINT  NOT NULL
);

CREATE TABLE case_merges (
    case_id TEXT        NOT NULL PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    before  TEXT        NOT NULL, -- JSON: state, dates and clocks
    at      TIMESTAMPTZ NOT NULL
);

CREATE TABLE case_notes (
    id          TEXT        NOT NULL PRIMARY KEY,
    case_id     TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    institution TEXT        NOT NULL, -- whose note it is: it does not go along with the case
    author_id   TEXT        NOT NULL DEFAULT '',
    body        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_notes_author ON case_notes (author_id) WHERE author_id <> '';
CREATE INDEX case_notes_case ON case_notes (case_id, at, id);

CREATE TABLE case_pending (
    id         TEXT        NOT NULL PRIMARY KEY,
    contact_id TEXT        NOT NULL DEFAULT '', -- who has to confirm, '' for a draft before sign-in
    content    TEXT        NOT NULL, -- JSON of the form, '' once it became a case
    case_id    TEXT        NOT NULL DEFAULT '', -- which: who confirms twice is shown it
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_pending_contact ON case_pending (contact_id) WHERE contact_id <> '';
CREATE INDEX case_pending_created ON case_pending (created_at);

CREATE TABLE case_pending_files (
    id         TEXT    NOT NULL PRIMARY KEY,
    pending_id TEXT    NOT NULL REFERENCES case_pending (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    media      TEXT    NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     TEXT    NOT NULL -- as in case_files
);
CREATE INDEX case_pending_files_pending ON case_pending_files (pending_id, id);

CREATE TABLE case_reminders (
    clock_id TEXT    NOT NULL REFERENCES case_clocks (id) ON DELETE CASCADE,
    who      TEXT    NOT NULL,
    step     INTEGER NOT NULL, -- the last of 1 (-5), 2 (-2), 3 (0)
    due_at   TIMESTAMPTZ NOT NULL, -- of the clock then: an extension begins anew
    day      TEXT    NOT NULL, -- 2006-01-02, of the mail that told of it
    PRIMARY KEY (clock_id, who)
);
CREATE INDEX case_reminders_day ON case_reminders (who, day);

CREATE TABLE case_rules (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    what        TEXT        NOT NULL, -- dataset, source, theme
    value       TEXT        NOT NULL, -- id of the dataset or source, or the theme
    unit_id     TEXT        NOT NULL,
    place       INTEGER     NOT NULL, -- among those of the same kind
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (institution, what, value)
);

CREATE TABLE case_steps (
    id        TEXT        NOT NULL PRIMARY KEY,
    case_id   TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    kind      TEXT        NOT NULL,
    at        TIMESTAMPTZ NOT NULL,
    person_id TEXT        NOT NULL DEFAULT '', -- who did it, for Plaza alone
    voice     TEXT        NOT NULL DEFAULT '', -- JSON: as whom an official acted, as it was then
    body      TEXT        NOT NULL DEFAULT '', -- Markdown: a question, a reason, a reply
    standing  TEXT        NOT NULL DEFAULT 'public', -- of body
    facts     TEXT        NOT NULL DEFAULT '', -- JSON: dates, areas, other cases
    seq       INTEGER     NOT NULL DEFAULT 0   -- the case's version then: the order of what happened at one instant
);
CREATE INDEX case_steps_case ON case_steps (case_id, at, seq, id);

CREATE TABLE case_superiors (
    institution TEXT        NOT NULL PRIMARY KEY,
    name        TEXT        NOT NULL,
    email       TEXT        NOT NULL,
    set_by      TEXT        NOT NULL DEFAULT '', -- person, for Plaza alone
    updated_at  TIMESTAMPTZ NOT NULL,
    listed_on   TEXT        NOT NULL DEFAULT '' -- the Monday of the week whose list was looked at
);

CREATE TABLE case_supports (
    case_id TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    who     TEXT        NOT NULL, -- person id
    why     TEXT        NOT NULL DEFAULT '', -- for the institution alone
    at      TIMESTAMPTZ NOT NULL,
    -- the case that was merged into this one and brought it, '' for its own
    from_id TEXT        NOT NULL DEFAULT '',
    PRIMARY KEY (case_id, who)
);
CREATE INDEX case_supports_who ON case_supports (who, at);

CREATE TABLE case_templates (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    title       TEXT        NOT NULL,
    title_key   TEXT        NOT NULL, -- its folded form
    body        TEXT        NOT NULL, -- Markdown
    outcome     TEXT        NOT NULL DEFAULT '',
    updated_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (institution, title_key)
);

CREATE TABLE case_terms (
    version     INTEGER     NOT NULL PRIMARY KEY,
    acknowledge INTEGER     NOT NULL,
    question    INTEGER     NOT NULL,
    quality     INTEGER     NOT NULL,
    request     INTEGER     NOT NULL,
    reuse       INTEGER     NOT NULL,
    handover    INTEGER     NOT NULL, -- until a body says whether it takes a case over
    info        INTEGER     NOT NULL, -- how long a case waits for its asker
    accept      INTEGER     NOT NULL, -- until an answer is taken as accepted
    since       TIMESTAMPTZ NOT NULL
);

CREATE TABLE case_themes (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    theme   TEXT NOT NULL, standing TEXT NOT NULL DEFAULT '', institution TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '', supports INTEGER NOT NULL DEFAULT 0, asked_at TIMESTAMPTZ, due_at TIMESTAMPTZ,
    PRIMARY KEY (case_id, theme)
);
CREATE INDEX case_themes_theme ON case_themes (theme, asked_at, case_id, institution, kind, state, outcome, due_at, supports) WHERE standing = 'public';

CREATE TABLE case_transfers (
    case_id    TEXT        NOT NULL PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    folio      TEXT        NOT NULL, -- the formal one
    outcome    TEXT        NOT NULL DEFAULT '',
    voice      TEXT        NOT NULL, -- JSON
    at         TIMESTAMPTZ NOT NULL,
    ended_at   TIMESTAMPTZ
);

CREATE TABLE case_turns (
    id           TEXT        NOT NULL PRIMARY KEY,
    case_id      TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    institution  TEXT        NOT NULL, -- who turned it, and whose area it is
    unit_id      TEXT        NOT NULL DEFAULT '', -- area, '' for none
    name         TEXT        NOT NULL,
    email        TEXT        NOT NULL,
    email_key    TEXT        NOT NULL, -- its folded form
    note         TEXT        NOT NULL DEFAULT '', -- of the liaison to the person
    version      INTEGER     NOT NULL DEFAULT 1, -- of the link: an earlier one is worth nothing
    state        TEXT        NOT NULL, -- open, sent, not_ours, revoked
    reason       TEXT        NOT NULL DEFAULT '', -- why it is not theirs
    turned_by    TEXT        NOT NULL DEFAULT '', -- person, for Plaza alone
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    revoked_at   TIMESTAMPTZ,
    last_seen_at TIMESTAMPTZ, -- when something was last written from the link: reading notes nothing
    ended_at     TIMESTAMPTZ  -- when it stopped being open or sent
);
CREATE INDEX case_turns_case ON case_turns (case_id, created_at, id);
CREATE INDEX case_turns_email ON case_turns (email_key, id) WHERE email_key <> '';
CREATE INDEX case_turns_ended ON case_turns (expires_at, id) WHERE email_key <> '';

CREATE TABLE cases (
    id             TEXT        NOT NULL PRIMARY KEY,
    folio          TEXT        NOT NULL UNIQUE,
    -- hash of the form that it was sent with, its asker and text: pressed twice, it is one
    nonce          TEXT        NOT NULL UNIQUE,
    kind           TEXT        NOT NULL, -- question, quality, request, reuse
    title          TEXT        NOT NULL,
    body           TEXT        NOT NULL, -- Markdown
    details        TEXT        NOT NULL DEFAULT '', -- JSON: what the kind asks for besides
    need           TEXT        NOT NULL DEFAULT '', -- what it is needed for, for the institution
    language       TEXT        NOT NULL,
    -- what it is about, '' for nothing in particular; the ids never change
    on_kind        TEXT        NOT NULL DEFAULT '',
    on_id          TEXT        NOT NULL DEFAULT '',
    dataset_id     TEXT        NOT NULL DEFAULT '',
    on_column      TEXT        NOT NULL DEFAULT '',
    on_row         TEXT        NOT NULL DEFAULT '',
    institution    TEXT        NOT NULL DEFAULT '', -- who has to answer; '': the coordination
    moved_from     TEXT        NOT NULL DEFAULT '', -- whose it was before a succession or a hand-over
    unit_id        TEXT        NOT NULL DEFAULT '', -- the area to which it was turned
    asker_id       TEXT        NOT NULL DEFAULT '', -- a person, or
    contact_id     TEXT        NOT NULL DEFAULT '', -- somebody without an account; both '' once they are gone
    asker_name     TEXT        NOT NULL DEFAULT '', -- a name chosen for this case; '': the account's
    channel        TEXT        NOT NULL,            -- web, api, button; else how it came to the institution
    standing       TEXT        NOT NULL,            -- held, public, hidden, refused, removed
    state          TEXT        NOT NULL,
    progress       TEXT        NOT NULL DEFAULT '',
    reason         TEXT        NOT NULL DEFAULT '', -- of a closed one
    into_id        TEXT        NOT NULL DEFAULT '', -- the case into which it was merged
    after_id       TEXT        NOT NULL DEFAULT '', -- the case after which it was asked anew
    outcome        TEXT        NOT NULL DEFAULT '', -- of the current official answer
    answer_id      TEXT        NOT NULL DEFAULT '', -- the current official answer
    supports       INTEGER     NOT NULL DEFAULT 0,  -- without the asker
    reopened       INTEGER     NOT NULL DEFAULT 0,
    version        INTEGER     NOT NULL DEFAULT 1,  -- grows with each act
    asked_at       TIMESTAMPTZ NOT NULL,            -- when it was sent or received
    published_at   TIMESTAMPTZ,                     -- NULL: never was public
    acknowledged_at TIMESTAMPTZ,
    answered_at    TIMESTAMPTZ,                     -- the first official answer
    settled_at     TIMESTAMPTZ,                     -- resolved or closed
    due_at         TIMESTAMPTZ,                     -- of the clock that runs or stands still
    waits_until    TIMESTAMPTZ                      -- when what waits for the asker ends by itself
, comment_id TEXT NOT NULL DEFAULT '', on_version INTEGER NOT NULL DEFAULT 0, on_view TEXT NOT NULL DEFAULT '', on_code TEXT NOT NULL DEFAULT '');
CREATE INDEX cases_after ON cases (after_id, id) WHERE after_id <> '';
CREATE INDEX cases_asked ON cases (asked_at, id, institution, kind, state, outcome, due_at, supports) WHERE standing = 'public';
CREATE INDEX cases_asker ON cases (asker_id, id) WHERE asker_id <> '';
CREATE UNIQUE INDEX cases_comment ON cases (comment_id) WHERE comment_id <> '';
CREATE INDEX cases_contact ON cases (contact_id, id) WHERE contact_id <> '';
CREATE INDEX cases_dataset ON cases (dataset_id, asked_at, id) WHERE dataset_id <> '' AND standing = 'public';
CREATE INDEX cases_due ON cases (due_at, id, institution, kind, state, outcome, asked_at, supports) WHERE due_at IS NOT NULL AND standing = 'public';
CREATE INDEX cases_inbox ON cases (institution, state, due_at, id) WHERE standing = 'public';
CREATE INDEX cases_institution ON cases (institution, asked_at, id, kind, state, outcome, due_at, supports) WHERE standing = 'public';
CREATE INDEX cases_into ON cases (into_id, id) WHERE into_id <> '';
CREATE INDEX cases_kind ON cases (kind, asked_at, id, institution, state, outcome, due_at, supports) WHERE standing = 'public';
CREATE INDEX cases_on ON cases (on_kind, on_id, asked_at, id) WHERE on_id <> '' AND standing = 'public';
CREATE INDEX cases_outcome ON cases (outcome, asked_at, id, institution, kind, state, due_at, supports) WHERE outcome <> '' AND standing = 'public';
CREATE INDEX cases_state ON cases (state, asked_at, id, institution, kind, outcome, due_at, supports) WHERE standing = 'public';
CREATE INDEX cases_supports ON cases (supports, asked_at, id, institution, kind, state, outcome, due_at) WHERE standing = 'public';
CREATE INDEX cases_tally ON cases (institution, state, kind, unit_id, due_at, id, asked_at, outcome, supports) WHERE standing = 'public';
CREATE INDEX cases_unit ON cases (unit_id, due_at, id) WHERE unit_id <> '' AND standing = 'public';
CREATE INDEX cases_waiting ON cases (waits_until, id) WHERE waits_until IS NOT NULL;

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
, merged_into TEXT NOT NULL DEFAULT '', home_id TEXT NOT NULL DEFAULT '', home_kind TEXT NOT NULL DEFAULT '', home_on TEXT NOT NULL DEFAULT '');
CREATE INDEX comments_answers ON comments (root_id, said_at, id) WHERE root_id <> '' AND state <> 'held' AND state <> 'refused';
CREATE INDEX comments_attended ON comments (attended_by, institution, said_at, id) WHERE attended_by <> '';
CREATE INDEX comments_attended_with ON comments (attended_with) WHERE attended_with <> '';
CREATE INDEX comments_author ON comments (author_id, id) WHERE author_id <> '';
CREATE INDEX comments_home ON comments (home_id) WHERE home_id <> '';
CREATE INDEX comments_inbox ON comments (institution, attention, said_at, id) WHERE state = 'public' AND attention <> 'none';
CREATE INDEX comments_institution ON comments (institution, said_at, id) WHERE state = 'public';
CREATE INDEX comments_merged ON comments (home_kind, home_on, said_at, id) WHERE merged_into <> '';
CREATE INDEX comments_merged_into ON comments (merged_into) WHERE merged_into <> '';
CREATE INDEX comments_on ON comments (on_kind, on_id);
CREATE INDEX comments_public ON comments (on_kind, on_id, said_at, id) WHERE state = 'public';
CREATE INDEX comments_said ON comments (said_at, id) WHERE state = 'public';
CREATE INDEX comments_thread ON comments (on_kind, on_id, root_id, said_at, id) WHERE state <> 'held' AND state <> 'refused';

CREATE TABLE commitment_codes (
    prefix TEXT    NOT NULL,
    year   INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (prefix, year)
);

CREATE TABLE commitment_steps (
    id            TEXT        NOT NULL PRIMARY KEY,
    commitment_id TEXT        NOT NULL REFERENCES commitments (id) ON DELETE CASCADE,
    kind          TEXT        NOT NULL, -- made, progressed, rescheduled, drop_asked, drop_returned, kept, dropped, moved
    at            TIMESTAMPTZ NOT NULL,
    voice         TEXT        NOT NULL DEFAULT '', -- JSON: who acted, as it was then; '': Plaza itself
    body          TEXT        NOT NULL DEFAULT '', -- Markdown: what was done, a reason
    facts         TEXT        NOT NULL DEFAULT ''  -- JSON: dates, a percentage, who signed
);
CREATE INDEX commitment_steps_commitment ON commitment_steps (commitment_id, at, id);

CREATE TABLE commitments (
    id              TEXT        NOT NULL PRIMARY KEY,
    code            TEXT        NOT NULL UNIQUE,     -- SALUD-C-2026-0007
    institution     TEXT        NOT NULL DEFAULT '', -- who keeps it; '': the coordination
    moved_from      TEXT        NOT NULL DEFAULT '', -- whose it was before a succession
    unit_id         TEXT        NOT NULL DEFAULT '', -- the area that keeps it
    -- what it was promised in; the ids never change
    origin_kind     TEXT        NOT NULL DEFAULT '',
    origin_id       TEXT        NOT NULL DEFAULT '',
    -- what it concerns, '' for something that is not published yet
    object_kind     TEXT        NOT NULL DEFAULT '',
    object_id       TEXT        NOT NULL DEFAULT '',
    dataset_id      TEXT        NOT NULL DEFAULT '', -- the dataset of the object
    kind            TEXT        NOT NULL, -- publish, improve, document, update, format, api, other
    promise         TEXT        NOT NULL,
    language        TEXT        NOT NULL,
    due_on          TEXT        NOT NULL, -- 2006-01-02, in the institution's zone
    late_at         TIMESTAMPTZ NOT NULL, -- the first moment that is late
    original_due_on TEXT        NOT NULL,
    moves           INTEGER     NOT NULL DEFAULT 0, -- how often the date was moved
    percent         INTEGER     NOT NULL DEFAULT 0, -- of the last progress told
    state           TEXT        NOT NULL, -- open, kept, dropped
    voice           TEXT        NOT NULL DEFAULT '', -- JSON: who made it, as it was then
    evidence        TEXT        NOT NULL DEFAULT '', -- JSON: by what it was kept
    -- JSON: that somebody wants it dropped, until a second person signs or returns that
    dropping        TEXT        NOT NULL DEFAULT '',
    version         INTEGER     NOT NULL DEFAULT 1, -- grows with each act
    made_at         TIMESTAMPTZ NOT NULL,
    settled_at      TIMESTAMPTZ -- kept or dropped
);
CREATE INDEX commitments_dataset ON commitments (dataset_id, state, late_at, id) WHERE dataset_id <> '';
CREATE INDEX commitments_institution ON commitments (institution, state, late_at, id);
CREATE INDEX commitments_made ON commitments (made_at, id);
CREATE INDEX commitments_origin ON commitments (origin_kind, origin_id, made_at) WHERE origin_id <> '';
CREATE INDEX commitments_state ON commitments (state, late_at, id);

CREATE TABLE consents (
    id           TEXT        NOT NULL PRIMARY KEY,
    person_id    TEXT        NOT NULL DEFAULT '', -- '': somebody without an account
    address_hash TEXT        NOT NULL DEFAULT '', -- keyed, of an address without an account
    point        TEXT        NOT NULL, -- where it was collected
    version      INTEGER     NOT NULL, -- of the notice that was shown
    given_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX consents_given ON consents (given_at) WHERE person_id = '';
CREATE INDEX consents_person ON consents (person_id, id) WHERE person_id <> '';

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
CREATE INDEX credentials_person ON credentials (person_id, kind);
CREATE UNIQUE INDEX credentials_single ON credentials (person_id, kind) WHERE kind = 'password' OR kind = 'totp';
CREATE UNIQUE INDEX credentials_subject ON credentials (issuer, subject) WHERE kind = 'oidc';

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

CREATE TABLE disclosures (
    id          TEXT        NOT NULL PRIMARY KEY,
    object_kind TEXT        NOT NULL,
    object_id   TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '', -- whose it is, '': the coordination's
    category    TEXT        NOT NULL, -- what kind of personal data
    place       TEXT        NOT NULL, -- where they are, never what they are
    note        TEXT        NOT NULL DEFAULT '',
    reporter_id TEXT        NOT NULL DEFAULT '', -- '' for a visitor, or one who is gone
    calendar    TEXT        NOT NULL, -- by what its term was computed
    due_at      TIMESTAMPTZ NOT NULL,
    conclusion  TEXT        NOT NULL DEFAULT '', -- '' while it waits
    answer      TEXT        NOT NULL DEFAULT '', -- for whoever reported it
    decided_by  TEXT        NOT NULL DEFAULT '',
    created_at  TIMESTAMPTZ NOT NULL,
    decided_at  TIMESTAMPTZ,
    version     INTEGER     NOT NULL DEFAULT 1
);
CREATE INDEX disclosures_institution ON disclosures (institution, decided_at, created_at, id);
CREATE INDEX disclosures_reporter ON disclosures (reporter_id) WHERE reporter_id <> '';

CREATE TABLE email_changes (
    id        TEXT        NOT NULL PRIMARY KEY,
    person_id TEXT        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    old_email TEXT        NOT NULL,
    old_key   TEXT        NOT NULL,
    new_email TEXT        NOT NULL,
    new_key   TEXT        NOT NULL,
    asked_at  TIMESTAMPTZ NOT NULL,
    done_at   TIMESTAMPTZ, -- confirmed at the new address
    undone_at TIMESTAMPTZ  -- taken back at the old one
);
CREATE INDEX email_changes_asked ON email_changes (asked_at);
CREATE INDEX email_changes_person ON email_changes (person_id, id);

CREATE TABLE email_domains (
    id             TEXT        NOT NULL PRIMARY KEY,
    institution_id TEXT        NOT NULL REFERENCES institutions (id),
    domain         TEXT        NOT NULL, -- in ASCII, lower case
    created_at     TIMESTAMPTZ NOT NULL,
    verified_at    TIMESTAMPTZ -- NULL while it is only proposed
);
CREATE UNIQUE INDEX email_domains_institution ON email_domains (institution_id, domain);
CREATE UNIQUE INDEX email_domains_verified ON email_domains (domain) WHERE verified_at IS NOT NULL;

CREATE TABLE explore_attempts (
    resource_id   TEXT        NOT NULL PRIMARY KEY,
    -- the last job for it; '' for none
    job_id        TEXT        NOT NULL DEFAULT '',
    -- how the last try ended: '' none did, good, same, failed, cancelled
    outcome       TEXT        NOT NULL DEFAULT '',
    -- explore.Fault as JSON, '' unless it failed
    fault         TEXT        NOT NULL DEFAULT '',
    -- code of what it says of the resource's quality (h01), '' for nothing
    finding       TEXT        NOT NULL DEFAULT '',
    http_status   INTEGER     NOT NULL DEFAULT 0,
    -- when it ended
    at            TIMESTAMPTZ,
    -- the address and the marks of the copy at hand, to ask whether it is current
    url           TEXT        NOT NULL DEFAULT '',
    etag          TEXT        NOT NULL DEFAULT '',
    last_modified TEXT        NOT NULL DEFAULT '',
    -- the content that was last served, good or not: its SHA-256
    sha256        TEXT        NOT NULL DEFAULT '',
    -- the last good version, '' while there is none
    current_id    TEXT        NOT NULL DEFAULT '',
    -- by which converter, and with which corrections, the last try was made
    revision      INTEGER     NOT NULL DEFAULT 0,
    fixes         TEXT        NOT NULL DEFAULT ''
);
CREATE INDEX explore_attempts_at ON explore_attempts (at, resource_id) WHERE current_id <> '';
CREATE INDEX explore_attempts_revision ON explore_attempts (revision, resource_id) WHERE current_id <> '';

CREATE TABLE explore_columns (
    resource_id TEXT        NOT NULL,
    -- '' for the whole file
    name        TEXT        NOT NULL,
    -- as the file has it, which no correction changes
    label       TEXT        NOT NULL DEFAULT '',
    state       TEXT        NOT NULL,
    reason      TEXT        NOT NULL,
    role        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (resource_id, name)
);

CREATE TABLE explore_comparisons (
    before_id TEXT        NOT NULL REFERENCES explore_versions (id),
    after_id  TEXT        NOT NULL REFERENCES explore_versions (id),
    -- the last job for it
    job_id    TEXT        NOT NULL DEFAULT '',
    -- digest of the tables that were compared: those of others are compared anew
    tables    TEXT        NOT NULL DEFAULT '',
    -- explore.Counted as JSON, '' while there is none
    result    TEXT        NOT NULL DEFAULT '',
    -- explore.Fault as JSON, '' unless it could not be done
    fault     TEXT        NOT NULL DEFAULT '',
    at        TIMESTAMPTZ,
    PRIMARY KEY (before_id, after_id)
);

CREATE TABLE explore_dictionaries (
    -- the dictionary
    resource_id TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    dataset_id  TEXT    NOT NULL,
    -- name of the file that it speaks of, '' for any
    file        TEXT    NOT NULL DEFAULT '',
    -- of the column, folded
    name        TEXT    NOT NULL,
    words       TEXT    NOT NULL,
    PRIMARY KEY (resource_id, position)
);
CREATE INDEX explore_dictionaries_dataset ON explore_dictionaries (dataset_id, resource_id, position);

CREATE TABLE explore_fixes (
    resource_id TEXT        NOT NULL,
    table_name  TEXT        NOT NULL,
    -- tabular.Correction as JSON
    correction  TEXT        NOT NULL,
    reason      TEXT        NOT NULL DEFAULT '',
    role        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    version     INTEGER     NOT NULL DEFAULT 1,
    PRIMARY KEY (resource_id, table_name)
);

CREATE TABLE explore_objects (
    sha256     TEXT        NOT NULL PRIMARY KEY,
    bytes      BIGINT      NOT NULL DEFAULT 0,
    claimed_at TIMESTAMPTZ NOT NULL,
    -- since when it is being removed: nobody may claim it meanwhile
    doomed_at  TIMESTAMPTZ
);
CREATE INDEX explore_objects_claimed ON explore_objects (claimed_at, sha256);

CREATE TABLE explore_said (
    id          TEXT        NOT NULL PRIMARY KEY,
    resource_id TEXT        NOT NULL,
    -- corrected, hidden, shown
    kind        TEXT        NOT NULL,
    -- the table that was corrected, or the column that was decided of, '' for the file
    name        TEXT        NOT NULL DEFAULT '',
    reason      TEXT        NOT NULL DEFAULT '',
    role        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX explore_said_resource ON explore_said (resource_id, at, id);

CREATE TABLE explore_suspects (
    version_id    TEXT        NOT NULL REFERENCES explore_versions (id),
    resource_id   TEXT        NOT NULL,
    name          TEXT        NOT NULL,
    label         TEXT        NOT NULL DEFAULT '',
    -- '' when an earlier one still waits
    disclosure_id TEXT        NOT NULL DEFAULT '',
    at            TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (version_id, name)
);
CREATE INDEX explore_suspects_resource ON explore_suspects (resource_id, at);

CREATE TABLE explore_tables (
    version_id TEXT    NOT NULL REFERENCES explore_versions (id),
    position   INTEGER NOT NULL,
    name       TEXT    NOT NULL DEFAULT '',
    sha256     TEXT    NOT NULL,
    bytes      BIGINT  NOT NULL,
    row_count  BIGINT  NOT NULL,
    PRIMARY KEY (version_id, position)
);
CREATE INDEX explore_tables_sha256 ON explore_tables (sha256);

CREATE TABLE explore_versions (
    id             TEXT        NOT NULL PRIMARY KEY,
    resource_id    TEXT        NOT NULL,
    number         INTEGER     NOT NULL,
    sha256         TEXT        NOT NULL,
    bytes          BIGINT      NOT NULL,
    name           TEXT        NOT NULL DEFAULT '',
    media_type     TEXT        NOT NULL DEFAULT '',
    url            TEXT        NOT NULL DEFAULT '',
    etag           TEXT        NOT NULL DEFAULT '',
    last_modified  TEXT        NOT NULL DEFAULT '',
    fetched_at     TIMESTAMPTZ NOT NULL,
    -- when the same content was last served
    seen_at        TIMESTAMPTZ NOT NULL,
    -- good, failed
    state          TEXT        NOT NULL,
    -- explore.Fault as JSON of a failed one
    fault          TEXT        NOT NULL DEFAULT '',
    -- which converter made what is derived, and with which corrections
    revision       INTEGER     NOT NULL,
    fixes          TEXT        NOT NULL DEFAULT '',
    -- tabular.Profile as JSON or, when it is large, the key of the object that holds it
    profile        TEXT        NOT NULL DEFAULT '',
    profile_sha256 TEXT        NOT NULL DEFAULT '',
    row_count      BIGINT      NOT NULL DEFAULT 0,
    column_count   INTEGER     NOT NULL DEFAULT 0,
    -- explore.Change as JSON: how it differs from the version that was current before it
    change         TEXT        NOT NULL DEFAULT '',
    -- since when its files are gone
    expired_at     TIMESTAMPTZ,
    UNIQUE (resource_id, number),
    UNIQUE (resource_id, sha256)
);
CREATE INDEX explore_versions_profile ON explore_versions (profile_sha256) WHERE profile_sha256 <> '';
CREATE INDEX explore_versions_sha256 ON explore_versions (sha256) WHERE expired_at IS NULL;

CREATE TABLE explore_visits (
    resource_id TEXT    NOT NULL,
    day         TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (resource_id, day)
);
CREATE INDEX explore_visits_day ON explore_visits (day, resource_id, n);

CREATE TABLE follow_readers (
    id         TEXT        NOT NULL PRIMARY KEY,
    email      TEXT        NOT NULL, -- as it was typed
    email_key  TEXT        NOT NULL UNIQUE, -- folded: two spellings of one address are one
    language   TEXT        NOT NULL, -- of mails: es-MX, en
    created_at TIMESTAMPTZ NOT NULL
);

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
CREATE INDEX follows_recipient ON follows (recipient, id);
CREATE INDEX follows_unconfirmed ON follows (created_at) WHERE confirmed_at IS NULL;

CREATE TABLE forum_threads (
    id          TEXT        NOT NULL PRIMARY KEY,
    slug        TEXT        NOT NULL UNIQUE,
    -- hash of the form that it was sent with, its author and text: pressed twice, it is one
    nonce       TEXT        NOT NULL UNIQUE,
    comment_id  TEXT        NOT NULL UNIQUE,
    title       TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '', -- to whom it is addressed, '': to nobody
    theme       TEXT        NOT NULL DEFAULT '', -- '' for none
    standing    TEXT        NOT NULL,            -- that of its comment
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX forum_threads_institution ON forum_threads (institution, created_at, id) WHERE standing = 'public';
CREATE INDEX forum_threads_newest ON forum_threads (created_at, id) WHERE standing = 'public';
CREATE INDEX forum_threads_theme ON forum_threads (theme, created_at, id) WHERE standing = 'public' AND theme <> '';

CREATE TABLE hook_deliveries (
    id         TEXT        NOT NULL PRIMARY KEY, -- the message's id: the same each time it is sent
    hook_id    TEXT        NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    seq        BIGINT      NOT NULL, -- of the entry that it tells of, 0 for a test
    verb       TEXT        NOT NULL,
    body       TEXT        NOT NULL, -- JSON, as it is signed
    state      TEXT        NOT NULL, -- waiting, arrived, failed
    attempts   INTEGER     NOT NULL DEFAULT 0,
    next_at    TIMESTAMPTZ,          -- when it is tried next
    status     INTEGER     NOT NULL DEFAULT 0, -- HTTP, of the last attempt
    error      TEXT        NOT NULL DEFAULT '', -- code of package fetch, of the last attempt
    created_at TIMESTAMPTZ NOT NULL,
    arrived_at TIMESTAMPTZ
);
CREATE INDEX hook_deliveries_created ON hook_deliveries (created_at);
CREATE INDEX hook_deliveries_due ON hook_deliveries (next_at, id) WHERE next_at IS NOT NULL;
CREATE UNIQUE INDEX hook_deliveries_entry ON hook_deliveries (hook_id, seq) WHERE seq > 0;
CREATE INDEX hook_deliveries_hook ON hook_deliveries (hook_id, created_at, id);

CREATE TABLE hooks (
    id          TEXT        NOT NULL PRIMARY KEY,
    institution TEXT        NOT NULL,
    url         TEXT        NOT NULL,
    secret      TEXT        NOT NULL, -- sealed: it is needed again for each signature
    events      TEXT        NOT NULL, -- families of verbs, between spaces
    state       TEXT        NOT NULL, -- active, paused, failing: paused by itself
    version     INTEGER     NOT NULL DEFAULT 1,
    created_at  TIMESTAMPTZ NOT NULL,
    failing_at  TIMESTAMPTZ           -- since when nothing arrives, NULL: it does
);
CREATE INDEX hooks_institution ON hooks (institution, id);

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

CREATE TABLE institution_hours (
    institution_id TEXT    NOT NULL REFERENCES institutions (id),
    weekday        INTEGER NOT NULL, -- 0 is Sunday
    opens          INTEGER NOT NULL, -- minutes after midnight
    closes         INTEGER NOT NULL,
    PRIMARY KEY (institution_id, weekday)
);

CREATE TABLE institution_names (
    name_key       TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id)
);

CREATE TABLE institution_past_names (
    succession_id  TEXT NOT NULL PRIMARY KEY REFERENCES institution_successions (id),
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    name           TEXT NOT NULL,
    acronym        TEXT NOT NULL,
    slug           TEXT NOT NULL,
    until          TEXT NOT NULL -- 2006-01-02, the first day of the name that followed
);
CREATE INDEX institution_past_names_institution ON institution_past_names (institution_id, until);

CREATE TABLE institution_successions (
    id         TEXT        NOT NULL PRIMARY KEY,
    from_id    TEXT        NOT NULL REFERENCES institutions (id),
    to_id      TEXT        NOT NULL, -- '' for the central unit, the same for a new name
    kind       TEXT        NOT NULL, -- renamed, merged, split, abolished
    place      INTEGER     NOT NULL, -- 0 gets what was given to no other
    date       TEXT        NOT NULL, -- by law, 2006-01-02; it is done at created_at
    legal_ref  TEXT        NOT NULL,
    note       TEXT        NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX institution_successions_from ON institution_successions (from_id, place);
CREATE INDEX institution_successions_to ON institution_successions (to_id, date);

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
, state TEXT NOT NULL DEFAULT 'active', valid_to TEXT NOT NULL DEFAULT '', calendar TEXT NOT NULL DEFAULT 'mx-federal');
CREATE INDEX institutions_order ON institutions (name_key, id);

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
CREATE INDEX invitations_email ON invitations (email_key);
CREATE INDEX invitations_ended ON invitations (ended_at) WHERE state <> 'open';
CREATE INDEX invitations_expiry ON invitations (expires_at) WHERE state = 'open';
CREATE UNIQUE INDEX invitations_hash ON invitations (hash) WHERE hash <> '';
CREATE UNIQUE INDEX invitations_open ON invitations (institution_id, email_key) WHERE state = 'open';

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
CREATE INDEX join_requests_ended ON join_requests (ended_at) WHERE state <> 'open';
CREATE INDEX join_requests_expiry ON join_requests (expires_at) WHERE state = 'open';
CREATE UNIQUE INDEX join_requests_open ON join_requests (institution_id, person_id) WHERE state = 'open';
CREATE INDEX join_requests_person ON join_requests (person_id, id);

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
CREATE INDEX letters_file ON letters (file);
CREATE INDEX letters_institution ON letters (institution_id, id);
CREATE INDEX letters_person ON letters (person_id) WHERE person_id <> '';

CREATE TABLE mail_addresses (
    address    TEXT        NOT NULL PRIMARY KEY, -- in lower case
    -- bounced, complained
    state      TEXT        NOT NULL,
    reason     TEXT        NOT NULL DEFAULT '', -- RFC 3463's class and subject, e.g. 5.1.1
    since      TIMESTAMPTZ NOT NULL
);
CREATE INDEX mail_addresses_since ON mail_addresses (since, address);

CREATE TABLE moderation_appeals (
    decision_id TEXT        NOT NULL PRIMARY KEY REFERENCES moderation_decisions (id),
    body        TEXT        NOT NULL, -- why the author does not agree
    created_at  TIMESTAMPTZ NOT NULL,
    outcome     TEXT        NOT NULL DEFAULT '', -- upheld, overturned; '' while it waits
    note        TEXT        NOT NULL DEFAULT '',
    decided_by  TEXT        NOT NULL DEFAULT '',
    same_person BOOLEAN     NOT NULL DEFAULT FALSE, -- there was nobody else to decide
    decided_at  TIMESTAMPTZ
);
CREATE INDEX moderation_appeals_waiting ON moderation_appeals (created_at, decision_id) WHERE outcome = '';

CREATE TABLE moderation_cases (
    id          TEXT        NOT NULL PRIMARY KEY,
    object_kind TEXT        NOT NULL,
    object_id   TEXT        NOT NULL,
    institution TEXT        NOT NULL DEFAULT '', -- that it concerns, '' for none
    author_id   TEXT        NOT NULL DEFAULT '', -- '' for nobody, or nobody any more
    held        BOOLEAN     NOT NULL DEFAULT FALSE, -- waits to be let through
    why         TEXT        NOT NULL DEFAULT '', -- keys of why it was held, between spaces
    severity    INTEGER     NOT NULL DEFAULT 0,  -- of the worst that is said of it
    opened_at   TIMESTAMPTZ NOT NULL,
    held_month  TEXT        NOT NULL DEFAULT '', -- 2026-11, of the last time it was held
    closed_at   TIMESTAMPTZ, -- when it was attended to
    -- goes up with each act: of two who act at once on what they saw, one is told
    version     INTEGER     NOT NULL DEFAULT 1,
    claimed_by  TEXT        NOT NULL DEFAULT '', -- who says that they are looking at it
    claimed_at  TIMESTAMPTZ,
    UNIQUE (object_kind, object_id)
);
CREATE INDEX moderation_cases_author ON moderation_cases (author_id, id) WHERE author_id <> '';
CREATE INDEX moderation_cases_closed ON moderation_cases (closed_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX moderation_cases_institution ON moderation_cases (institution, severity DESC, opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX moderation_cases_month ON moderation_cases (held_month) WHERE held_month <> '';
CREATE INDEX moderation_cases_open ON moderation_cases (severity DESC, opened_at, id) WHERE closed_at IS NULL;

CREATE TABLE moderation_decisions (
    id          TEXT        NOT NULL PRIMARY KEY,
    case_id     TEXT        NOT NULL REFERENCES moderation_cases (id),
    act         TEXT        NOT NULL,
    reason      TEXT        NOT NULL,
    note        TEXT        NOT NULL DEFAULT '', -- what the author reads besides
    state_was   TEXT        NOT NULL DEFAULT '', -- where the post stood, to go back to
    into_ref    TEXT        NOT NULL DEFAULT '', -- the thread that another was merged into
    until_at    TIMESTAMPTZ, -- of a suspension
    author_id   TEXT        NOT NULL DEFAULT '', -- whom it concerns
    decided_by  TEXT        NOT NULL DEFAULT '',
    role        TEXT        NOT NULL, -- in which it was decided: moderator, admin
    institution TEXT        NOT NULL DEFAULT '', -- for which that role is held, '' the platform
    month       TEXT        NOT NULL, -- 2026-11
    created_at  TIMESTAMPTZ NOT NULL,
    undone_at   TIMESTAMPTZ
);
CREATE INDEX moderation_decisions_act ON moderation_decisions (act, id);
CREATE INDEX moderation_decisions_author ON moderation_decisions (author_id, id) WHERE author_id <> '';
CREATE INDEX moderation_decisions_case ON moderation_decisions (case_id, id);
CREATE INDEX moderation_decisions_month ON moderation_decisions (month, act, id);

CREATE TABLE moderation_reports (
    id          TEXT        NOT NULL PRIMARY KEY,
    case_id     TEXT        NOT NULL REFERENCES moderation_cases (id),
    reason      TEXT        NOT NULL,
    body        TEXT        NOT NULL DEFAULT '', -- '' also when its year is over
    reporter_id TEXT        NOT NULL DEFAULT '', -- '' for visitors
    -- keyed hash of the person, or of network and day: one report each
    reporter    TEXT        NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    closed_at   TIMESTAMPTZ
);
CREATE INDEX moderation_reports_case ON moderation_reports (case_id, id);
CREATE UNIQUE INDEX moderation_reports_once ON moderation_reports (case_id, reporter) WHERE closed_at IS NULL;
CREATE INDEX moderation_reports_person ON moderation_reports (reporter_id, id) WHERE reporter_id <> '';
CREATE INDEX moderation_reports_texts ON moderation_reports (created_at) WHERE body <> '';

CREATE TABLE moderation_rules (
    id         TEXT        NOT NULL PRIMARY KEY,
    kind       TEXT        NOT NULL, -- word, pattern, domain
    pattern    TEXT        NOT NULL,
    reason     TEXT        NOT NULL, -- told to moderators
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (kind, pattern)
);

CREATE TABLE moderation_texts (
    text_hash TEXT        NOT NULL,
    author_id TEXT        NOT NULL,
    last_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (text_hash, author_id)
);
CREATE INDEX moderation_texts_age ON moderation_texts (last_at);
CREATE INDEX moderation_texts_author ON moderation_texts (author_id);

CREATE TABLE notice_settings (
    recipient TEXT NOT NULL PRIMARY KEY,
    often     TEXT NOT NULL -- now, daily, weekly, never
);

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
CREATE INDEX notices_created ON notices (created_at);
CREATE INDEX notices_mail ON notices (mail, recipient, seq) WHERE mail <> '';
CREATE INDEX notices_read ON notices (read_at) WHERE read_at IS NOT NULL;
CREATE INDEX notices_unread ON notices (recipient, seq) WHERE in_app AND read_at IS NULL;

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
, claim TEXT NOT NULL DEFAULT '');
CREATE INDEX outbox_address ON outbox (address);
CREATE INDEX outbox_created ON outbox (created_at);
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
, name_key TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL DEFAULT 0, suspended_from TIMESTAMPTZ, suspended_until TIMESTAMPTZ, suspended_why TEXT NOT NULL DEFAULT '', resembles TEXT NOT NULL DEFAULT '');
CREATE INDEX people_name ON people (name_key, id);
CREATE INDEX people_resembles ON people (name_key, id) WHERE resembles <> '';
CREATE INDEX people_suspended ON people (suspended_from) WHERE suspended_from IS NOT NULL;

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

CREATE TABLE record_positions (
    name      TEXT   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    recipient TEXT   NOT NULL DEFAULT ''
);

CREATE TABLE resource_insides (
    resource_id TEXT NOT NULL PRIMARY KEY,
    dataset_id  TEXT NOT NULL,
    inside      TEXT NOT NULL
);
CREATE INDEX resource_insides_dataset ON resource_insides (dataset_id, resource_id);

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
    checked_at   TIMESTAMPTZ, withheld_at TIMESTAMPTZ,
    UNIQUE (dataset_id, source_key)
);
CREATE INDEX resources_checked ON resources (checked_at);
CREATE INDEX resources_url ON resources (substr(url, 1, 400)) WHERE url <> '';

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

CREATE TABLE role_names (
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    role           TEXT NOT NULL,
    name           TEXT NOT NULL,
    PRIMARY KEY (institution_id, role)
);

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

CREATE TABLE score_cases (
    case_id        TEXT        NOT NULL PRIMARY KEY,
    last_seq       BIGINT      NOT NULL, -- the last entry that was read into it
    folio          TEXT        NOT NULL DEFAULT '',
    kind           TEXT        NOT NULL DEFAULT '',
    channel        TEXT        NOT NULL DEFAULT '',
    -- in whose figures it counts: who gave the first official answer, else who owes it
    institution    TEXT        NOT NULL DEFAULT '',
    opened_with    TEXT        NOT NULL DEFAULT '', -- who owed it first
    body           TEXT        NOT NULL DEFAULT '', -- by whose calendar its clock ran
    level          TEXT        NOT NULL DEFAULT '', -- who answered for the institution by that clock
    opened_level   TEXT        NOT NULL DEFAULT '', -- and when it was opened
    side           TEXT        NOT NULL DEFAULT '', -- with, without, central: counted apart
    standing       TEXT        NOT NULL DEFAULT '', -- only what is public counts
    state          TEXT        NOT NULL DEFAULT '',
    reason         TEXT        NOT NULL DEFAULT '', -- of a closed one
    outcome        TEXT        NOT NULL DEFAULT '', -- of its official answer, as corrected
    round          INTEGER     NOT NULL DEFAULT 0,
    month          TEXT        NOT NULL DEFAULT '', -- 2006-01, in which it was asked
    asked_at       TIMESTAMPTZ,
    due_at         TIMESTAMPTZ,                     -- of what is owed
    ack_days       INTEGER     NOT NULL DEFAULT -1, -- working days; -1: not yet
    ack_in_time    INTEGER     NOT NULL DEFAULT -1, -- 0 or 1; -1: not yet
    answered_at    TIMESTAMPTZ,                     -- the first official answer
    answer_days    INTEGER     NOT NULL DEFAULT -1,
    answer_in_time INTEGER     NOT NULL DEFAULT -1,
    settled_at     TIMESTAMPTZ,
    total_days     INTEGER     NOT NULL DEFAULT -1,
    closed_late    INTEGER     NOT NULL DEFAULT 0   -- closed without an answer once it was due
);
CREATE INDEX score_cases_institution ON score_cases (institution, month, asked_at, case_id) WHERE standing = 'public';
CREATE INDEX score_cases_month ON score_cases (month, asked_at, case_id) WHERE standing = 'public';
CREATE INDEX score_cases_passed ON score_cases (opened_with, month, kind, side) WHERE standing = 'public' AND opened_with <> institution;

CREATE TABLE score_commitments (
    commitment_id TEXT        NOT NULL PRIMARY KEY,
    last_seq      BIGINT      NOT NULL,
    institution   TEXT        NOT NULL DEFAULT '', -- who made it, as the record said then
    month         TEXT        NOT NULL DEFAULT '', -- in which it was made
    promised_on   TEXT        NOT NULL DEFAULT '', -- 2006-01-02: the day that was promised first
    due_on        TEXT        NOT NULL DEFAULT '', -- the day promised last
    moves         INTEGER     NOT NULL DEFAULT 0,  -- how often that day was moved
    kept_on       TEXT        NOT NULL DEFAULT '', -- '': not yet
    dropped       INTEGER     NOT NULL DEFAULT 0   -- 1: it ended without being kept
);
CREATE INDEX score_commitments_institution ON score_commitments (institution, month);

CREATE TABLE score_tallies (
    institution TEXT    NOT NULL, -- '*' is all of them
    month       TEXT    NOT NULL, -- 2006-01; '' is all of them
    kind        TEXT    NOT NULL,
    side        TEXT    NOT NULL,
    received    INTEGER NOT NULL, -- cases
    content     TEXT    NOT NULL, -- the figures (score/tallies.go)
    PRIMARY KEY (institution, month, kind, side)
);
CREATE INDEX score_tallies_month ON score_tallies (month, institution);

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
, agent TEXT NOT NULL DEFAULT '');
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_seen ON sessions (seen_at);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

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
CREATE INDEX signups_expiry ON signups (expires_at);

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

CREATE TABLE staffing (
    institution_id TEXT        NOT NULL PRIMARY KEY REFERENCES institutions (id),
    state          TEXT        NOT NULL, -- staffed, vacant
    since          TIMESTAMPTZ NOT NULL
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

CREATE TABLE tool_checks (
    tool_id TEXT        NOT NULL REFERENCES tools (id),
    at      TIMESTAMPTZ NOT NULL,
    status  INTEGER     NOT NULL DEFAULT 0,
    fault   TEXT        NOT NULL DEFAULT '',
    PRIMARY KEY (tool_id, at)
);

CREATE TABLE tool_drafts (
    tool_id  TEXT        NOT NULL REFERENCES tools (id),
    revision INTEGER     NOT NULL,
    document TEXT        NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tool_id, revision)
);

CREATE TABLE tool_facets (
    tool_id TEXT NOT NULL REFERENCES tools (id),
    facet   TEXT NOT NULL, -- theme, place, institution
    value   TEXT NOT NULL,
    PRIMARY KEY (tool_id, facet, value)
);
CREATE INDEX tool_facets_value ON tool_facets (facet, value, tool_id);

CREATE TABLE tool_images (
    tool_id TEXT NOT NULL REFERENCES tools (id),
    sha256  TEXT NOT NULL,
    PRIMARY KEY (tool_id, sha256)
);
CREATE INDEX tool_images_sha256 ON tool_images (sha256);

CREATE TABLE tool_objects (
    sha256     TEXT        NOT NULL PRIMARY KEY,
    bytes      BIGINT      NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    doomed_at  TIMESTAMPTZ -- it is being removed
);
CREATE INDEX tool_objects_claimed ON tool_objects (claimed_at, sha256);

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
CREATE INDEX tool_pictures_sha256 ON tool_pictures (sha256);

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
CREATE INDEX tool_uses_dataset ON tool_uses (dataset_id, tool_id);
CREATE INDEX tool_uses_resource ON tool_uses (resource_id, column_name, tool_id) WHERE resource_id <> '';

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

CREATE TABLE tool_views (
    tool_id TEXT    NOT NULL REFERENCES tools (id),
    week    TEXT    NOT NULL, -- its Monday, 2006-01-02
    n       INTEGER NOT NULL,
    PRIMARY KEY (tool_id, week)
);
CREATE INDEX tool_views_week ON tool_views (week);

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
, look_at TIMESTAMPTZ, broken_at TIMESTAMPTZ);
CREATE INDEX tools_author ON tools (author_id, id) WHERE author_id <> '';
CREATE INDEX tools_featured ON tools ((CASE WHEN featured_at IS NULL THEN 0 ELSE 1 END), published_at, id) WHERE standing = 'public';
CREATE INDEX tools_institution ON tools (institution, id) WHERE institution <> '';
CREATE INDEX tools_look ON tools (look_at, id) WHERE url <> '';
CREATE INDEX tools_newest ON tools (published_at, id) WHERE standing = 'public';
CREATE INDEX tools_owner ON tools (owner_id, id) WHERE owner_id <> '';
CREATE INDEX tools_parent ON tools (parent_id, id) WHERE parent_id <> '';
CREATE INDEX tools_viewed ON tools (views, id) WHERE standing = 'public';

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
