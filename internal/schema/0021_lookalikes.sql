-- +goose Up
-- Whose name a person's looks like, as package account last found: institution, official,
-- reserved; '' for nobody's.
ALTER TABLE people ADD COLUMN resembles TEXT NOT NULL DEFAULT '';
-- the coordination's list of them, by name, and their number
CREATE INDEX people_resembles ON people (name_key, id) WHERE resembles <> '';

-- +goose Down
DROP INDEX people_resembles;
ALTER TABLE people DROP COLUMN resembles;
