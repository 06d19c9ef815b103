//! wrk, the load: so many connections that ask again as soon as they are answered.

use std::{fmt::Write as _, fs, net::SocketAddr, path::PathBuf, process::Command};

use super::Bench;
use crate::checkout::{Outcome, capture};

/// One way to ask.
pub(super) struct Load {
    pub(super) connections: u32,
    /// Asked for one after another with every request; none: the whole.
    pub(super) ranges: Vec<(u64, u64)>,
}

/// What wrk counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate {
    /// Requests a second.
    pub(super) requests: f64,
    /// Bytes a second, heads included.
    pub(super) bytes: f64,
}

/// Asks one address for some seconds.
pub(super) fn run(
    bench: &Bench,
    load: &Load,
    address: SocketAddr,
    path: &str,
    seconds: u32,
) -> Outcome<Rate> {
    let mut command = Command::new("wrk");
    command.args(["--threads", "2", "--timeout", "30s"]);
    command.args(["--connections", &load.connections.to_string()]);
    command.args(["--duration", &format!("{seconds}s")]);
    match load.ranges.as_slice() {
        [] => {}
        [(from, to)] => {
            command.args(["--header", &format!("Range: bytes={from}-{to}")]);
        }
        ranges => {
            command.arg("--script").arg(script(bench, ranges)?);
        }
    }
    let said = capture(command.arg(format!("http://{address}{path}")))?;
    read(&said).ok_or_else(|| format!("wrk on {address}{path}:\n{said}"))
}

/// The ranges in turn.
fn script(bench: &Bench, ranges: &[(u64, u64)]) -> Outcome<PathBuf> {
    let mut text = "local n, requests = 0, {}\ninit = function()\n".to_owned();
    for (from, to) in ranges {
        let _ = writeln!(
            text,
            "  requests[#requests + 1] = wrk.format('GET', nil, {{['Range'] = 'bytes={from}-{to}'}})"
        );
    }
    text.push_str(
        "end\nrequest = function()\n  n = n % #requests + 1\n  return requests[n]\nend\n",
    );
    let path = bench.scratch.path().join("ranges.lua");
    fs::write(&path, text).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(path)
}

/// Nothing where any request failed: such figures would be worthless.
fn read(said: &str) -> Option<Rate> {
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        return None;
    }
    let after = |name: &str| {
        said.lines()
            .find_map(|line| line.trim().strip_prefix(name))
            .map(|rest| rest.trim().to_owned())
    };
    Some(Rate {
        requests: after("Requests/sec:")?.parse().ok()?,
        bytes: size(&after("Transfer/sec:")?)?,
    })
}

/// `1.23GB`, in powers of 1024 as wrk has them.
fn size(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let unit = match &text[digits.len()..] {
        "B" => 1.0,
        "KB" => 1024.0,
        "MB" => 1024.0 * 1024.0,
        "GB" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(digits.parse::<f64>().ok()? * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_failures_are_not_overlooked() {
        let said =
            "  2 threads and 16 connections\nRequests/sec:  28123.50\nTransfer/sec:      1.50MB\n";
        assert_eq!(read(said), Some(Rate { requests: 28_123.5, bytes: 1_572_864.0 }));
        assert_eq!(read(&format!("{said}  Non-2xx or 3xx responses: 3\n")), None);
    }
}
