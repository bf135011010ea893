-- +goose Up
-- How many people read a source, and the gravest risk word of each hour in it: together
-- they tell whether a single word is worth a warning.
ALTER TABLE sources ADD COLUMN reach INTEGER NOT NULL DEFAULT 0 CHECK (reach >= 0);
ALTER TABLE rollup_hourly ADD COLUMN risk REAL NOT NULL DEFAULT 0;
UPDATE rollup_hourly SET risk = gravest.risk
FROM (SELECT m.brand, substr(m.at, 1, 13) || ':00:00Z' AS hour, i.source, max(e.value ->> 'weight') AS risk
      FROM mentions m JOIN items i ON i.id = m.item_id, json_each(m.loyalty_evidence) e
      WHERE EXISTS (SELECT 1 FROM json_each(m.signals) WHERE value = 'risk') AND e.value ->> 'rule' LIKE 'severity of risk %'
      GROUP BY 1, 2, 3) AS gravest
WHERE rollup_hourly.brand = gravest.brand AND rollup_hourly.hour = gravest.hour AND rollup_hourly.source = gravest.source;
CREATE INDEX rollup_hourly_risk ON rollup_hourly (brand, hour) WHERE risk > 0;
