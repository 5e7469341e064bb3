-- What nobody ever read or wrote.
ALTER TABLE jobs DROP COLUMN favourite;

-- 1: nobody can be told here any more. Until now a version that no job reaches stood in `shown` instead. An older
-- replica beside us still writes it, and still reads it: so it stays where it is, and means "told" as before.
ALTER TABLE messages ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET given_up = 1 WHERE shown = 1000000000;
