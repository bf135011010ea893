-- +goose Up
-- Crises of brands: stretches of unusual negative talk, each with its phases.
CREATE TABLE episodes (
    id          INTEGER PRIMARY KEY,
    brand       TEXT NOT NULL,
    began_at    TEXT NOT NULL CHECK (began_at IS strftime('%Y-%m-%dT%H:00:00Z', began_at)),
    outbreak_at TEXT CHECK (outbreak_at IS strftime('%Y-%m-%dT%H:00:00Z', outbreak_at)),
    phase       TEXT NOT NULL CHECK (phase IN ('latent', 'outbreak', 'spread', 'long_tail', 'over')),
    phase_since TEXT NOT NULL CHECK (phase_since IS strftime('%Y-%m-%dT%H:00:00Z', phase_since)),
    peak_at     TEXT NOT NULL CHECK (peak_at IS strftime('%Y-%m-%dT%H:00:00Z', peak_at)),
    peak        INTEGER NOT NULL,
    calm_at     TEXT CHECK (calm_at IS strftime('%Y-%m-%dT%H:00:00Z', calm_at)),
    over_at     TEXT CHECK (over_at IS strftime('%Y-%m-%dT%H:00:00Z', over_at)),
    expected    REAL NOT NULL,
    upper       REAL NOT NULL,
    mentions    INTEGER NOT NULL,
    negative    INTEGER NOT NULL,
    defenders   INTEGER NOT NULL,
    attackers   INTEGER NOT NULL,
    resilience  REAL GENERATED ALWAYS AS (1.0 * defenders / nullif(defenders + attackers, 0)) VIRTUAL,
    hours_to_baseline INTEGER GENERATED ALWAYS AS (CAST(strftime('%s', calm_at) - strftime('%s', began_at) AS INTEGER) / 3600) VIRTUAL,
    drivers     TEXT NOT NULL CHECK (json_valid(drivers)),
    CHECK ((phase = 'over') = (over_at IS NOT NULL))
) STRICT;

CREATE INDEX episodes_brand ON episodes (brand, began_at);

-- A brand has one crisis at a time.
CREATE UNIQUE INDEX episodes_open ON episodes (brand) WHERE over_at IS NULL;

CREATE TABLE episode_hours (
    episode_id INTEGER NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    hour       TEXT NOT NULL CHECK (hour IS strftime('%Y-%m-%dT%H:00:00Z', hour)),
    phase      TEXT NOT NULL CHECK (phase IN ('latent', 'outbreak', 'spread', 'long_tail', 'over')),
    mentions   INTEGER NOT NULL,
    negative   INTEGER NOT NULL,
    defenders  INTEGER NOT NULL,
    attackers  INTEGER NOT NULL,
    PRIMARY KEY (episode_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE episode_sources (
    episode_id INTEGER NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL CHECK (place > 0),
    source     TEXT NOT NULL,
    media      INTEGER NOT NULL CHECK (media IN (0, 1)),
    at         TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at)),
    mention_id INTEGER REFERENCES mentions (id) ON DELETE SET NULL,
    negative   INTEGER NOT NULL,
    PRIMARY KEY (episode_id, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX episode_sources_mention ON episode_sources (mention_id);

-- Up to which hour the talk of a brand was searched for episodes.
CREATE TABLE episodes_searched (
    brand TEXT NOT NULL PRIMARY KEY,
    until TEXT NOT NULL CHECK (until IS strftime('%Y-%m-%dT%H:00:00Z', until))
) STRICT, WITHOUT ROWID;

CREATE VIEW episode_history AS
SELECT e.id, e.brand, began_at, outbreak_at, phase, phase_since, peak_at, peak, over_at, hours_to_baseline, resilience,
       mentions, e.negative, drivers ->> '$[0].name' AS driver,
       s.source AS started_by, s.at AS started_at, i.url AS started_url,
       (SELECT count(*) FROM episode_sources WHERE episode_id = e.id) AS sources,
       (SELECT json_group_array(a.id) FROM alerts a
        WHERE a.brand = e.brand AND a.window_to > e.began_at AND (e.over_at IS NULL OR a.window_from < e.over_at)) AS alerts
FROM episodes e
LEFT JOIN episode_sources s ON s.episode_id = e.id AND s.place = 1
LEFT JOIN mentions m ON m.id = s.mention_id
LEFT JOIN items i ON i.id = m.item_id;

-- Each digest that was due, once: told, or passed over because it was too late.
CREATE TABLE digests (
    kind      TEXT NOT NULL CHECK (kind IN ('daily', 'weekly')),
    day       TEXT NOT NULL CHECK (day IS date(day)),
    due_at    TEXT NOT NULL CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%SZ', due_at)),
    outbox_id INTEGER,
    PRIMARY KEY (kind, day)
) STRICT, WITHOUT ROWID;
