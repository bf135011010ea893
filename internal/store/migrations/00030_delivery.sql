-- +goose Up
-- When a message was put into the outbox: `at` is the end of the hour that it is about.
ALTER TABLE outbox ADD COLUMN queued_at TEXT CHECK (queued_at IS strftime('%Y-%m-%dT%H:%M:%SZ', queued_at));
UPDATE outbox SET queued_at = at;
-- The digest that tells of it instead, after a receiver could not be reached for long.
ALTER TABLE outbox ADD COLUMN digest_id INTEGER REFERENCES outbox (id);
CREATE INDEX outbox_digest ON outbox (digest_id) WHERE digest_id IS NOT NULL;
