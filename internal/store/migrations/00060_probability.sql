-- +goose Up
-- NULL for alerts from before it was stored.
ALTER TABLE alerts ADD COLUMN probability REAL CHECK (probability BETWEEN 0 AND 1);
