-- +goose Up
-- How the catalogue writes the publisher that a rule is about, "" for old rules.
ALTER TABLE publisher_rules ADD COLUMN spelling TEXT NOT NULL DEFAULT '';
-- The name of the file that a source was imported from, "" for a catalogue at an address.
ALTER TABLE sources ADD COLUMN file TEXT NOT NULL DEFAULT '';
UPDATE sources SET file = title WHERE url LIKE 'http://%.invalid/%';

-- +goose Down
ALTER TABLE sources DROP COLUMN file;
ALTER TABLE publisher_rules DROP COLUMN spelling;
