-- +goose Up
-- What is said of a brand hour by hour, so that the rules need not read its mentions.
ALTER TABLE rollup_hourly ADD COLUMN stories INTEGER NOT NULL DEFAULT 0;
UPDATE rollup_hourly SET stories = counted.stories
FROM (SELECT m.brand, substr(m.at, 1, 13) || ':00:00Z' AS hour, i.source, count(*) AS stories
      FROM mentions m JOIN items i ON i.id = m.item_id
      WHERE m.label = 'negative' AND m.copy = 0 GROUP BY 1, 2, 3) AS counted
WHERE rollup_hourly.brand = counted.brand AND rollup_hourly.hour = counted.hour AND rollup_hourly.source = counted.source;

CREATE TABLE rollup_talk (
    brand    TEXT NOT NULL,
    hour     TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('driver', 'signal')),
    name     TEXT NOT NULL,
    mentions INTEGER NOT NULL,
    PRIMARY KEY (brand, hour, kind, name)
) STRICT, WITHOUT ROWID;
INSERT INTO rollup_talk
SELECT brand, substr(at, 1, 13) || ':00:00Z', 'driver', driver, count(*)
FROM mentions WHERE label = 'negative' AND driver <> '' GROUP BY 1, 2, 4
UNION ALL
SELECT brand, substr(at, 1, 13) || ':00:00Z', 'signal', value, count(*)
FROM mentions, json_each(signals) GROUP BY 1, 2, 4;
