-- The journal of an interchange daemon, version 1.
--
-- Made to be queried: `interchange export FILE` writes a consistent copy at any time. Times are milliseconds since 1970
-- (UTC), 0 where there is none yet. Codes are explained where they stand, and the views at the end say them in words.
-- Secrets are never in here: environments are files of their own.

-- One row: how often a daemon has started on this journal.
CREATE TABLE daemon (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    starts INTEGER NOT NULL
);
INSERT INTO daemon VALUES (1, 0);

-- Where jobs run. The same name with another configuration is another site.
CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,             -- JSON
    failures_in_a_row INTEGER NOT NULL DEFAULT 0,
    broken TEXT NOT NULL DEFAULT ''     -- the batch system's words; empty: whole
);

-- One submitted workflow. Ids are never used again (AUTOINCREMENT).
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    submission TEXT NOT NULL UNIQUE,    -- UUID drawn by the submitter
    global_id TEXT NOT NULL,
    name TEXT NOT NULL,
    submit_directory TEXT NOT NULL,
    site TEXT NOT NULL,
    jobs INTEGER NOT NULL,
    final_job INTEGER NOT NULL DEFAULT -1,
    submitted_ms INTEGER NOT NULL,
    appeared_ms INTEGER NOT NULL DEFAULT 0,     -- 0: still being staged, nobody sees it
    state INTEGER NOT NULL DEFAULT 0,   -- 0 running, 1 succeeded, 2 failed, 3 deleted, 4 held
    ended_ms INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0,      -- counts restarts
    cancel_request TEXT NOT NULL DEFAULT '',    -- empty: not being cancelled
    cancel_force INTEGER NOT NULL DEFAULT 0,
    restart_request TEXT NOT NULL DEFAULT '',
    held TEXT NOT NULL DEFAULT ''       -- why the daemon could not go on with it
);

-- operator, project, campaign, ... as the submitter said.
CREATE TABLE run_attribute (
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;

CREATE TABLE run_note (
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;

-- What reports group by, in their order.
CREATE TABLE label (
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;

-- One node of the graph: what it asks for. Never changes. Jobs are numbered from 0 within their run.
CREATE TABLE job (
    run INTEGER NOT NULL,
    job INTEGER NOT NULL,
    label INTEGER NOT NULL,
    site INTEGER NOT NULL,
    cpus INTEGER NOT NULL,
    memory_mib INTEGER NOT NULL,
    walltime_s INTEGER NOT NULL,        -- 0: none
    priority INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    retry_unless_exit TEXT NOT NULL,    -- JSON array of exit codes
    needs TEXT NOT NULL,                -- JSON array of jobs; see the view need
    memory_max_mib INTEGER NOT NULL,
    memory_multiplier REAL NOT NULL,
    environment INTEGER NOT NULL,
    concurrency_limit TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (run, job)
) WITHOUT ROWID;

-- What a job executes. Apart from job, so that reading a graph does not read all commands. Never changes.
CREATE TABLE command (
    run INTEGER NOT NULL,
    job INTEGER NOT NULL,
    argv TEXT NOT NULL,                 -- JSON array
    directory TEXT NOT NULL,
    stdout TEXT NOT NULL,
    stderr TEXT NOT NULL,
    PRIMARY KEY (run, job)
) WITHOUT ROWID;

-- How far a job is. Narrow, because this is what changes.
CREATE TABLE job_state (
    run INTEGER NOT NULL,
    job INTEGER NOT NULL,
    label INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,   -- 0 open, 1 succeeded, 2 failed, 3 pruned, 4 deleted
    -- Of the run when this state was written. A restart opens, by counting up the run's generation, every job whose
    -- state is not 1 and whose generation is not the run's; so it takes no longer for a million jobs than for one.
    generation INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, job)
) WITHOUT ROWID;

-- One execution of a job on a worker. Numbers count from 0 over all generations.
CREATE TABLE attempt (
    run INTEGER NOT NULL,
    job INTEGER NOT NULL,
    number INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    worker INTEGER NOT NULL,
    assigned_ms INTEGER NOT NULL,
    started_ms INTEGER NOT NULL DEFAULT 0,
    ended_ms INTEGER NOT NULL DEFAULT 0,
    -- NULL open, 0 succeeded, 1 failed, 2 walltime over, 3 out of memory, 4 cancelled, 5 retracted before it started,
    -- 6 worker died, 7 block ended, 8 worker left
    ending INTEGER,
    exit_code INTEGER NOT NULL DEFAULT 0,
    signal INTEGER NOT NULL DEFAULT 0,  -- 0: none
    cpu_ms INTEGER NOT NULL DEFAULT 0,
    peak_memory_mib INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run, job, number)
) WITHOUT ROWID;

-- One allocation asked of a batch system.
CREATE TABLE block (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site INTEGER NOT NULL,
    token TEXT NOT NULL,
    nodes INTEGER NOT NULL,
    -- 0 intended, 1 queued, 2 running, 3 suspended, 4 ended, 5 failed, 6 node failed, 7 gone
    phase INTEGER NOT NULL DEFAULT 0,
    batch_id TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    intended_ms INTEGER NOT NULL,
    phase_ms INTEGER NOT NULL
);
CREATE INDEX block_not_over ON block (id) WHERE phase < 4;

-- One worker process on one node of a block.
CREATE TABLE worker (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    block INTEGER NOT NULL,
    restarts INTEGER NOT NULL,          -- of the block, by its batch system
    rank INTEGER NOT NULL,              -- of the node in the block
    start INTEGER NOT NULL,             -- which worker of this place, from 1
    incarnation TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    cores INTEGER NOT NULL,
    memory_mib INTEGER NOT NULL,
    deadline_ms INTEGER NOT NULL,       -- negative: never
    joined_ms INTEGER NOT NULL,
    left_ms INTEGER NOT NULL DEFAULT 0,
    left_reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX worker_not_left ON worker (id, block) WHERE left_ms = 0;

-- Runs that are gone, and whose rows are being removed little by little.
CREATE TABLE doomed (run INTEGER PRIMARY KEY);

CREATE VIEW run_in_words AS
SELECT id, name, CASE state WHEN 0 THEN 'RUNNING' WHEN 1 THEN 'SUCCEEDED' WHEN 2 THEN 'FAILED' WHEN 3 THEN 'DELETED'
    ELSE 'HELD' END AS state, jobs, submit_directory, datetime(submitted_ms / 1000, 'unixepoch') AS submitted,
    CASE WHEN ended_ms > 0 THEN datetime(ended_ms / 1000, 'unixepoch') END AS ended
FROM run WHERE appeared_ms > 0;

CREATE VIEW job_in_words AS
SELECT s.run, s.job, j.name, l.name AS label,
    CASE CASE WHEN s.state = 1 OR s.generation = r.generation THEN s.state ELSE 0 END
    WHEN 1 THEN 'SUCCEEDED' WHEN 2 THEN 'FAILED' WHEN 3 THEN 'PRUNED' WHEN 4 THEN 'DELETED' ELSE 'OPEN' END AS state,
    j.cpus, j.memory_mib, j.walltime_s, j.priority, c.argv, c.stdout, c.stderr
FROM job_state s JOIN run r ON r.id = s.run AND r.appeared_ms > 0
JOIN job j ON j.run = s.run AND j.job = s.job
JOIN label l ON l.run = s.run AND l.number = s.label
JOIN command c ON c.run = s.run AND c.job = s.job;

CREATE VIEW attempt_in_words AS
SELECT a.run, a.job, a.number, j.name, CASE a.ending WHEN 0 THEN 'SUCCEEDED' WHEN 1 THEN 'FAILED' WHEN 2 THEN 'WALLTIME'
    WHEN 3 THEN 'OUT_OF_MEMORY' WHEN 4 THEN 'CANCELLED' WHEN 5 THEN 'RETRACTED' WHEN 6 THEN 'WORKER_DIED'
    WHEN 7 THEN 'BLOCK_ENDED' WHEN 8 THEN 'WORKER_LEFT' ELSE 'OPEN' END AS ending, a.exit_code, a.signal, a.message,
    w.host, a.assigned_ms, a.started_ms, a.ended_ms, a.cpu_ms, a.peak_memory_mib
FROM attempt a JOIN job j ON j.run = a.run AND j.job = a.job LEFT JOIN worker w ON w.id = a.worker;

CREATE VIEW block_in_words AS
SELECT b.id, s.name AS site, b.batch_id, b.nodes, CASE b.phase WHEN 0 THEN 'INTENDED' WHEN 1 THEN 'QUEUED'
    WHEN 2 THEN 'RUNNING' WHEN 3 THEN 'SUSPENDED' WHEN 4 THEN 'ENDED' WHEN 5 THEN 'FAILED' WHEN 6 THEN 'NODE_FAILED'
    ELSE 'GONE' END AS phase, b.message, datetime(b.intended_ms / 1000, 'unixepoch') AS intended
FROM block b JOIN site s ON s.id = b.site;

-- (run, job, parent), one row for each edge of the graph.
CREATE VIEW need AS
SELECT j.run, j.job, p.value AS parent FROM job j, json_each(j.needs) p;
