-- What a click has begun: the key of its deed, so that who was not answered goes on with it. An older replica beside us
-- writes none, and its clicks are told apart by time alone, as they were.
ALTER TABLE seen ADD COLUMN deed TEXT NOT NULL DEFAULT '';

-- 1: it was the answer to whoever asked for it; 0: nobody heard, or another process has shown it.
ALTER TABLE messages ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
