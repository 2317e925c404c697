-- +goose Up
-- Logos are read where no institution's own pages are.
UPDATE institutions SET logo = REPLACE(logo, '/instituciones/logos/', '/logos/') WHERE logo <> '';

-- +goose Down
UPDATE institutions SET logo = REPLACE(logo, '/logos/', '/instituciones/logos/') WHERE logo <> '';
