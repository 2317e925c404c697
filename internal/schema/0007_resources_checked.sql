-- +goose Up
-- Without the id: what was never looked at then lies in the order of writing, and
-- reading a catalogue touches a page of this index where it touched hundreds.
DROP INDEX resources_check;
CREATE INDEX resources_checked ON resources (checked_at);
