-- +goose Up

-- A theme has many cases, so that a list of it, narrowed by anything else, is read off one
-- index: what lists are narrowed and ordered by is kept beside each theme (package cases
-- writes both in one place).
ALTER TABLE case_themes ADD COLUMN standing TEXT NOT NULL DEFAULT '';
ALTER TABLE case_themes ADD COLUMN institution TEXT NOT NULL DEFAULT '';
ALTER TABLE case_themes ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE case_themes ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE case_themes ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE case_themes ADD COLUMN supports INTEGER NOT NULL DEFAULT 0;
ALTER TABLE case_themes ADD COLUMN asked_at TIMESTAMPTZ;
ALTER TABLE case_themes ADD COLUMN due_at TIMESTAMPTZ;
UPDATE case_themes
SET (standing, institution, kind, state, outcome, supports, asked_at, due_at) =
    (SELECT c.standing, c.institution, c.kind, c.state, c.outcome, c.supports, c.asked_at, c.due_at FROM cases c WHERE c.id = case_themes.case_id);
DROP INDEX case_themes_theme;
-- a theme's cases, newest first
CREATE INDEX case_themes_theme ON case_themes (theme, asked_at, case_id, institution, kind, state, outcome, due_at, supports) WHERE standing = 'public';
-- cases by the outcome of their answer, newest first
CREATE INDEX cases_outcome ON cases (outcome, asked_at, id, institution, kind, state, due_at, supports) WHERE outcome <> '' AND standing = 'public';
-- The other indexes of public lists hold how many support a case, too: a list of what is
-- supported reads it off them.
DROP INDEX cases_kind;
DROP INDEX cases_state;
DROP INDEX cases_asked;
CREATE INDEX cases_kind ON cases (kind, asked_at, id, institution, state, outcome, due_at, supports) WHERE standing = 'public';
CREATE INDEX cases_state ON cases (state, asked_at, id, institution, kind, outcome, due_at, supports) WHERE standing = 'public';
CREATE INDEX cases_asked ON cases (asked_at, id, institution, kind, state, outcome, due_at, supports) WHERE standing = 'public';

-- +goose Down
DROP INDEX cases_asked;
DROP INDEX cases_state;
DROP INDEX cases_kind;
CREATE INDEX cases_asked ON cases (asked_at, id, institution, kind, state, outcome, due_at) WHERE standing = 'public';
CREATE INDEX cases_state ON cases (state, asked_at, id, institution, kind, outcome, due_at) WHERE standing = 'public';
CREATE INDEX cases_kind ON cases (kind, asked_at, id, institution, state, outcome, due_at) WHERE standing = 'public';
DROP INDEX cases_outcome;
DROP INDEX case_themes_theme;
CREATE INDEX case_themes_theme ON case_themes (theme, case_id);
ALTER TABLE case_themes DROP COLUMN due_at;
ALTER TABLE case_themes DROP COLUMN asked_at;
ALTER TABLE case_themes DROP COLUMN supports;
ALTER TABLE case_themes DROP COLUMN outcome;
ALTER TABLE case_themes DROP COLUMN state;
ALTER TABLE case_themes DROP COLUMN kind;
ALTER TABLE case_themes DROP COLUMN institution;
ALTER TABLE case_themes DROP COLUMN standing;
