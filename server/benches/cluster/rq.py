"""Jobs a second through RQ: rq_bench.py REDIS WORKER JOB JOBS URL WORKERS"""

import os
import subprocess
import sys
import urllib.request

from redis import Redis
from rq import Queue
from rq.job import Job


def nothing(url, path):
    pass


def download(url, path):
    """As durable as tapedeck's: the file is synced, renamed, and its folder synced."""
    with urllib.request.urlopen(url) as answer, open(path + ".part", "wb") as file:
        file.write(answer.read())
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".part", path)
    folder = os.open(".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def main():
    redis_url, worker, job, jobs, url, workers = sys.argv[1:]
    redis = Redis.from_url(redis_url)
    redis.flushall()
    queue = Queue(connection=redis)
    work = getattr(__import__("rq_bench"), job)
    ids = [queue.enqueue(work, url, f"{n}.wav", result_ttl=600).id for n in range(int(jobs))]
    command = [sys.executable, "-m", "rq.cli", "worker", "--quiet", "--burst", "--url", redis_url]
    if worker == "SimpleWorker":
        command += ["--worker-class", "rq.SimpleWorker"]
    running = [subprocess.Popen(command, stdout=sys.stderr) for _ in range(int(workers))]
    for process in running:
        process.wait()
    done = Job.fetch_many(ids, connection=redis)
    assert all(one is not None and one.is_finished for one in done), "a job failed"
    time = max(one.ended_at for one in done) - min(one.started_at for one in done)
    print(len(done) / time.total_seconds())


if __name__ == "__main__":
    main()
