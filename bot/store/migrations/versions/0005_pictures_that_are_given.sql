-- Pictures that people handed to us and may give with an order; a job keeps its own copy of what it was given. An older
-- replica beside us knows none of it.
CREATE TABLE uploads (
    "key" TEXT NOT NULL,
    surface TEXT NOT NULL,
    community TEXT NOT NULL,
    user_id TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_uploads PRIMARY KEY ("key")
);
CREATE INDEX ix_uploads_person ON uploads (surface, community, user_id, created_at);
CREATE INDEX ix_uploads_created_at ON uploads (created_at);

-- Which of the pictures that were given a job's reason is about, from 1; 0: none.
ALTER TABLE jobs ADD COLUMN of_input INTEGER NOT NULL DEFAULT 0;

-- The seed of the first picture, where the service told it.
ALTER TABLE jobs ADD COLUMN seed BIGINT;
