-- +goose Up
-- A message goes to a target: a receiver by its name in the configuration, and
-- within it a channel. An empty channel is the receiver's own default. SQLite
-- changes a table's constraints only by making it anew.
DROP VIEW alert_history;
CREATE TABLE outbox_new (
    id           INTEGER PRIMARY KEY,
    alert_id     INTEGER REFERENCES alerts (id),
    event        TEXT NOT NULL CHECK (event IN ('opened', 'escalated', 'reopened', 'repeated', 'resolved')),
    at           TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at)),
    receiver     TEXT NOT NULL,
    channel      TEXT NOT NULL,
    message      TEXT NOT NULL CHECK (json_valid(message)),
    due_at       TEXT NOT NULL CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%SZ', due_at)),
    delivered_at TEXT CHECK (delivered_at IS strftime('%Y-%m-%dT%H:%M:%SZ', delivered_at)),
    failures     INTEGER NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO outbox_new SELECT id, alert_id, event, at, 'slack', '', message, due_at, delivered_at, failures, error FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_alert ON outbox (alert_id);
CREATE INDEX outbox_waiting ON outbox (id) WHERE delivered_at IS NULL;

CREATE INDEX outbox_targets ON outbox (receiver, channel, id) WHERE delivered_at IS NULL;

-- Where people are told of an alert, and where the first message about it stands.
CREATE TABLE threads (
    alert_id  INTEGER NOT NULL REFERENCES alerts (id),
    receiver  TEXT NOT NULL,
    channel   TEXT NOT NULL,
    guest     INTEGER NOT NULL DEFAULT 0 CHECK (guest IN (0, 1)),
    posted_in TEXT NOT NULL DEFAULT '',
    ts        TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (alert_id, receiver, channel)
) STRICT, WITHOUT ROWID;
INSERT INTO threads SELECT id, 'slack', '', 0, channel, thread_ts FROM alerts WHERE thread_ts <> '';
ALTER TABLE alerts DROP COLUMN channel;
ALTER TABLE alerts DROP COLUMN thread_ts;

-- What people are still to be told of an alert, and what they know. Until now they
-- were told of each event at once.
ALTER TABLE alerts ADD COLUMN driver TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN waiting_event TEXT NOT NULL DEFAULT ''
    CHECK (waiting_event IN ('', 'opened', 'escalated', 'reopened', 'resolved'));
ALTER TABLE alerts ADD COLUMN waiting_hour TEXT CHECK (waiting_hour IS strftime('%Y-%m-%dT%H:%M:%SZ', waiting_hour));
ALTER TABLE alerts ADD COLUMN waiting_since TEXT CHECK (waiting_since IS strftime('%Y-%m-%dT%H:%M:%SZ', waiting_since));
ALTER TABLE alerts ADD COLUMN told_at TEXT CHECK (told_at IS strftime('%Y-%m-%dT%H:%M:%SZ', told_at));
ALTER TABLE alerts ADD COLUMN muted_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN acknowledged_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN acknowledged_at TEXT CHECK (acknowledged_at IS strftime('%Y-%m-%dT%H:%M:%SZ', acknowledged_at));
UPDATE alerts SET told_at = coalesce((SELECT max(at) FROM outbox WHERE alert_id = alerts.id), opened_at);
CREATE INDEX alerts_open ON alerts (id) WHERE state = 'firing' OR waiting_event <> '';

CREATE TABLE silences (
    id         INTEGER PRIMARY KEY,
    matchers   TEXT NOT NULL CHECK (json_valid(matchers)),
    author     TEXT NOT NULL CONSTRAINT "a silence has an author" CHECK (author <> ''),
    reason     TEXT NOT NULL CONSTRAINT "a silence has a reason" CHECK (reason <> ''),
    starts_at  TEXT NOT NULL CHECK (starts_at IS strftime('%Y-%m-%dT%H:%M:%SZ', starts_at)),
    ends_at    TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%SZ', ends_at)),
    ended_by   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX silences_end ON silences (ends_at);

CREATE VIEW alert_history AS
SELECT id, brand, rule, severity, state, opened_at, resolved_at,
       (unixepoch(resolved_at) - unixepoch(opened_at)) / 60 AS minutes_open,
       observed, peak, expected, surprise,
       (SELECT count(*) FROM outbox WHERE alert_id = alerts.id AND delivered_at IS NOT NULL) AS messages_sent,
       coalesce((SELECT error FROM outbox WHERE alert_id = alerts.id AND error <> '' ORDER BY id DESC LIMIT 1), '')
           AS last_delivery_error
FROM alerts;
