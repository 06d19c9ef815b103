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
mod telephony;
mod toolchain;
mod wasm_opt;

use std::time::Instant;

pub(crate) use self::{
    apt::is_root, page_peers::PagePeers, programs::Program, rq::Rq, telephony::Telephony,
};
use self::{
    browser::{Chromium, NodeModules},
    cargo_tools::{cargo_deny, cargo_leptos, geckodriver, s3_server, wasm_bindgen},
    components::Components,
    toolchain::Toolchain,
    wasm_opt::WasmOpt,
};
use crate::checkout::{Checkout, Outcome};

/// One thing that may be missing.
trait Tool {
    /// What it is, with its version where that matters.
    fn name(&self) -> String;
    /// What getting it does, and about how long that takes.
    fn getting(&self) -> String;
    /// Whether it is there. Quick.
    fn is_there(&self, checkout: &Checkout) -> bool;
    /// Gets it.
    fn get(&self, checkout: &Checkout) -> Outcome;
    /// What to type where `get` does not work.
    fn by_hand(&self) -> String;
}

/// What the first page needs on a new machine.
pub(crate) fn for_first_page(checkout: &Checkout) -> Outcome {
    ensure(checkout, &[&Toolchain, &wasm_bindgen(checkout)?])
}

/// Whether the tool is there that takes longest to build.
pub(crate) fn has_cargo_leptos(checkout: &Checkout) -> bool {
    cargo_leptos().is_there(checkout)
}

/// What `cargo leptos serve` and `cargo leptos build --release` need.
pub(crate) fn for_pages(checkout: &Checkout) -> Outcome {
    ensure(checkout, &[&Toolchain, &cargo_leptos(), &wasm_bindgen(checkout)?, &WasmOpt])
}

/// What formatting and lints need.
pub(crate) fn for_lints(checkout: &Checkout) -> Outcome {
    ensure(checkout, &[&Toolchain, &Components])
}

/// What checks the dependencies.
pub(crate) fn for_dependencies(checkout: &Checkout) -> Outcome {
    ensure(checkout, &[&Toolchain, &cargo_deny()])
}

/// What makes a package, and tries it.
pub(crate) fn for_package(checkout: &Checkout) -> Outcome {
    ensure(
        checkout,
        &[&Program::DPKG_DEB, &Program::OBJCOPY, &Program::SYSTEMD_ANALYZE, &Program::DEBOOTSTRAP],
    )
}

/// What our tests are run against.
pub(crate) fn for_tests(checkout: &Checkout) -> Outcome {
    ensure(
        checkout,
        &[
            &Program::REDIS,
            &Program::NGINX,
            &Program::POSTGRES,
            &Program::FFMPEG,
            &Program::FAKETIME,
            &Program::PHP,
            &Program::GO,
            &Telephony,
            &s3_server(),
        ],
    )
}

/// What the tests in a browser need.
pub(crate) fn for_browser(checkout: &Checkout) -> Outcome {
    ensure(
        checkout,
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
pub(crate) fn for_bench(checkout: &Checkout) -> Outcome {
    for_pages(checkout)?;
    for_tests(checkout)?;
    ensure(checkout, &[&Program::WRK, &Rq, &NodeModules, &Chromium, &PagePeers])
}

fn ensure(checkout: &Checkout, tools: &[&dyn Tool]) -> Outcome {
    for tool in tools.iter().filter(|tool| !tool.is_there(checkout)) {
        let name = tool.name();
        println!("-- {name} is missing: {}", tool.getting());
        let began = Instant::now();
        let got = tool.get(checkout).and_then(|()| {
            if tool.is_there(checkout) { Ok(()) } else { Err("it is still missing".to_owned()) }
        });
        if let Err(why) = got {
            let by_hand = tool.by_hand().replace('\n', "\n    ");
            return Err(format!("-- {name}: {why}\n   By hand:\n    {by_hand}"));
        }
        println!("-- {name} is there, after {} s", began.elapsed().as_secs());
    }
    Ok(())
}
