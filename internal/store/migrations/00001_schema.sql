-- +goose Up
-- "repu": by it a file is known as a reputed database.
PRAGMA application_id = 1919250549;

CREATE TABLE sources (
    name            TEXT NOT NULL PRIMARY KEY CONSTRAINT "a source has a name" CHECK (name <> ''),
    kind            TEXT NOT NULL DEFAULT '',
    url             TEXT NOT NULL DEFAULT '',
    items           INTEGER NOT NULL DEFAULT 0,
    last_success_at TEXT CHECK (last_success_at IS strftime('%Y-%m-%dT%H:%M:%SZ', last_success_at)),
    last_error_at   TEXT CHECK (last_error_at IS strftime('%Y-%m-%dT%H:%M:%SZ', last_error_at)),
    error           TEXT NOT NULL DEFAULT '',
    retired         INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)),
    setup           TEXT NOT NULL DEFAULT '',
    cursor          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(cursor))
) STRICT;

CREATE TABLE items (
    id           INTEGER PRIMARY KEY,
    source       TEXT NOT NULL REFERENCES sources (name),
    guid         TEXT NOT NULL CONSTRAINT "an item has an identifier" CHECK (guid <> ''),
    url          TEXT NOT NULL,
    title        TEXT NOT NULL,
    text         TEXT NOT NULL,
    author       TEXT NOT NULL,
    lang         TEXT NOT NULL,
    published_at TEXT NOT NULL CONSTRAINT "published_at is a time of the years 0000 to 9999"
                 CHECK (published_at IS strftime('%Y-%m-%dT%H:%M:%SZ', published_at)),
    fetched_at   TEXT NOT NULL CONSTRAINT "fetched_at is a time of the years 0000 to 9999"
                 CHECK (fetched_at IS strftime('%Y-%m-%dT%H:%M:%SZ', fetched_at)),
    duplicate_of INTEGER REFERENCES items (id) CHECK (duplicate_of < id),
    fingerprint  BLOB,
    -- What was matched and scored; the offsets in mentions point into it.
    content      TEXT NOT NULL GENERATED ALWAYS AS (
                     CASE WHEN instr(text, title) = 1 THEN text
                          WHEN text = '' THEN title
                          ELSE title || char(10) || text END) VIRTUAL,
    UNIQUE (source, guid)
) STRICT;

CREATE INDEX items_url ON items (url);
CREATE INDEX items_fingerprint ON items (fingerprint);
CREATE INDEX items_copies ON items (duplicate_of);

CREATE TABLE mentions (
    id         INTEGER PRIMARY KEY,
    item_id    INTEGER NOT NULL REFERENCES items (id),
    brand      TEXT NOT NULL CONSTRAINT "a mention has a brand" CHECK (brand <> ''),
    term       TEXT NOT NULL,
    term_start INTEGER NOT NULL CHECK (term_start >= 0),
    term_end   INTEGER NOT NULL CHECK (term_end >= term_start),
    score      REAL NOT NULL CONSTRAINT "a score is from -1 to 1" CHECK (score BETWEEN -1 AND 1),
    label      TEXT NOT NULL CONSTRAINT "a label is positive, neutral or negative"
               CHECK (label IN ('positive', 'neutral', 'negative')),
    driver     TEXT NOT NULL,
    stage      TEXT NOT NULL,
    signals    TEXT NOT NULL CHECK (json_valid(signals)),
    evidence   TEXT NOT NULL CHECK (json_valid(evidence)),
    loyalty_evidence TEXT NOT NULL CHECK (json_valid(loyalty_evidence)),
    at         TEXT NOT NULL,
    copy       INTEGER NOT NULL CHECK (copy IN (0, 1)),
    UNIQUE (item_id, brand)
) STRICT;

-- Covers the alerter's hourly counts, so that they never read the table.
CREATE INDEX mentions_brand_at ON mentions (brand, at, label, copy);

-- What people said of mentions; mentions.label is theirs then. The text is not
-- repeated here, so that deleting an item deletes it; by the fingerprint it is
-- recognised when it comes again.
CREATE TABLE corrections (
    id          INTEGER PRIMARY KEY,
    mention_id  INTEGER UNIQUE REFERENCES mentions (id) ON DELETE SET NULL,
    brand       TEXT NOT NULL,
    rated       TEXT NOT NULL CHECK (rated IN ('positive', 'neutral', 'negative')),
    label       TEXT NOT NULL CONSTRAINT "a correction is positive, neutral or negative"
                CHECK (label IN ('positive', 'neutral', 'negative')),
    at          TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at)),
    by          TEXT NOT NULL,
    fingerprint BLOB
) STRICT;

CREATE VIRTUAL TABLE search USING fts4 (words, tokenize=unicode61);

CREATE TABLE alerts (
    id          INTEGER PRIMARY KEY,
    brand       TEXT NOT NULL,
    rule        TEXT NOT NULL,
    severity    TEXT NOT NULL CHECK (severity IN ('warning', 'critical')),
    state       TEXT NOT NULL CHECK (state IN ('firing', 'resolved')),
    opened_at   TEXT NOT NULL CHECK (opened_at IS strftime('%Y-%m-%dT%H:%M:%SZ', opened_at)),
    resolved_at TEXT CHECK (resolved_at IS strftime('%Y-%m-%dT%H:%M:%SZ', resolved_at)),
    calm_since  TEXT CHECK (calm_since IS strftime('%Y-%m-%dT%H:%M:%SZ', calm_since)),
    window_from TEXT NOT NULL CHECK (window_from IS strftime('%Y-%m-%dT%H:%M:%SZ', window_from)),
    window_to   TEXT NOT NULL CHECK (window_to IS strftime('%Y-%m-%dT%H:%M:%SZ', window_to)),
    observed    INTEGER NOT NULL,
    stories     INTEGER NOT NULL,
    mentions    INTEGER NOT NULL,
    share       REAL NOT NULL GENERATED ALWAYS AS (iif(mentions = 0, 0.0, 1.0 * observed / mentions)) VIRTUAL,
    expected    REAL NOT NULL,
    deviation   REAL NOT NULL,
    surprise    REAL NOT NULL,
    usual_share REAL NOT NULL,
    peak        INTEGER NOT NULL,
    told        INTEGER NOT NULL,
    channel     TEXT NOT NULL,
    thread_ts   TEXT NOT NULL
) STRICT;

-- One spike, one alert: a second one cannot be opened while the first is firing.
CREATE UNIQUE INDEX alerts_firing ON alerts (brand, rule) WHERE state = 'firing';

CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY,
    alert_id     INTEGER NOT NULL REFERENCES alerts (id),
    event        TEXT NOT NULL CHECK (event IN ('opened', 'escalated', 'reopened', 'resolved')),
    at           TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at)),
    message      TEXT NOT NULL CHECK (json_valid(message)),
    due_at       TEXT NOT NULL CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%SZ', due_at)),
    delivered_at TEXT CHECK (delivered_at IS strftime('%Y-%m-%dT%H:%M:%SZ', delivered_at)),
    failures     INTEGER NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX outbox_alert ON outbox (alert_id);
CREATE INDEX outbox_waiting ON outbox (id) WHERE delivered_at IS NULL;

-- The rollups. Scores are summed in millionths, as integers: a sum of floating
-- point numbers depends on their order and would not equal its recount.
CREATE TABLE rollup_hourly (
    brand     TEXT NOT NULL,
    hour      TEXT NOT NULL,
    source    TEXT NOT NULL,
    mentions  INTEGER NOT NULL,
    positive  INTEGER NOT NULL,
    neutral   INTEGER NOT NULL,
    negative  INTEGER NOT NULL,
    score_sum INTEGER NOT NULL,
    PRIMARY KEY (brand, hour, source)
) STRICT, WITHOUT ROWID;

CREATE INDEX rollup_hourly_hour ON rollup_hourly (hour);

CREATE TABLE rollup_daily (
    day       TEXT NOT NULL,
    brand     TEXT NOT NULL,
    source    TEXT NOT NULL,
    mentions  INTEGER NOT NULL,
    positive  INTEGER NOT NULL,
    neutral   INTEGER NOT NULL,
    negative  INTEGER NOT NULL,
    score_sum INTEGER NOT NULL,
    PRIMARY KEY (day, brand, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_drivers (
    day      TEXT NOT NULL,
    brand    TEXT NOT NULL,
    driver   TEXT NOT NULL,
    mentions INTEGER NOT NULL,
    negative INTEGER NOT NULL,
    PRIMARY KEY (day, brand, driver)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_negative_terms (
    day      TEXT NOT NULL,
    brand    TEXT NOT NULL,
    term     TEXT NOT NULL,
    mentions INTEGER NOT NULL,
    PRIMARY KEY (day, brand, term)
) STRICT, WITHOUT ROWID;

CREATE VIEW sentiment_hourly AS
SELECT brand, source, hour, mentions, positive, neutral, negative,
       1.0 * (positive - negative) / mentions AS net_sentiment,
       score_sum / 1e6 / mentions AS mean_score
FROM rollup_hourly;

CREATE VIEW sentiment_daily AS
SELECT brand, source, day, mentions, positive, neutral, negative,
       1.0 * (positive - negative) / mentions AS net_sentiment,
       score_sum / 1e6 / mentions AS mean_score
FROM rollup_daily;

CREATE VIEW share_of_voice_daily AS
SELECT day, brand, sum(mentions) AS mentions,
       1.0 * sum(mentions) / sum(sum(mentions)) OVER (PARTITION BY day) AS share
FROM rollup_daily GROUP BY day, brand;

CREATE VIEW drivers_daily AS
SELECT day, brand, driver, mentions, negative FROM rollup_drivers;

CREATE VIEW negative_terms_daily AS
SELECT day, brand, term, mentions FROM rollup_negative_terms;

CREATE VIEW alert_history AS
SELECT id, brand, rule, severity, state, opened_at, resolved_at,
       (unixepoch(resolved_at) - unixepoch(opened_at)) / 60 AS minutes_open,
       observed, peak, expected, surprise,
       (SELECT count(*) FROM outbox WHERE alert_id = alerts.id AND delivered_at IS NOT NULL) AS messages_sent,
       coalesce((SELECT error FROM outbox WHERE alert_id = alerts.id AND error <> '' ORDER BY id DESC LIMIT 1), '')
           AS last_delivery_error
FROM alerts;
