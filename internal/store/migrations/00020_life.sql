-- +goose Up
-- A message goes to a target: a receiver by its name in the configuration, and
-- within it a channel. An empty channel is the receiver's own default. SQLite
-- changes a table's constraints only by making it anew.
DROP VIEW alert_history;
CREATE TABLE outbox_new (
    id           INTEGER PRIMARY KEY,
    alert_id     INTEGER REFERENCES alerts (id),
    event        TEXT NOT NULL CHECK (event IN ('opened', 'escalated', 'reopened', 'repeated', 'resolved', 'digest')),
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

-- Where the first message about an alert stands, for each target.
CREATE TABLE threads (
    alert_id  INTEGER NOT NULL REFERENCES alerts (id),
    receiver  TEXT NOT NULL,
    channel   TEXT NOT NULL,
    posted_in TEXT NOT NULL,
    ts        TEXT NOT NULL CHECK (ts <> ''),
    PRIMARY KEY (alert_id, receiver, channel)
) STRICT, WITHOUT ROWID;
INSERT INTO threads SELECT id, 'slack', '', channel, thread_ts FROM alerts WHERE thread_ts <> '';
ALTER TABLE alerts DROP COLUMN channel;
ALTER TABLE alerts DROP COLUMN thread_ts;

CREATE VIEW alert_history AS
SELECT id, brand, rule, severity, state, opened_at, resolved_at,
       (unixepoch(resolved_at) - unixepoch(opened_at)) / 60 AS minutes_open,
       observed, peak, expected, surprise,
       (SELECT count(*) FROM outbox WHERE alert_id = alerts.id AND delivered_at IS NOT NULL) AS messages_sent,
       coalesce((SELECT error FROM outbox WHERE alert_id = alerts.id AND error <> '' ORDER BY id DESC LIMIT 1), '')
           AS last_delivery_error
FROM alerts;
