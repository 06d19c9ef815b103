-- The first schema. Times are microseconds since 1970-01-01 UTC, lengths are bytes; whole numbers
-- are BIGINT throughout, so that rows are read as SQLite's are.
-- Locks nothing: the tables are new.

-- The clock of every decision, of every process: this server's. STABLE, so that it can be compared
-- with an index; one value in a statement.
CREATE FUNCTION tapedeck_now() RETURNS BIGINT LANGUAGE sql STABLE PARALLEL SAFE AS
    'SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint';

CREATE TABLE calls (
    seq              BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- breaks ties of the list's order
    call_sid         TEXT    NOT NULL UNIQUE,
    recording_url    TEXT,
    url_version      BIGINT  NOT NULL DEFAULT 1, -- grows with each change of recording_url
    direction        TEXT    CHECK (direction IN ('inbound', 'outbound')),
    from_party       TEXT,
    to_party         TEXT,
    started_at       BIGINT,
    duration_seconds BIGINT  CHECK (duration_seconds >= 0),
    created_at       BIGINT  NOT NULL,
    listed_at        BIGINT  NOT NULL -- started_at where known, else created_at: the list's order
);

CREATE INDEX calls_newest_first ON calls (listed_at DESC, seq DESC);

-- One row a try. Nothing leaves 'ready' or 'failed'.
CREATE TABLE recording_runs (
    seq               BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order in which runs were made
    id                TEXT    NOT NULL UNIQUE,
    call_sid          TEXT    NOT NULL REFERENCES calls (call_sid),
    status            TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'ready', 'failed')),
    attempt           BIGINT  NOT NULL DEFAULT 0,
    replaces          TEXT    UNIQUE REFERENCES recording_runs (id),
    half_open         BIGINT  NOT NULL DEFAULT 0,
    url_version       BIGINT  NOT NULL,
    created_at        BIGINT  NOT NULL,
    queued_at         BIGINT  NOT NULL,
    wanted_at         BIGINT,
    asked_at          BIGINT,
    series_started_at BIGINT,
    not_before        BIGINT,
    started_at        BIGINT,
    finished_at       BIGINT,
    refused_at        BIGINT,
    worker            TEXT,
    lease_expires_at  BIGINT,
    fence             BIGINT  NOT NULL DEFAULT 0,
    requeues          BIGINT  NOT NULL DEFAULT 0,
    bytes_done        BIGINT  NOT NULL DEFAULT 0,
    bytes_total       BIGINT,
    failure_kind      TEXT    CHECK (failure_kind IN
                              ('stuck', 'transient', 'rejected', 'gone', 'superseded')),
    failure_reason    TEXT,
    changed_at        BIGINT  NOT NULL, -- status last changed: other processes watch it
    CHECK ((status = 'failed') = (failure_kind IS NOT NULL)),
    CHECK ((status IN ('ready', 'failed')) = (finished_at IS NOT NULL))
);

-- At most one run of a call is under way.
CREATE UNIQUE INDEX recording_runs_one_active ON recording_runs (call_sid)
    WHERE status IN ('queued', 'running');
CREATE INDEX recording_runs_of_call ON recording_runs (call_sid, seq);
-- The queue in the order of claiming: what is wanted first, then what nobody waits for. Holds
-- queued runs alone, so a claim costs the same however many runs have ended.
CREATE INDEX recording_runs_queue ON recording_runs (wanted_at NULLS LAST, queued_at, seq)
    WHERE status = 'queued';
CREATE INDEX recording_runs_running ON recording_runs (worker) WHERE status = 'running';
CREATE INDEX recording_runs_half_open ON recording_runs (call_sid, created_at) WHERE half_open = 1;
CREATE INDEX recording_runs_changed ON recording_runs (changed_at);

-- What is playable, or the tombstone of what was.
CREATE TABLE recordings (
    call_sid         TEXT    PRIMARY KEY REFERENCES calls (call_sid),
    state            TEXT    NOT NULL CHECK (state IN ('ready', 'deleted', 'gone')),
    run_id           TEXT    REFERENCES recording_runs (id),
    object_key       TEXT    UNIQUE,
    content_type     TEXT,
    bytes            BIGINT,
    sha256           TEXT,
    source_sha256    TEXT,
    duration_seconds DOUBLE PRECISION,
    channels         BIGINT,
    peaks_key        TEXT,
    published_at     BIGINT  NOT NULL,
    CHECK ((state = 'ready') = (object_key IS NOT NULL)),
    CHECK (state <> 'ready' OR (run_id IS NOT NULL AND content_type IS NOT NULL
           AND bytes IS NOT NULL AND sha256 IS NOT NULL AND source_sha256 IS NOT NULL))
);

CREATE TABLE workers (
    id            TEXT    PRIMARY KEY,
    started_at    BIGINT  NOT NULL,
    last_seen_at  BIGINT  NOT NULL,
    last_poll_at  BIGINT, -- its last claim query that succeeded, whether or not it found a run
    last_claim_at BIGINT 
);

-- Single facts about the installation: the storage's id.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
