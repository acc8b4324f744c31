-- Version 3: how attempts were started.

-- 1: as a fork of a process that had imported what it needs; 0: as a process of its own.
ALTER TABLE attempt ADD COLUMN warm INTEGER NOT NULL DEFAULT 0;
