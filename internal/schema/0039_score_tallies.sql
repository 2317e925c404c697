-- +goose Up

-- The figures of score_cases added up, so that a page of all institutions does not count
-- every case: twice, by institution (of all months) and by month (of all institutions).
CREATE TABLE score_tallies (
    institution TEXT    NOT NULL, -- '*' is all of them
    month       TEXT    NOT NULL, -- 2006-01; '' is all of them
    kind        TEXT    NOT NULL,
    side        TEXT    NOT NULL,
    received    INTEGER NOT NULL, -- cases
    content     TEXT    NOT NULL, -- the figures (score/tallies.go)
    PRIMARY KEY (institution, month, kind, side)
);
-- the figures of each institution
CREATE INDEX score_tallies_month ON score_tallies (month, institution);
-- what was passed on to another institution
CREATE INDEX score_cases_passed ON score_cases (opened_with, month, kind, side) WHERE standing = 'public' AND opened_with <> institution;
-- everything is read again from the record
DELETE FROM score_commitments;
DELETE FROM score_cases;
DELETE FROM record_positions WHERE name = 'scores';

-- +goose Down
DROP INDEX score_cases_passed;
DROP TABLE score_tallies;
