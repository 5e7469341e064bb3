-- How a message fares. An older replica beside us reads none of it: it tries again as it always did.
-- 1: the last try was refused for good.
ALTER TABLE messages ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;

-- When it was known that nobody can see it; what was paid went back then.
ALTER TABLE messages ADD COLUMN lost_at BIGINT;
CREATE INDEX ix_messages_lost ON messages (surface) WHERE lost_at IS NOT NULL;

-- Whose press has made it, where it isn't the job's person.
ALTER TABLE messages ADD COLUMN author TEXT NOT NULL DEFAULT '';

-- 1: the person is told privately when it is done.
ALTER TABLE messages ADD COLUMN tell INTEGER NOT NULL DEFAULT 0;
