-- +goose Up

-- Of which drafts that wait for them somebody was told: who is a keyed hash of an address.
CREATE TABLE case_draft_told (
    draft_id TEXT    NOT NULL REFERENCES case_drafts (id) ON DELETE CASCADE,
    who      TEXT    NOT NULL,
    version  INTEGER NOT NULL, -- of the draft then: one that was sent anew is told of anew
    day      TEXT    NOT NULL, -- 2006-01-02, of the mail that told of it
    PRIMARY KEY (draft_id, who)
);
-- whether somebody was told today
CREATE INDEX case_draft_told_day ON case_draft_told (who, day);

-- +goose Down
DROP TABLE case_draft_told;
