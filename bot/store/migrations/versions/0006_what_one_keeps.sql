-- What people keep for themselves: a picture of a job (its index; 0 for all of them), under a name where they gave one.
-- Without one it is called by its prompt, which is not copied here.
CREATE TABLE favourites (
    job TEXT NOT NULL,
    idx INTEGER NOT NULL,
    surface TEXT NOT NULL,
    community TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    kept_at BIGINT NOT NULL,
    CONSTRAINT pk_favourites PRIMARY KEY (job, idx, surface, community, user_id),
    CONSTRAINT fk_favourites_job FOREIGN KEY(job) REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE INDEX ix_favourites_person ON favourites (surface, community, user_id, kept_at);
