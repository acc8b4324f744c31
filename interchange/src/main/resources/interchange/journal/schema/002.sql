-- Version 2: what jobs are beside commands, limits, memory that grows, runs that end early or become larger, files.

-- So many jobs of it may run at a time; 0: no limit.
ALTER TABLE label ADD COLUMN max_jobs INTEGER NOT NULL DEFAULT 0;

-- What a job needs changes once at most: when a job that it needs brings others, it needs the last of them as well.

-- Bits: 1 no-op, 2 no-op that passes after any end, 4 its success brings a workflow, 8 final. No-ops have the label
-- ':no-ops', and no row of command.
ALTER TABLE job ADD COLUMN traits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN disk_mib INTEGER NOT NULL DEFAULT 0;
-- The exit code that ends the whole run, and what that means (0: success); -1: none.
ALTER TABLE job ADD COLUMN abort_on_exit INTEGER NOT NULL DEFAULT -1;
ALTER TABLE job ADD COLUMN abort_return INTEGER NOT NULL DEFAULT 0;

UPDATE job SET traits = 8 WHERE (run, job) IN (SELECT id, final_job FROM run WHERE final_job >= 0);
ALTER TABLE run DROP COLUMN final_job;
CREATE INDEX job_with_traits ON job (run, job) WHERE traits > 0;

-- The job whose exit code has ended the run, and what that means (0: success); -1: none.
ALTER TABLE run ADD COLUMN abort_job INTEGER NOT NULL DEFAULT -1;
ALTER TABLE run ADD COLUMN abort_return INTEGER NOT NULL DEFAULT 0;

-- Files that a job's success brings, and others that only some jobs have. Absolute.
ALTER TABLE command ADD COLUMN brings TEXT NOT NULL DEFAULT '';

-- Of the run when the daemon noted it; -1: the submitter's, which counts for ever.
ALTER TABLE run_note ADD COLUMN generation INTEGER NOT NULL DEFAULT -1;

-- What the job asks for after it ran out of memory; 0: as at first. Like the state it counts in its generation alone.
ALTER TABLE job_state ADD COLUMN memory_mib INTEGER NOT NULL DEFAULT 0;

-- Files that travel to a job's own directory and back.
CREATE TABLE job_file (
    run INTEGER NOT NULL,
    job INTEGER NOT NULL,
    number INTEGER NOT NULL,
    path TEXT NOT NULL,                 -- on the submit host
    name TEXT NOT NULL,                 -- in the job's directory
    kind INTEGER NOT NULL,              -- 0 input, 1 input that is executed, 2 output
    PRIMARY KEY (run, job, number)
) WITHOUT ROWID;

-- How many jobs of a label ended how, of runs that have ended (states as in job_state): so that a report of a million
-- jobs need not count them.
CREATE TABLE run_count (
    run INTEGER NOT NULL,
    label INTEGER NOT NULL,
    state INTEGER NOT NULL,
    jobs INTEGER NOT NULL,
    PRIMARY KEY (run, label, state)
) WITHOUT ROWID;

INSERT INTO run_count
SELECT r.id, s.label, CASE WHEN s.state = 1 OR s.generation = r.generation THEN s.state ELSE 0 END, count(*)
FROM run r JOIN job_state s ON s.run = r.id WHERE r.appeared_ms > 0 AND r.state IN (1, 2, 3) GROUP BY 1, 2, 3;

-- What reports look for among all jobs and attempts, and is rare.
CREATE INDEX job_failed ON job_state (run, job, label, generation) WHERE state = 2;
CREATE INDEX attempt_with_trouble ON attempt (run, ending, job, generation) WHERE ending IN (2, 3, 6, 7);

DROP VIEW job_in_words;
CREATE VIEW job_in_words AS
SELECT s.run, s.job, j.name, l.name AS label,
    CASE CASE WHEN s.state = 1 OR s.generation = r.generation THEN s.state ELSE 0 END
    WHEN 1 THEN 'SUCCEEDED' WHEN 2 THEN 'FAILED' WHEN 3 THEN 'PRUNED' WHEN 4 THEN 'DELETED' WHEN 5 THEN 'BRINGING'
    ELSE 'OPEN' END AS state,
    j.cpus, j.memory_mib, j.walltime_s, j.priority, c.argv, c.stdout, c.stderr
FROM job_state s JOIN run r ON r.id = s.run AND r.appeared_ms > 0 AND s.job < r.jobs
JOIN job j ON j.run = s.run AND j.job = s.job
JOIN label l ON l.run = s.run AND l.number = s.label
JOIN command c ON c.run = s.run AND c.job = s.job;

-- With phase 8.
DROP VIEW block_in_words;
CREATE VIEW block_in_words AS
SELECT b.id, s.name AS site, b.batch_id, b.nodes, CASE b.phase WHEN 0 THEN 'INTENDED' WHEN 1 THEN 'QUEUED'
    WHEN 2 THEN 'RUNNING' WHEN 3 THEN 'SUSPENDED' WHEN 4 THEN 'ENDED' WHEN 5 THEN 'FAILED' WHEN 6 THEN 'NODE_FAILED'
    WHEN 7 THEN 'GONE' ELSE 'OUT_OF_MEMORY' END AS phase, b.message,
    datetime(b.intended_ms / 1000, 'unixepoch') AS intended
FROM block b JOIN site s ON s.id = b.site;
