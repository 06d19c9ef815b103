-- Objects of the storage that the database does not know. Locks nothing: the table is new.

CREATE TABLE quarantine (
    object_key  TEXT    PRIMARY KEY,
    bytes       INTEGER NOT NULL,
    written_at  INTEGER NOT NULL, -- by the storage's clock
    found_at    INTEGER NOT NULL,
    description TEXT              -- JSON, as it lies beside the object
) STRICT, WITHOUT ROWID;

-- Runs that were made since describe the objects that they publish.
INSERT INTO facts (name, value) SELECT 'described_since',
    CASE WHEN EXISTS (SELECT 1 FROM recording_runs)
         THEN CAST(CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS TEXT) ELSE '0' END;
