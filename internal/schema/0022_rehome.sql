-- +goose Up
-- what was said of an object in whatever state, when that goes to another institution
CREATE INDEX comments_on ON comments (on_kind, on_id);

-- +goose Down
DROP INDEX comments_on;
