-- +goose Up
-- What a publisher made of an item after it was first seen, each text once.
CREATE TABLE revisions (
    id          INTEGER PRIMARY KEY,
    item_id     INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    title       TEXT NOT NULL,
    text        TEXT NOT NULL,
    fetched_at  TEXT NOT NULL CHECK (fetched_at IS strftime('%Y-%m-%dT%H:%M:%SZ', fetched_at)),
    ratings     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(ratings)),
    fingerprint BLOB NOT NULL,
    UNIQUE (item_id, fingerprint)
) STRICT;

-- By these hashes the stories are found that a text may be a copy of. There is no
-- reference to items: a number without an item leads to no text and so to no story.
CREATE TABLE sketches (
    hash    INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    PRIMARY KEY (hash, item_id)
) STRICT, WITHOUT ROWID;

-- What an answer to a survey gave in figures. An answer without words has no mention.
CREATE TABLE answers (
    item_id INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    brand   TEXT NOT NULL CONSTRAINT "an answer is of a brand" CHECK (brand <> ''),
    nps     INTEGER CONSTRAINT "an NPS rating is from 0 to 10" CHECK (nps BETWEEN 0 AND 10),
    csat    INTEGER CONSTRAINT "a CSAT rating is from 1 to 5" CHECK (csat BETWEEN 1 AND 5),
    at      TEXT NOT NULL
) STRICT;

CREATE INDEX answers_brand_at ON answers (brand, at, nps, csat);

CREATE VIEW survey_daily AS
SELECT brand, source, substr(at, 1, 10) AS day, count(*) AS answers,
       count(*) FILTER (WHERE nps >= 9) AS promoters,
       count(*) FILTER (WHERE nps BETWEEN 7 AND 8) AS passives,
       count(*) FILTER (WHERE nps <= 6) AS detractors,
       100.0 * (count(*) FILTER (WHERE nps >= 9) - count(*) FILTER (WHERE nps <= 6)) / nullif(count(nps), 0) AS nps,
       count(csat) AS csat_answers,
       100.0 * count(*) FILTER (WHERE csat >= 4) / nullif(count(csat), 0) AS csat
FROM answers JOIN items ON items.id = item_id
GROUP BY brand, source, day;
