//! Gets what a machine lacks. Each tool is got only if it is missing, says what it does and how long
//! it takes, and prints the way by hand if it fails. When nothing is missing this takes a moment.

mod apt;
mod browser;
mod cargo_tools;
mod components;
mod debian_std;
mod page_peers;
mod programs;
mod rq;
mod toolchain;
mod wasm_opt;

use std::time::Instant;

use self::{
    browser::{Chromium, NodeModules},
    cargo_tools::{cargo_leptos, geckodriver, s3_server, wasm_bindgen},
    components::Components,
    toolchain::Toolchain,
    wasm_opt::WasmOpt,
};
pub(crate) use self::{page_peers::PagePeers, programs::Program, rq::Rq};
use crate::place::{Outcome, Place};

/// One thing that may be missing.
trait Tool {
    /// What it is, with its version where that matters.
    fn name(&self) -> String;
    /// What getting it does, and about how long that takes.
    fn getting(&self) -> String;
    /// Whether it is there. Quick.
    fn is_there(&self, place: &Place) -> bool;
    /// Gets it.
    fn get(&self, place: &Place) -> Outcome;
    /// What to type where `get` does not work.
    fn by_hand(&self) -> String;
}

/// What `cargo leptos serve` and `cargo leptos build --release` need.
pub(crate) fn for_pages(place: &Place) -> Outcome {
    ensure(place, &[&Toolchain, &cargo_leptos(), &wasm_bindgen(place)?, &WasmOpt])
}

/// What formatting and lints need.
pub(crate) fn for_lints(place: &Place) -> Outcome {
    ensure(place, &[&Toolchain, &Components])
}

/// What our tests are run against.
pub(crate) fn for_tests(place: &Place) -> Outcome {
    ensure(
        place,
        &[&Program::REDIS, &Program::NGINX, &Program::POSTGRES, &Program::FAKETIME, &s3_server()],
    )
}

/// What the tests in a browser need.
pub(crate) fn for_browser(place: &Place) -> Outcome {
    ensure(
        place,
        &[
            &Program::REDIS,
            &NodeModules,
            &Chromium,
            &Program::FONTS,
            &Program::FIREFOX,
            &Program::SOUND,
            &geckodriver(),
            &Program::WEBKIT,
            &Program::WEBKIT_SOUND,
            &Program::SCREEN,
        ],
    )
}

/// What the measurements need, with the release build.
pub(crate) fn for_bench(place: &Place) -> Outcome {
    for_pages(place)?;
    for_tests(place)?;
    ensure(place, &[&Program::WRK, &Rq, &NodeModules, &Chromium, &PagePeers])
}

fn ensure(place: &Place, tools: &[&dyn Tool]) -> Outcome {
    for tool in tools.iter().filter(|tool| !tool.is_there(place)) {
        let name = tool.name();
        println!("-- {name} is missing: {}", tool.getting());
        let began = Instant::now();
        let got = tool.get(place).and_then(|()| {
            if tool.is_there(place) { Ok(()) } else { Err("it is still missing".to_owned()) }
        });
        if let Err(why) = got {
            let by_hand = tool.by_hand().replace('\n', "\n    ");
            return Err(format!("-- {name}: {why}\n   By hand:\n    {by_hand}"));
        }
        println!("-- {name} is there, after {} s", began.elapsed().as_secs());
    }
    Ok(())
}
