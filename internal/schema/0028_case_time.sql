-- +goose Up

-- A day that was computed from the law for a year that nobody has decreed yet.
ALTER TABLE calendar_days ADD COLUMN provisional BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE calendar_days SET provisional = TRUE WHERE calendar_id = 'mx-federal' AND date >= '2027-01-01' AND legal LIKE 'Ley Federal del Trabajo%';
INSERT INTO calendar_days (calendar_id, date, reason, legal, since, until) VALUES
    ('mx-federal', '2024-01-01', 'Año Nuevo', 'Ley Federal del Trabajo, artículo 74, fracción I', 1, 0),
    ('mx-federal', '2024-02-05', 'Aniversario de la Constitución', 'Ley Federal del Trabajo, artículo 74, fracción II', 1, 0),
    ('mx-federal', '2024-03-18', 'Natalicio de Benito Juárez', 'Ley Federal del Trabajo, artículo 74, fracción III', 1, 0),
    ('mx-federal', '2024-05-01', 'Día del Trabajo', 'Ley Federal del Trabajo, artículo 74, fracción IV', 1, 0),
    ('mx-federal', '2024-09-16', 'Día de la Independencia', 'Ley Federal del Trabajo, artículo 74, fracción V', 1, 0),
    ('mx-federal', '2024-10-01', 'Transmisión del Poder Ejecutivo Federal', 'Ley Federal del Trabajo, artículo 74, fracción VII', 1, 0),
    ('mx-federal', '2024-11-18', 'Aniversario de la Revolución', 'Ley Federal del Trabajo, artículo 74, fracción VI', 1, 0),
    ('mx-federal', '2024-12-25', 'Navidad', 'Ley Federal del Trabajo, artículo 74, fracción VIII', 1, 0);

-- How often a clock was changed and when the last time: a calendar that somebody
-- subscribed to has to be told.
ALTER TABLE case_clocks ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE case_clocks ADD COLUMN changed_at TIMESTAMPTZ;

-- A case that was turned to a person by mail alone. The address is seen by the
-- institution only, and forgotten some time after the turn has ended.
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
-- the turns of a person without an account: reminders, and when they are to be forgotten
CREATE INDEX case_turns_email ON case_turns (email_key, id) WHERE email_key <> '';
-- what is over and still has an address
CREATE INDEX case_turns_ended ON case_turns (expires_at, id) WHERE email_key <> '';
-- the draft of a turn
CREATE INDEX case_drafts_turn ON case_drafts (turn_id) WHERE turn_id <> '';

-- Who is above the liaison of an institution, and reads of what is late.
CREATE TABLE case_superiors (
    institution TEXT        NOT NULL PRIMARY KEY,
    name        TEXT        NOT NULL,
    email       TEXT        NOT NULL,
    set_by      TEXT        NOT NULL DEFAULT '', -- person, for Plaza alone
    updated_at  TIMESTAMPTZ NOT NULL,
    listed_on   TEXT        NOT NULL DEFAULT '' -- the Monday of the week whose list was looked at
);

-- Which reminders of a clock somebody was sent: who is a keyed hash of an address.
CREATE TABLE case_reminders (
    clock_id TEXT    NOT NULL REFERENCES case_clocks (id) ON DELETE CASCADE,
    who      TEXT    NOT NULL,
    step     INTEGER NOT NULL, -- the last of 1 (-5), 2 (-2), 3 (0)
    due_at   TIMESTAMPTZ NOT NULL, -- of the clock then: an extension begins anew
    day      TEXT    NOT NULL, -- 2006-01-02, of the mail that told of it
    PRIMARY KEY (clock_id, who)
);
-- whether somebody was sent one today
CREATE INDEX case_reminders_day ON case_reminders (who, day);

-- How far the record was read for institutions that join.
CREATE TABLE case_joining (
    id  INTEGER NOT NULL PRIMARY KEY, -- 1
    seq BIGINT  NOT NULL
);
INSERT INTO case_joining (id, seq) VALUES (1, 0);

-- +goose Down
DROP TABLE case_joining;
DROP TABLE case_reminders;
DROP TABLE case_superiors;
DROP INDEX case_drafts_turn;
DROP TABLE case_turns;
ALTER TABLE case_clocks DROP COLUMN changed_at;
ALTER TABLE case_clocks DROP COLUMN revision;
DELETE FROM calendar_days WHERE calendar_id = 'mx-federal' AND date LIKE '2024-%' AND since = 1;
ALTER TABLE calendar_days DROP COLUMN provisional;
