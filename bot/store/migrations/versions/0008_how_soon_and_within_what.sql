-- How soon an order goes, and what its channel is part of (a list of ids, the nearest first).
ALTER TABLE jobs ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE jobs ADD COLUMN within_json TEXT NOT NULL DEFAULT '[]';
-- What somebody had typed when it was refused, so that it can be edited and tried again; kept for some hours.
CREATE TABLE drafts (
    id TEXT NOT NULL,
    surface TEXT NOT NULL,
    community TEXT NOT NULL,
    user_id TEXT NOT NULL,
    draft_json TEXT NOT NULL,
    kept_at BIGINT NOT NULL,
    CONSTRAINT pk_drafts PRIMARY KEY (id)
);
CREATE INDEX ix_drafts_person ON drafts (surface, community, user_id);
CREATE INDEX ix_drafts_kept ON drafts (kept_at);
