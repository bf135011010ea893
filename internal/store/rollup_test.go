package store

import (
	"reflect"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// The mentions of a database from before the rollups of the talk are counted too.
func TestTalkOfAnOlderDatabase(t *testing.T) {
	path, db := older(t, "00070")
	const said = `
		INSERT INTO sources (name, items) VALUES ('news', 3);
		INSERT INTO items (id, source, guid, url, title, text, author, lang, published_at, fetched_at, duplicate_of)
		SELECT value, 'news', value, '', '', 'Acme ' || value, '', 'en', '2026-11-22T04:10:00Z', '2026-11-22T04:11:00Z', iif(value = 3, 2, NULL)
		FROM json_each('[1, 2, 3]');
		INSERT INTO search (docid, words) SELECT id, content FROM items;
		INSERT INTO mentions (item_id, brand, term, term_start, term_end, score, label, driver, stage, signals, evidence, loyalty_evidence, at, copy)
		SELECT id, 'Acme', 'Acme', 0, 4, iif(id = 1, 0.5, -0.5), iif(id = 1, 'positive', 'negative'), 'service', '',
			iif(id = 1, '["advocacy"]', '["churn","risk"]'), '[]',
			'[{"term":"fire","weight":2,"start":0,"end":4,"rule":"severity of risk +2"}]', published_at, duplicate_of IS NOT NULL FROM items;
		INSERT INTO rollup_hourly VALUES ('Acme', '2026-11-22T04:00:00Z', 'news', 3, 1, 0, 2, -500000);
		INSERT INTO rollup_daily VALUES ('2026-11-22', 'Acme', 'news', 3, 1, 0, 2, -500000);
		INSERT INTO rollup_drivers VALUES ('2026-11-22', 'Acme', 'service', 3, 2)`
	if _, err := db.Exec(said); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	at := time.Date(2026, 11, 22, 4, 10, 0, 0, time.UTC)
	got, err := s.Talk(t.Context(), "Acme", nil, at.Add(time.Hour), 1)
	want := reputation.Talk{
		Since: at, To: at.Add(50 * time.Minute),
		Hours: []reputation.Hour{{Mentions: 3, Negative: 2, Stories: 1}}, Positive: []int{1},
		Drivers: map[string][]int{"service": {2}},
		Signals: map[string][]int{"advocacy": {1}, "churn": {2}, "risk": {2}},
		Risks:   make([]reputation.Risk, 1),
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}
