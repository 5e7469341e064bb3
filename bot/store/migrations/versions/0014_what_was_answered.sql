-- What a click has begun: the key of its deed, so that who was not answered goes on with it. An older replica beside us
-- writes none, and its clicks are told apart by time alone, as they were.
ALTER TABLE seen ADD COLUMN deed TEXT NOT NULL DEFAULT '';

-- 1: whoever asked for it was answered by it, or told that it comes; 0: nobody heard, and another process has shown it.
ALTER TABLE messages ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
