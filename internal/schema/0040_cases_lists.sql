-- +goose Up

-- The indexes that lists of one institution and of what is owed walk hold everything that
-- such a list is narrowed and ordered by, so that the wide rows are read of those that are
-- shown alone.
DROP INDEX cases_institution;
DROP INDEX cases_due;
DROP INDEX cases_tally;
-- an institution's cases, newest first
CREATE INDEX cases_institution ON cases (institution, asked_at, id, kind, state, outcome, due_at, supports) WHERE standing = 'public';
-- what is owed, by when it is due: lists of what is late, reminders, escalation
CREATE INDEX cases_due ON cases (due_at, id, institution, kind, state, outcome, asked_at, supports) WHERE due_at IS NOT NULL AND standing = 'public';
-- counts of an inbox by kind, state, area and term, from the index alone
CREATE INDEX cases_tally ON cases (institution, state, kind, unit_id, due_at, id, asked_at, outcome, supports) WHERE standing = 'public';

-- +goose Down
DROP INDEX cases_tally;
DROP INDEX cases_due;
DROP INDEX cases_institution;
CREATE INDEX cases_tally ON cases (institution, state, kind, unit_id, due_at, id) WHERE standing = 'public';
CREATE INDEX cases_due ON cases (due_at, id, institution, kind, state, outcome, asked_at) WHERE due_at IS NOT NULL AND standing = 'public';
CREATE INDEX cases_institution ON cases (institution, asked_at, id, kind, state, outcome, due_at) WHERE standing = 'public';
