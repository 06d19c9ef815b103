-- For the operator: what ended lately, which calls failed last, and where a worker runs.
-- Locks the database against other writes while the index is built: about a second for a million
-- runs. Writers wait for 1.5 seconds; after that requests are answered with 500 until it is done.

-- What has ended, by how and when. Counting the last hour, finding the latest and paging through
-- the failed ones cost the same however many runs have ended before.
CREATE INDEX recording_runs_ended ON recording_runs (status, finished_at, seq)
    WHERE finished_at IS NOT NULL;

ALTER TABLE workers ADD COLUMN place TEXT; -- host name and process id, such as web-1:4711
