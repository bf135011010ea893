-- +goose Up
-- How the sources fare. What a poll brought is written a few seconds after it,
-- together with that of other polls; cursor and items are not.
ALTER TABLE sources ADD COLUMN first_poll_at TEXT CHECK (first_poll_at IS strftime('%Y-%m-%dT%H:%M:%SZ', first_poll_at));
ALTER TABLE sources ADD COLUMN next_poll_at TEXT CHECK (next_poll_at IS strftime('%Y-%m-%dT%H:%M:%SZ', next_poll_at));
ALTER TABLE sources ADD COLUMN last_item_at TEXT CHECK (last_item_at IS strftime('%Y-%m-%dT%H:%M:%SZ', last_item_at));
ALTER TABLE sources ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);
ALTER TABLE sources ADD COLUMN failing_since TEXT CHECK (failing_since IS strftime('%Y-%m-%dT%H:%M:%SZ', failing_since));
ALTER TABLE sources ADD COLUMN fault TEXT NOT NULL DEFAULT '' CHECK (fault IN ('', 'gone', 'blocked', 'format', 'selector'));
ALTER TABLE sources ADD COLUMN quiet_until TEXT CHECK (quiet_until IS strftime('%Y-%m-%dT%H:%M:%SZ', quiet_until));
ALTER TABLE sources ADD COLUMN learn INTEGER NOT NULL DEFAULT 0 CHECK (learn IN (0, 1));

-- Small beside the table: what is asked once a minute, of ten thousand sources.
CREATE INDEX sources_learn ON sources (name) WHERE learn = 1;
CREATE INDEX sources_failures ON sources (name) WHERE failures > 0;
CREATE INDEX sources_quiet ON sources (quiet_until) WHERE quiet_until IS NOT NULL;

CREATE TABLE arrivals (
    source TEXT NOT NULL REFERENCES sources (name),
    hour   TEXT NOT NULL CHECK (hour IS strftime('%Y-%m-%dT%H:00:00Z', hour)),
    items  INTEGER NOT NULL CHECK (items >= 0),
    PRIMARY KEY (source, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE troubles (
    id       INTEGER PRIMARY KEY,
    source   TEXT NOT NULL REFERENCES sources (name),
    kind     TEXT NOT NULL CHECK (kind IN ('gone', 'blocked', 'format', 'selector', 'unreadable', 'silent')),
    began_at TEXT NOT NULL CHECK (began_at IS strftime('%Y-%m-%dT%H:%M:%SZ', began_at)),
    over_at  TEXT CHECK (over_at IS strftime('%Y-%m-%dT%H:%M:%SZ', over_at)),
    cause    TEXT NOT NULL
) STRICT;

-- A source has one trouble at a time: people are told of it once.
CREATE UNIQUE INDEX troubles_open ON troubles (source) WHERE over_at IS NULL;

CREATE VIEW source_health AS
SELECT name, kind, url,
       CASE WHEN retired THEN 'retired'
            WHEN trouble IS NOT NULL THEN trouble
            WHEN failures > 0 THEN 'retrying'
            WHEN first_poll_at IS NULL THEN 'new'
            ELSE 'ok' END AS state,
       last_success_at, last_item_at, next_poll_at,
       coalesce((SELECT sum(items) FROM arrivals
                 WHERE arrivals.source = name AND hour > strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')), 0)
           / max(1.0, min(7.0, coalesce(julianday('now') - julianday(first_poll_at), 1.0))) AS items_a_day,
       failures, failing_since, error, fault, quiet_until, trouble, trouble_since
FROM sources LEFT JOIN (
    SELECT source, kind AS trouble, began_at AS trouble_since FROM troubles WHERE over_at IS NULL) ON source = name;

-- A notice about sources belongs to no alert, so alert_id may be NULL. SQLite
-- changes a column only by making its table anew.
DROP VIEW alert_history;
CREATE TABLE outbox_new (
    id           INTEGER PRIMARY KEY,
    alert_id     INTEGER REFERENCES alerts (id),
    event        TEXT NOT NULL CHECK (event IN ('opened', 'escalated', 'reopened', 'resolved')),
    at           TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at)),
    message      TEXT NOT NULL CHECK (json_valid(message)),
    due_at       TEXT NOT NULL CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%SZ', due_at)),
    delivered_at TEXT CHECK (delivered_at IS strftime('%Y-%m-%dT%H:%M:%SZ', delivered_at)),
    failures     INTEGER NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO outbox_new SELECT id, alert_id, event, at, message, due_at, delivered_at, failures, error FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_alert ON outbox (alert_id);
CREATE INDEX outbox_waiting ON outbox (id) WHERE delivered_at IS NULL;

CREATE VIEW alert_history AS
SELECT id, brand, rule, severity, state, opened_at, resolved_at,
       (unixepoch(resolved_at) - unixepoch(opened_at)) / 60 AS minutes_open,
       observed, peak, expected, surprise,
       (SELECT count(*) FROM outbox WHERE alert_id = alerts.id AND delivered_at IS NOT NULL) AS messages_sent,
       coalesce((SELECT error FROM outbox WHERE alert_id = alerts.id AND error <> '' ORDER BY id DESC LIMIT 1), '')
           AS last_delivery_error
FROM alerts;
