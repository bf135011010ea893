-- +goose Up
-- When sources were read, so that a time in which none could be is not taken for silence.
CREATE TABLE watches (
    began_at        TEXT NOT NULL PRIMARY KEY CHECK (began_at IS strftime('%Y-%m-%dT%H:%M:%SZ', began_at)),
    last_success_at TEXT NOT NULL CHECK (last_success_at IS strftime('%Y-%m-%dT%H:%M:%SZ', last_success_at)),
    broken_at       TEXT CHECK (broken_at IS strftime('%Y-%m-%dT%H:%M:%SZ', broken_at))
) STRICT, WITHOUT ROWID;
