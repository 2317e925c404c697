-- +goose Up

-- An institution goes on, or has been succeeded by others and keeps its page.
ALTER TABLE institutions ADD COLUMN state TEXT NOT NULL DEFAULT 'active'; -- active, extinct
ALTER TABLE institutions ADD COLUMN valid_to TEXT NOT NULL DEFAULT ''; -- its last day by law, 2006-01-02, '' while it goes on
-- by whose non-working days it counts besides its own, '' for its own alone
ALTER TABLE institutions ADD COLUMN calendar TEXT NOT NULL DEFAULT 'mx-federal';

-- What became of institutions: each line one way that the things of one went.
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
-- where an institution's things went
CREATE INDEX institution_successions_from ON institution_successions (from_id, place);
-- what an institution was before
CREATE INDEX institution_successions_to ON institution_successions (to_id, date);

-- How institutions were called before they were renamed.
CREATE TABLE institution_past_names (
    succession_id  TEXT NOT NULL PRIMARY KEY REFERENCES institution_successions (id),
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    name           TEXT NOT NULL,
    acronym        TEXT NOT NULL,
    slug           TEXT NOT NULL,
    until          TEXT NOT NULL -- 2006-01-02, the first day of the name that followed
);
-- an institution's former names, newest first
CREATE INDEX institution_past_names_institution ON institution_past_names (institution_id, until);

-- When an institution attends, by its own clock.
CREATE TABLE institution_hours (
    institution_id TEXT    NOT NULL REFERENCES institutions (id),
    weekday        INTEGER NOT NULL, -- 0 is Sunday
    opens          INTEGER NOT NULL, -- minutes after midnight
    closes         INTEGER NOT NULL,
    PRIMARY KEY (institution_id, weekday)
);

-- Calendars of non-working days. Each change makes a version; what an earlier one said
-- stays readable, as due dates were computed with it.
CREATE TABLE calendars (
    id         TEXT        NOT NULL PRIMARY KEY, -- mx-federal, or an institution's id
    version    INTEGER     NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE calendar_days (
    calendar_id TEXT    NOT NULL REFERENCES calendars (id),
    date        TEXT    NOT NULL, -- 2006-01-02
    reason      TEXT    NOT NULL,
    legal       TEXT    NOT NULL, -- where it says so
    since       INTEGER NOT NULL, -- the first version that has it
    until       INTEGER NOT NULL, -- the first that does not have it any more, 0 for none
    PRIMARY KEY (calendar_id, date, since)
);

-- The days that the federal law of labour names; those that are agreed for each year
-- are entered by people.
INSERT INTO calendars (id, version, updated_at) VALUES ('mx-federal', 1, '2026-11-23T00:00:00.000Z');
INSERT INTO calendar_days (calendar_id, date, reason, legal, since, until) VALUES
    ('mx-federal', '2025-01-01', 'Año Nuevo', 'Ley Federal del Trabajo, artículo 74, fracción I', 1, 0),
    ('mx-federal', '2025-02-03', 'Aniversario de la Constitución', 'Ley Federal del Trabajo, artículo 74, fracción II', 1, 0),
    ('mx-federal', '2025-03-17', 'Natalicio de Benito Juárez', 'Ley Federal del Trabajo, artículo 74, fracción III', 1, 0),
    ('mx-federal', '2025-05-01', 'Día del Trabajo', 'Ley Federal del Trabajo, artículo 74, fracción IV', 1, 0),
    ('mx-federal', '2025-09-16', 'Día de la Independencia', 'Ley Federal del Trabajo, artículo 74, fracción V', 1, 0),
    ('mx-federal', '2025-11-17', 'Aniversario de la Revolución', 'Ley Federal del Trabajo, artículo 74, fracción VI', 1, 0),
    ('mx-federal', '2025-12-25', 'Navidad', 'Ley Federal del Trabajo, artículo 74, fracción VIII', 1, 0),
    ('mx-federal', '2026-01-01', 'Año Nuevo', 'Ley Federal del Trabajo, artículo 74, fracción I', 1, 0),
    ('mx-federal', '2026-02-02', 'Aniversario de la Constitución', 'Ley Federal del Trabajo, artículo 74, fracción II', 1, 0),
    ('mx-federal', '2026-03-16', 'Natalicio de Benito Juárez', 'Ley Federal del Trabajo, artículo 74, fracción III', 1, 0),
    ('mx-federal', '2026-05-01', 'Día del Trabajo', 'Ley Federal del Trabajo, artículo 74, fracción IV', 1, 0),
    ('mx-federal', '2026-09-16', 'Día de la Independencia', 'Ley Federal del Trabajo, artículo 74, fracción V', 1, 0),
    ('mx-federal', '2026-11-16', 'Aniversario de la Revolución', 'Ley Federal del Trabajo, artículo 74, fracción VI', 1, 0),
    ('mx-federal', '2026-12-25', 'Navidad', 'Ley Federal del Trabajo, artículo 74, fracción VIII', 1, 0),
    ('mx-federal', '2027-01-01', 'Año Nuevo', 'Ley Federal del Trabajo, artículo 74, fracción I', 1, 0),
    ('mx-federal', '2027-02-01', 'Aniversario de la Constitución', 'Ley Federal del Trabajo, artículo 74, fracción II', 1, 0),
    ('mx-federal', '2027-03-15', 'Natalicio de Benito Juárez', 'Ley Federal del Trabajo, artículo 74, fracción III', 1, 0),
    ('mx-federal', '2027-05-01', 'Día del Trabajo', 'Ley Federal del Trabajo, artículo 74, fracción IV', 1, 0),
    ('mx-federal', '2027-09-16', 'Día de la Independencia', 'Ley Federal del Trabajo, artículo 74, fracción V', 1, 0),
    ('mx-federal', '2027-11-15', 'Aniversario de la Revolución', 'Ley Federal del Trabajo, artículo 74, fracción VI', 1, 0),
    ('mx-federal', '2027-12-25', 'Navidad', 'Ley Federal del Trabajo, artículo 74, fracción VIII', 1, 0),
    ('mx-federal', '2028-01-01', 'Año Nuevo', 'Ley Federal del Trabajo, artículo 74, fracción I', 1, 0),
    ('mx-federal', '2028-02-07', 'Aniversario de la Constitución', 'Ley Federal del Trabajo, artículo 74, fracción II', 1, 0),
    ('mx-federal', '2028-03-20', 'Natalicio de Benito Juárez', 'Ley Federal del Trabajo, artículo 74, fracción III', 1, 0),
    ('mx-federal', '2028-05-01', 'Día del Trabajo', 'Ley Federal del Trabajo, artículo 74, fracción IV', 1, 0),
    ('mx-federal', '2028-09-16', 'Día de la Independencia', 'Ley Federal del Trabajo, artículo 74, fracción V', 1, 0),
    ('mx-federal', '2028-11-20', 'Aniversario de la Revolución', 'Ley Federal del Trabajo, artículo 74, fracción VI', 1, 0),
    ('mx-federal', '2028-12-25', 'Navidad', 'Ley Federal del Trabajo, artículo 74, fracción VIII', 1, 0);

-- +goose Down
DROP TABLE calendar_days;
DROP TABLE calendars;
DROP TABLE institution_hours;
DROP TABLE institution_past_names;
DROP TABLE institution_successions;
ALTER TABLE institutions DROP COLUMN calendar;
ALTER TABLE institutions DROP COLUMN valid_to;
ALTER TABLE institutions DROP COLUMN state;
