-- Objects of the storage that the database does not know. Locks nothing: the table is new.

CREATE TABLE quarantine (
    object_key  TEXT    COLLATE "C" PRIMARY KEY,
    bytes       BIGINT  NOT NULL,
    written_at  BIGINT  NOT NULL, -- by the storage's clock
    found_at    BIGINT  NOT NULL,
    description TEXT              -- JSON, as it lies beside the object
);

-- Runs that were made since describe the objects that they publish.
INSERT INTO facts (name, value) VALUES ('described_since',
    CASE WHEN EXISTS (SELECT 1 FROM recording_runs) THEN tapedeck_now()::text ELSE '0' END);
