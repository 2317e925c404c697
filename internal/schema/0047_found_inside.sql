-- +goose Up

-- What of a resource's file helps to find it: catalog.Inside as JSON, without what nobody
-- may see. The index is made of it, for the resource and for its dataset.
CREATE TABLE resource_insides (
    resource_id TEXT NOT NULL PRIMARY KEY,
    dataset_id  TEXT NOT NULL,
    inside      TEXT NOT NULL
);
-- those of the datasets that are indexed
CREATE INDEX resource_insides_dataset ON resource_insides (dataset_id, resource_id);

-- The rows of files that are data dictionaries: what the columns of their datasets' other
-- files mean.
CREATE TABLE explore_dictionaries (
    -- the dictionary
    resource_id TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    dataset_id  TEXT    NOT NULL,
    -- name of the file that it speaks of, '' for any
    file        TEXT    NOT NULL DEFAULT '',
    -- of the column, folded
    name        TEXT    NOT NULL,
    words       TEXT    NOT NULL,
    PRIMARY KEY (resource_id, position)
);
-- all that is said of a dataset's columns
CREATE INDEX explore_dictionaries_dataset ON explore_dictionaries (dataset_id, resource_id, position);

-- +goose Down
DROP TABLE explore_dictionaries;
DROP TABLE resource_insides;
