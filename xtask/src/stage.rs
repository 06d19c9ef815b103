//! The stages of `cargo xtask test`, one after another; stops at the first that fails. A stage gets
//! what it needs, and fails where it can't. A skipped test fails the run.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use crate::{
    checkout::{Checkout, Outcome, on_path},
    count::Counts,
    setup::{self, Program, Telephony},
};

struct Stage {
    name: &'static str,
    setup: fn(&Checkout) -> Outcome,
    command: fn(&Checkout) -> Command,
}

/// What is run, in order. `frontend` stands apart: it turns on the browser's half of Leptos, which
/// must not meet the server's in one build.
const STAGES: [Stage; 10] = [
    Stage {
        name: "formatting",
        setup: setup::for_lints,
        command: |checkout| cargo(checkout, "fmt --all -- --check"),
    },
    Stage {
        name: "lints",
        setup: setup::for_lints,
        command: |checkout| {
            cargo(
                checkout,
                "clippy --locked --workspace --exclude frontend --all-targets -- -D warnings",
            )
        },
    },
    Stage {
        name: "page-lints",
        setup: setup::for_lints,
        // In the folder where cargo-leptos builds the page, so that macros are built once.
        command: |checkout| {
            let mut command = cargo(
                checkout,
                "clippy --locked --package frontend --target wasm32-unknown-unknown",
            );
            command.arg("--target-dir").arg(checkout.target().join("front"));
            command.args(["--", "-D", "warnings"]);
            command
        },
    },
    Stage {
        name: "dependencies",
        setup: setup::for_dependencies,
        command: |checkout| xtask(checkout, "dependencies"),
    },
    Stage {
        name: "docs",
        setup: setup::for_lints,
        command: |checkout| {
            let mut command = cargo(
                checkout,
                "doc --locked --workspace --exclude frontend --no-deps --document-private-items",
            );
            command.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
            command
        },
    },
    Stage {
        name: "tests",
        setup: setup::for_tests,
        // Told which, a test fails where the program is not there; else it would leave itself out.
        command: |checkout| {
            let mut command =
                cargo(checkout, "test --locked --workspace --exclude frontend --no-fail-fast");
            command.envs(real_parts());
            command.env("TAPEDECK_TEST_TELEPHONY", Telephony::folder(checkout));
            command
        },
    },
    Stage {
        name: "site",
        setup: setup::for_pages,
        command: |checkout| cargo(checkout, "leptos build"),
    },
    Stage {
        name: "browser",
        setup: setup::for_browser,
        command: |checkout| {
            let mut command = checkout.command("npx");
            command.args(["playwright", "test"]).current_dir(checkout.end2end());
            command.env("CARGO_TARGET_DIR", checkout.target());
            command
        },
    },
    Stage {
        name: "package",
        setup: setup::for_package,
        command: |checkout| as_root(xtask(checkout, "package try")),
    },
    Stage {
        name: "budget",
        setup: setup::for_pages,
        command: |checkout| xtask(checkout, "budget"),
    },
];

/// Where the tests find the programs that [`setup::for_tests`] gets.
pub(crate) fn real_parts() -> impl Iterator<Item = (&'static str, PathBuf)> {
    let parts = [
        ("TAPEDECK_TEST_NGINX", Program::NGINX.path()),
        ("TAPEDECK_TEST_REDIS_SERVER", Program::REDIS.path()),
        ("TAPEDECK_TEST_POSTGRES", Program::POSTGRES.path()),
        ("TAPEDECK_TEST_FAKETIME", Program::FAKETIME.path()),
        ("TAPEDECK_TEST_FFMPEG", Program::FFMPEG.path()),
        ("TAPEDECK_TEST_S3_SERVER", on_path("s3s-fs")),
    ];
    // A missing program is named too: the test that needs it fails.
    parts.into_iter().map(|(variable, path)| (variable, path.unwrap_or_else(|| variable.into())))
}

fn cargo(checkout: &Checkout, arguments: &str) -> Command {
    let mut command = checkout.cargo();
    command.args(arguments.split(' '));
    command
}

/// The same program as root, which `chroot` needs: by a `sudo` that asks for no password, if need be.
fn as_root(command: Command) -> Command {
    if setup::is_root() {
        return command;
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "-E", "env"])
        .arg(format!("PATH={}", std::env::var("PATH").unwrap_or_default()));
    sudo.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            sudo.env(name, value);
        }
    }
    sudo
}

/// Another task of this program.
fn xtask(checkout: &Checkout, task: &str) -> Command {
    let program = std::env::current_exe().unwrap_or_else(|_| "xtask".into());
    let mut command = checkout.command(program);
    command.args(task.split(' ')).env("CARGO_MANIFEST_DIR", checkout.root.join("xtask"));
    command
}

/// Runs all stages, or the named one. Prints at the end how many tests passed, failed and were skipped; a
/// skipped test fails the run, because the stages get every server that a test needs.
pub(crate) fn run(only: Option<&str>) -> ExitCode {
    if let Some(name) = only.filter(|name| STAGES.iter().all(|stage| stage.name != *name)) {
        let names = STAGES.map(|stage| stage.name).join(", ");
        eprintln!("no stage {name:?}; the stages are: {names}");
        return ExitCode::from(2);
    }
    let mut counts = Counts::default();
    let mut code = ExitCode::SUCCESS;
    for stage in STAGES.iter().filter(|stage| only.is_none_or(|name| stage.name == name)) {
        let began = Instant::now();
        println!("== {}", stage.name);
        if let Err(why) = run_stage(stage, &mut counts) {
            println!("{why}\n== {} failed", stage.name);
            code = ExitCode::FAILURE;
            break;
        }
        println!("== {} took {} s", stage.name, began.elapsed().as_secs());
    }
    if counts.skipped > 0 {
        println!("== {} tests were skipped; none may be", counts.skipped);
        code = ExitCode::FAILURE;
    }
    println!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
    code
}

fn run_stage(stage: &Stage, counts: &mut Counts) -> Outcome {
    let checkout = Checkout::find()?;
    (stage.setup)(&checkout)?;
    let mut command = (stage.command)(&checkout);
    let words = command.get_args().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let line = format!("{} {words}", command.get_program().to_string_lossy());
    println!("== {line}");
    match pass_on(&mut command, counts) {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("{line} failed")),
        Err(why) => Err(format!("{line} could not be run: {why}")),
    }
}

/// Runs a program, passing its output on as it comes. Gives whether it succeeded.
fn pass_on(command: &mut Command, counts: &mut Counts) -> std::io::Result<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            counts.read_line(&line);
        }
    }
    Ok(child.wait()?.success())
}
