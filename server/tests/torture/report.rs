//! What was done and what came of it, in numbers.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    audit::Counts,
    cluster::faketime,
    harness::Harness,
    listener::{Heard, Told},
    plan::{Fault, Plan},
};

pub(crate) fn print(
    plan: &Plan,
    harness: &Harness,
    heard: &[Heard],
    calm: &[Heard],
    faults: &BTreeMap<Fault, u64>,
    counts: &Counts,
    took: Duration,
) {
    let size = plan.size;
    println!("torture: seed {}, {} calls, {} s", size.seed, size.calls, took.as_secs());
    println!("  clocks apart: {}", if faketime().is_some() { "yes" } else { "no libfaketime" });
    println!("  faults: {}", faults.values().sum::<u64>());
    for (fault, times) in faults {
        println!("    {times:>5} {fault}");
    }
    println!("  {} starts failed, because a part was away", harness.cluster.revived());
    println!("  the provider answered:");
    for (what, times) in harness.provider.done() {
        println!("    {times:>5} {what}");
    }
    println!("  {} listeners were told, while things failed:", heard.len());
    for (told, times) in told(heard) {
        println!("    {times:>5} {told}");
    }
    let longest = |heard: &[Heard]| heard.iter().map(|heard| heard.after).max().unwrap_or_default();
    println!("    the last word came after {:.1} s at most", longest(heard).as_secs_f64());
    let outages: u32 = heard.iter().map(|heard| heard.outages).sum();
    let unanswered: u32 = heard.iter().map(|heard| heard.unanswered).sum();
    println!("    on the way: {outages} times a part was down, {unanswered} times no answer");
    let slowest = heard.iter().map(|heard| heard.slowest).max().unwrap_or_default();
    println!("    the slowest answer took {:.1} s longer than it was held", slowest.as_secs_f64());
    println!("  in the calm after, {} were told:", calm.len());
    for (told, times) in told(calm) {
        println!("    {times:>5} {told}");
    }
    println!("    the last word came after {:.1} s at most", longest(calm).as_secs_f64());
    println!("  {} runs, put back {} times; they ended:", counts.runs, counts.requeues);
    for (end, times) in &counts.ends {
        println!("    {times:>5} {end}");
    }
    for (attempt, times) in &counts.attempts {
        println!("    {times:>5} were attempt {attempt}");
    }
    println!("  {} publications", counts.publications);
}

fn told(heard: &[Heard]) -> BTreeMap<String, u64> {
    let mut told = BTreeMap::new();
    for heard in heard {
        let words = match &heard.told {
            Told::Played => "the recording".to_owned(),
            Told::Refused(status, code) => format!("{status} {code}"),
        };
        *told.entry(words).or_default() += 1;
    }
    told
}
