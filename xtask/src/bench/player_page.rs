//! A call's page in Chromium beside one with wavesurfer.js, and what Lighthouse says of it: the figures of
//! end2end/bench/page.js as tables.

use super::{
    Bench,
    figures::Figures,
    report::{Report, thousands},
};
use crate::{
    checkout::{Outcome, capture},
    setup::PagePeers,
};

/// A figure, its heading, and the digits that mean something.
const FIGURES: [(&str, &str, f64); 6] = [
    ("paint_ms", "first paint, ms", 1.0),
    ("playable_ms", "can play, ms", 1.0),
    ("script_sent", "script sent, kB", 1000.0),
    ("script_raw", "script unpacked, kB", 1000.0),
    ("heap_bytes", "JavaScript heap, kB", 1000.0),
    ("memory_bytes", "memory of the process, MB", 1_000_000.0),
];

/// What Lighthouse scores, from 0 to 100.
const SCORES: [&str; 3] = ["performance", "accessibility", "best-practices"];

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    println!("-- node bench/page.js");
    let mut command = bench.checkout.command("node");
    command.arg("bench/page.js").current_dir(bench.checkout.end2end());
    command.env("TAPEDECK_PROGRAM", bench.checkout.target().join("release/tapedeck"));
    command.env("TAPEDECK_SITE_ROOT", bench.checkout.root.join("target/site"));
    command.env("TAPEDECK_PAGE_PEERS", PagePeers::folder(&bench.checkout));
    let mut figures = Figures::default();
    figures.read(&capture(&mut command)?);
    beside_wavesurfer(&figures, report)?;
    lighthouse(&figures, report)
}

fn beside_wavesurfer(figures: &Figures, report: &mut Report) -> Outcome {
    let peers = [
        ("wavesurfer", "wavesurfer.js", "It fetches and decodes the whole to draw it."),
        (
            "wavesurfer_peaks",
            "wavesurfer.js with our peaks",
            "It is given the peaks and the length, as its documentation advises for long recordings, and \
             streams the sound.",
        ),
    ];
    for (peer, name, what) in peers {
        let how = format!(
            "A call's page in a fresh Chromium, and a page with nothing but {name} on the same recording \
             from the same server. {what} Milliseconds from navigation: until the first paint, and until it can \
             play (ours: Play is pressed as soon as it is there, until `canplay`; theirs: `ready`). Script \
             includes WebAssembly. Memory 3 s later. A phone: 150 ms of latency, 1.6 Mbit/s, a processor 4 times \
             slower. 16-bit stereo at 8 kHz; the median of 5 loads, in turns. The aims are those beside \
             wavesurfer.js at its best, with our peaks."
        );
        report.section(&format!("Beside {name}"), &how, ["", "tapedeck", name, "ratio"]);
        for (length, of) in [("minute", "a minute"), ("hour", "an hour")] {
            for (figure, heading, unit) in FIGURES {
                let ours = figures.get(&format!("{figure}_{length}_tapedeck"))?;
                let theirs = figures.get(&format!("{figure}_{length}_{peer}"))?;
                let show = |value: f64| thousands(value / unit);
                let verdict = verdict(peer, length, figure, ours / theirs);
                let what = format!("{of}: {heading}{verdict}");
                report.row(&what, &show(ours), &show(theirs), ours / theirs);
            }
        }
        for (figure, heading, _) in FIGURES.iter().take(2) {
            let ours = figures.get(&format!("{figure}_phone_tapedeck"))?;
            let theirs = figures.get(&format!("{figure}_phone_{peer}"))?;
            let verdict = verdict(peer, "phone", figure, ours / theirs);
            let what = format!("a minute, on a phone: {heading}{verdict}");
            report.row(&what, &thousands(ours), &thousands(theirs), ours / theirs);
        }
    }
    Ok(())
}

/// The greatest ratio that is aimed at beside wavesurfer.js with our peaks, by case and figure.
const AIMS: [(&str, &str, f64); 4] = [
    ("minute", "paint_ms", 1.3),
    ("minute", "playable_ms", 1.0),
    ("phone", "paint_ms", 1.0),
    ("phone", "playable_ms", 1.0),
];

fn verdict(peer: &str, case: &str, figure: &str, ratio: f64) -> String {
    let aim = AIMS.iter().find(|(of, what, _)| (*of, *what) == (case, figure));
    match aim.filter(|_| peer == "wavesurfer_peaks") {
        Some((.., aim)) if ratio <= *aim => format!(" (aim {aim}: met)"),
        Some((.., aim)) => format!(" (aim {aim}: missed)"),
        None => String::new(),
    }
}

fn lighthouse(figures: &Figures, report: &mut Report) -> Outcome {
    let how = "Lighthouse on a call's page whose recording is ready, slowed down as it does for a phone, and as \
               a desktop. Aims: 95, and no layout shift.";
    report.section("Lighthouse", how, ["score", "phone", "desktop", "least by the aim"]);
    let mut missed = Vec::new();
    for score in SCORES {
        let [phone, desktop] =
            ["mobile", "desktop"].map(|form| figures.get(&format!("lighthouse_{score}_{form}")));
        let [phone, desktop] = [phone?, desktop?];
        let least = phone.min(desktop) / 95.0;
        report.row(score, &format!("{phone:.0}"), &format!("{desktop:.0}"), least);
        missed.extend((least < 1.0).then(|| format!("{score} {:.0}", phone.min(desktop))));
    }
    let shift = |form| figures.get(&format!("lighthouse_shift_{form}"));
    let (phone, desktop) = (shift("mobile")?, shift("desktop")?);
    report.note(&format!("Layout shift: {phone:.3} on the phone, {desktop:.3} on the desktop."));
    // Less than is shown is none.
    let most = phone.max(desktop);
    missed.extend((most >= 0.0005).then(|| format!("layout shift {most:.3}")));
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("a call's page misses Lighthouse's aims: {}", missed.join(", ")))
    }
}
