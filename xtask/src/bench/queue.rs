//! The queue: the benches of the server, whose figures come as lines `name value`, as tables.

use super::{Bench, figures::Figures, report::Report};
use crate::{
    checkout::{Outcome, capture},
    setup::Rq,
    stage,
};

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let mut figures = Figures::default();
    for name in ["queue", "cluster"] {
        println!("-- cargo bench --bench {name}");
        let mut command = bench.checkout.cargo();
        command.args(["bench", "--quiet", "--bench", name]).envs(stage::real_parts());
        command.env("TAPEDECK_BENCH_RQ", Rq::folder(&bench.checkout));
        figures.read(&capture(&mut command)?);
    }
    figures.throughput(report)?;
    figures.downloads(report)?;
    figures.claims(report)?;
    figures.backlog(report)?;
    figures.held(report)
}

impl Figures {
    fn throughput(&self, report: &mut Report) -> Outcome {
        let how = "4,000 queued runs claimed and published by workers of 4 places each, without \
                   downloads; every commit waits for the disk. The peer on PostgreSQL is a bare loop \
                   on as many connections: `FOR UPDATE SKIP LOCKED`, then `done`, nothing else. \
                   RQ's are jobs that do nothing, by two workers. Aims: over 0.7 of the bare loop.";
        let columns = ["runs a second", "tapedeck", "bare loop", "ratio"];
        report.section("Runs through the queue", how, columns);
        for workers in [1, 2, 4] {
            let ours = self.get(&format!("runs_a_second_postgres_{workers}"))?;
            let bare = self.get(&format!("runs_a_second_bare_{workers}"))?;
            let what = format!("PostgreSQL, workers: {workers}");
            report.row(&what, &format!("{ours:.0}"), &format!("{bare:.0}"), ours / bare);
        }
        report.note(&format!(
            "SQLite, one worker: {:.0}. RQ, two workers that fork: {:.0}; that do not: {:.0}.",
            self.get("runs_a_second_sqlite_1")?,
            self.get("nothings_a_second_rq_Worker")?,
            self.get("nothings_a_second_rq_SimpleWorker")?
        ));
        Ok(())
    }

    fn downloads(&self, report: &mut Report) -> Outcome {
        let how = "1 kB fetched from a local provider and made durable, by two worker processes, \
                   tapedeck's on PostgreSQL. RQ on the same Redis. Aims: over ten times its default \
                   workers, over five times its SimpleWorker.";
        let columns = ["downloads a second", "tapedeck", "RQ", "ratio"];
        report.section("Downloads beside RQ", how, columns);
        let ours = self.get("downloads_a_second_tapedeck")?;
        for (what, worker) in [("workers that fork", "Worker"), ("SimpleWorker", "SimpleWorker")] {
            let theirs = self.get(&format!("downloads_a_second_rq_{worker}"))?;
            report.row(what, &format!("{ours:.0}"), &format!("{theirs:.0}"), ours / theirs);
        }
        Ok(())
    }

    fn claims(&self, report: &mut Report) -> Outcome {
        let how = "The median of 300 claims of one run, and of 300 polls that find none, among \
                   finished runs; the ratio is that of a claim to one among 1,000.";
        let columns = ["finished runs", "claim, ms", "poll, ms", "ratio"];
        report.section("A claim among finished runs", how, columns);
        for database in ["sqlite", "postgres"] {
            let least = self.get(&format!("claim_ms_{database}_1000"))?;
            for finished in [1_000, 100_000, 1_000_000] {
                let claim = self.get(&format!("claim_ms_{database}_{finished}"))?;
                let poll = self.get(&format!("poll_ms_{database}_{finished}"))?;
                let what = format!("{database}, {finished}");
                report.row(&what, &format!("{claim:.2}"), &format!("{poll:.2}"), claim / least);
            }
        }
        report.note(&format!("Plans among 1,000,000:\n\n```\n{}\n```", self.plans.join("\n")));
        Ok(())
    }

    fn backlog(&self, report: &mut Report) -> Outcome {
        let how = "One server with its worker of 4 places on PostgreSQL, 64 kB each. A listener \
                   presses play behind recordings that nobody waits for; the peer is the listener \
                   behind ten of them. Below, the last of as many listeners who press play at once.";
        let columns = ["milliseconds to playable, behind", "listener", "behind 10", "ratio"];
        report.section("Behind a backlog", how, columns);
        for name in ["behind_prefetched_ms", "last_of_listeners_ms"] {
            let least = self.get(&format!("{name}_10"))?;
            for depth in [10, 100, 1_000] {
                let time = self.get(&format!("{name}_{depth}"))?;
                let who = if name.starts_with("last") { "the last of" } else { "prefetched:" };
                let what = format!("{who} {depth}");
                report.row(&what, &format!("{time:.1}"), &format!("{least:.1}"), time / least);
            }
        }
        Ok(())
    }

    fn held(&self, report: &mut Report) -> Outcome {
        let how = "9,900 requests for 99 calls held by one server on PostgreSQL (`Prefer: wait=30`). \
                   Milliseconds from the end of the run, by the database, to the head of the 200: of \
                   one listener while all the others are held, and of all when their runs end at once.";
        let columns = ["milliseconds to the answer", "one", "all 9,900", "ratio"];
        report.section("Held requests", how, columns);
        for percent in [50, 99] {
            let one = self.get(&format!("wake_one_ms_p{percent}"))?;
            let all = self.get(&format!("wake_all_ms_p{percent}"))?;
            let what = format!("p{percent}");
            report.row(&what, &format!("{one:.1}"), &format!("{all:.1}"), one / all);
        }
        report.note(&format!(
            "Each costs {:.1} kB of the server's memory. While nothing happens, the database sees {:.1} \
             transactions a second in all.",
            self.get("held_bytes_each")? / 1000.0,
            self.get("held_transactions_a_second")?
        ));
        Ok(())
    }
}
