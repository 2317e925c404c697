-- +goose Up

-- One draft of each author at a time: pressing twice, or two tabs, make no second one.
CREATE UNIQUE INDEX case_drafts_one ON case_drafts (case_id, author_id) WHERE author_id <> '' AND state <> 'used';
-- what waits for the liaison, or for a signature
CREATE INDEX case_drafts_waiting ON case_drafts (state, case_id) WHERE state IN ('sent', 'signing');

-- One body at a time is asked to take a case over.
CREATE UNIQUE INDEX case_handovers_open ON case_handovers (case_id) WHERE state = 'asked';

-- How a case stood when it was merged into another, so that parting them gives back
-- exactly that.
CREATE TABLE case_merges (
    case_id TEXT        NOT NULL PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    before  TEXT        NOT NULL, -- JSON: state, dates and clocks
    at      TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE case_merges;
DROP INDEX case_handovers_open;
DROP INDEX case_drafts_waiting;
DROP INDEX case_drafts_one;
