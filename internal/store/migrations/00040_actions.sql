-- +goose Up
-- What people did about alerts and mentions, and who. It stays when the alert or the
-- mention is deleted.
CREATE TABLE actions (
    id         INTEGER PRIMARY KEY,
    at         TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at)),
    by         TEXT NOT NULL CONSTRAINT "an action has a person" CHECK (by <> ''),
    via        TEXT NOT NULL,
    what       TEXT NOT NULL CHECK (what IN ('acknowledge', 'mute', 'unmute', 'correct', 'more', 'command')),
    alert_id   INTEGER REFERENCES alerts (id) ON DELETE SET NULL,
    mention_id INTEGER REFERENCES mentions (id) ON DELETE SET NULL,
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX actions_alert ON actions (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX actions_mention ON actions (mention_id) WHERE mention_id IS NOT NULL;

-- Slack's identifier of the picture in the first message, which stays when the message
-- is changed.
ALTER TABLE threads ADD COLUMN picture TEXT NOT NULL DEFAULT '';
