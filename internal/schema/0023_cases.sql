-- +goose Up

-- Within how many working days institutions promise to do what, by version: a clock
-- keeps the version that it was started with. None written is what the program says.
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

-- The last number that was given out under a prefix in a year.
CREATE TABLE case_folios (
    prefix TEXT    NOT NULL,
    year   INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (prefix, year)
);

-- Somebody without an account who asks by a confirmed address. Nobody but whoever
-- delivers mail reads it.
CREATE TABLE case_contacts (
    id           TEXT        NOT NULL PRIMARY KEY,
    email        TEXT        NOT NULL,
    email_key    TEXT        NOT NULL UNIQUE, -- its folded form
    language     TEXT        NOT NULL,
    confirmed_at TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL
);

-- What an institution must answer.
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
);
-- an institution's inbox: what it owes, by when it is due
CREATE INDEX cases_inbox ON cases (institution, state, due_at, id) WHERE standing = 'public';
-- Public lists, by one filter or order each. The columns after the id are the other
-- filters: which cases a page lists, and how many there are, is read off one index, and
-- the wide rows are read of those that are shown alone.
-- an institution's cases, newest first
CREATE INDEX cases_institution ON cases (institution, asked_at, id, kind, state, outcome, due_at) WHERE standing = 'public';
-- all cases by kind and state, newest first
CREATE INDEX cases_kind ON cases (kind, asked_at, id, institution, state, outcome, due_at) WHERE standing = 'public';
CREATE INDEX cases_state ON cases (state, asked_at, id, institution, kind, outcome, due_at) WHERE standing = 'public';
-- all cases, newest first
CREATE INDEX cases_asked ON cases (asked_at, id, institution, kind, state, outcome, due_at) WHERE standing = 'public';
-- what is owed, by when it is due: lists of what is late, reminders, escalation
CREATE INDEX cases_due ON cases (due_at, id, institution, kind, state, outcome, asked_at) WHERE due_at IS NOT NULL AND standing = 'public';
-- most supported first
CREATE INDEX cases_supports ON cases (supports, asked_at, id, institution, kind, state, outcome, due_at) WHERE standing = 'public';
-- a dataset's cases, and those of any object
CREATE INDEX cases_dataset ON cases (dataset_id, asked_at, id) WHERE dataset_id <> '' AND standing = 'public';
CREATE INDEX cases_on ON cases (on_kind, on_id, asked_at, id) WHERE on_id <> '' AND standing = 'public';
-- an area's cases
CREATE INDEX cases_unit ON cases (unit_id, due_at, id) WHERE unit_id <> '' AND standing = 'public';
-- what somebody asked
CREATE INDEX cases_asker ON cases (asker_id, id) WHERE asker_id <> '';
CREATE INDEX cases_contact ON cases (contact_id, id) WHERE contact_id <> '';
-- duplicates of a case
CREATE INDEX cases_into ON cases (into_id, id) WHERE into_id <> '';
-- what was asked anew after a case
CREATE INDEX cases_after ON cases (after_id, id) WHERE after_id <> '';
-- what ends by itself
CREATE INDEX cases_waiting ON cases (waits_until, id) WHERE waits_until IS NOT NULL;

-- The themes of what a case is about, as they were when it was asked.
CREATE TABLE case_themes (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    theme   TEXT NOT NULL,
    PRIMARY KEY (case_id, theme)
);
CREATE INDEX case_themes_theme ON case_themes (theme, case_id);

-- The terms that run for a case. Due is computed once, when something happens, and kept
-- with what it was computed by; a change of rules or calendars moves none of them.
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
);
CREATE INDEX case_clocks_case ON case_clocks (case_id, round, id);
-- what is late: reminders and escalation
CREATE INDEX case_clocks_due ON case_clocks (due_at, id) WHERE stopped_at IS NULL AND paused_at IS NULL;

-- What happened to a case, in order: the line through time on its page.
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

-- Official answers, each with its versions: a correction is a new one.
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

-- Whether readers understand an answer.
CREATE TABLE case_answer_marks (
    answer_id TEXT        NOT NULL,
    who       TEXT        NOT NULL, -- person id
    clear     INTEGER     NOT NULL, -- 0 or 1
    note      TEXT        NOT NULL DEFAULT '', -- for the author alone
    at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (answer_id, who)
);

-- What somebody of an institution, or an area asked by mail, would answer. Private.
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
CREATE INDEX case_drafts_case ON case_drafts (case_id, updated_at, id);
CREATE INDEX case_drafts_author ON case_drafts (author_id, updated_at) WHERE author_id <> '';

-- Who needs the same, each once.
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

-- What an institution's people note for themselves. Private.
CREATE TABLE case_notes (
    id          TEXT        NOT NULL PRIMARY KEY,
    case_id     TEXT        NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    institution TEXT        NOT NULL, -- whose note it is: it does not go along with the case
    author_id   TEXT        NOT NULL DEFAULT '',
    body        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_notes_case ON case_notes (case_id, at, id);
-- what a person noted, when they go
CREATE INDEX case_notes_author ON case_notes (author_id) WHERE author_id <> '';

-- Files that came with a case, a reply, a draft or an answer.
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
CREATE INDEX case_files_place ON case_files (case_id, place, place_id, id);

-- What was sent by somebody who has not confirmed their address yet, or not signed in.
CREATE TABLE case_pending (
    id         TEXT        NOT NULL PRIMARY KEY,
    contact_id TEXT        NOT NULL DEFAULT '', -- who has to confirm, '' for a draft before sign-in
    content    TEXT        NOT NULL, -- JSON of the form, '' once it became a case
    case_id    TEXT        NOT NULL DEFAULT '', -- which: who confirms twice is shown it
    created_at TIMESTAMPTZ NOT NULL
);
-- what is past its time
CREATE INDEX case_pending_created ON case_pending (created_at);
-- what waits for an address
CREATE INDEX case_pending_contact ON case_pending (contact_id) WHERE contact_id <> '';

-- A case that another body is asked to take over.
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
-- what a body is asked to take over
CREATE INDEX case_handovers_to ON case_handovers (to_body, at, id) WHERE state = 'asked';

-- A case that became a formal request for information.
CREATE TABLE case_transfers (
    case_id    TEXT        NOT NULL PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    folio      TEXT        NOT NULL, -- the formal one
    outcome    TEXT        NOT NULL DEFAULT '',
    voice      TEXT        NOT NULL, -- JSON
    at         TIMESTAMPTZ NOT NULL,
    ended_at   TIMESTAMPTZ
);

-- +goose Down
DROP TABLE case_transfers;
DROP TABLE case_handovers;
DROP TABLE case_pending;
DROP TABLE case_files;
DROP TABLE case_notes;
DROP TABLE case_supports;
DROP TABLE case_drafts;
DROP TABLE case_answer_marks;
DROP TABLE case_answers;
DROP TABLE case_steps;
DROP TABLE case_clocks;
DROP TABLE case_themes;
DROP TABLE cases;
DROP TABLE case_contacts;
DROP TABLE case_folios;
DROP TABLE case_terms;
