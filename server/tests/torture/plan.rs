//! What will happen, from a seed alone: the calls, how the provider treats each of them, and the
//! faults with their times. Pure, so that a run can be repeated; only the threads' timing differs.

use std::{env, fmt, time::Duration};

/// `SplitMix64` (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
#[derive(Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice of its own for one thing, the same each time.
    pub(crate) fn of(seed: u64, name: &str) -> Self {
        let name = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ name)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }

    pub(crate) fn pick<'t, T>(&mut self, among: &'t [T]) -> &'t T {
        let at = usize::try_from(self.below(among.len() as u64)).unwrap();
        &among[at]
    }
}

/// How much is done, and from which seed. By `TAPEDECK_TEST_TORTURE="seed calls faults seconds"`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) seed: u64,
    pub(crate) calls: u64,
    pub(crate) faults: u64,
    /// Over which listeners come and faults happen.
    pub(crate) time: Duration,
}

impl Size {
    pub(crate) fn read() -> Self {
        let Ok(text) = env::var("TAPEDECK_TEST_TORTURE") else {
            return Self { seed: 1, calls: 60, faults: 20, time: Duration::from_secs(40) };
        };
        let numbers: Vec<u64> = text.split_whitespace().map(|n| n.parse().unwrap()).collect();
        let &[seed, calls, faults, seconds] = numbers.as_slice() else {
            panic!("TAPEDECK_TEST_TORTURE={text:?}: write it as \"seed calls faults seconds\"");
        };
        Self { seed, calls, faults, time: Duration::from_secs(seconds) }
    }
}

/// How the provider treats a call's recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provided {
    /// It is there, though one request in four goes wrong somehow.
    Sometimes,
    /// 410, always.
    Gone,
    /// A page that says something, with status 200, always.
    Page,
    /// 500, always.
    Broken,
}

/// What else happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Nothing,
    /// Queued without hurry before anybody listens.
    Prefetched,
    /// Its URL changes while it is being prepared.
    Moved,
    /// It is deleted while it is being prepared, or after.
    Deleted,
}

#[derive(Clone, Debug)]
pub(crate) struct CallPlan {
    pub(crate) sid: String,
    pub(crate) bytes: usize,
    pub(crate) provided: Provided,
    pub(crate) turn: Turn,
    /// How long after the first listener came.
    pub(crate) turn_after: Duration,
    pub(crate) listeners: u64,
    pub(crate) first_listener: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    KillWorker,
    PauseWorker,
    TerminateWorker,
    KillServer,
    PauseServer,
    RestartPostgres,
    PausePostgres,
    FlushRedis,
    StopRedis,
    PauseRedis,
    StopStorage,
    PauseStorage,
}

impl Fault {
    const ALL: [Self; 12] = [
        Self::KillWorker,
        Self::PauseWorker,
        Self::TerminateWorker,
        Self::KillServer,
        Self::PauseServer,
        Self::RestartPostgres,
        Self::PausePostgres,
        Self::FlushRedis,
        Self::StopRedis,
        Self::PauseRedis,
        Self::StopStorage,
        Self::PauseStorage,
    ];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KillWorker => "a worker killed (SIGKILL)",
            Self::PauseWorker => "a worker paused (SIGSTOP, SIGCONT)",
            Self::TerminateWorker => "a worker told to end (SIGTERM)",
            Self::KillServer => "a server killed",
            Self::PauseServer => "a server paused",
            Self::RestartPostgres => "PostgreSQL killed and started again",
            Self::PausePostgres => "PostgreSQL paused",
            Self::FlushRedis => "Redis emptied",
            Self::StopRedis => "Redis killed and started again",
            Self::PauseRedis => "Redis paused",
            Self::StopStorage => "the S3 server killed and started again",
            Self::PauseStorage => "the S3 server paused",
        })
    }
}

/// A fault, when it begins and how long it lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) at: Duration,
    pub(crate) fault: Fault,
    pub(crate) lasts: Duration,
    /// Which of several it happens to.
    pub(crate) target: usize,
}

pub(crate) struct Plan {
    pub(crate) size: Size,
    pub(crate) calls: Vec<CallPlan>,
    pub(crate) events: Vec<Event>,
}

impl Plan {
    pub(crate) fn new(size: Size) -> Self {
        let mut dice = Dice::of(size.seed, "plan");
        let calls = (0..size.calls).map(|n| call(n, size, &mut dice)).collect();
        let time = u64::try_from(size.time.as_millis()).unwrap();
        let mut events: Vec<_> = (0..size.faults)
            .map(|n| Event {
                at: dice.millis(0, time),
                // Each kind at least once, where there are as many.
                fault: Fault::ALL
                    .get(usize::try_from(n).unwrap())
                    .copied()
                    .unwrap_or_else(|| *dice.pick(&Fault::ALL)),
                lasts: dice.millis(300, 5_000),
                target: usize::try_from(dice.below(1_000)).unwrap(),
            })
            .collect();
        events.sort_by_key(|event| event.at);
        Self { size, calls, events }
    }
}

fn call(n: u64, size: Size, dice: &mut Dice) -> CallPlan {
    let time = u64::try_from(size.time.as_millis()).unwrap();
    CallPlan {
        sid: format!("CA{n:05}"),
        bytes: usize::try_from(match dice.below(20) {
            // Longer than one part of an upload.
            0 => 9_000_000 + dice.below(4_000_000),
            1..4 => 200_000 + dice.below(2_000_000),
            _ => 1_000 + dice.below(150_000),
        })
        .unwrap(),
        provided: match dice.below(20) {
            0 => Provided::Gone,
            1 => Provided::Page,
            2 => Provided::Broken,
            _ => Provided::Sometimes,
        },
        turn: match dice.below(12) {
            0 => Turn::Moved,
            1 => Turn::Deleted,
            2 => Turn::Prefetched,
            _ => Turn::Nothing,
        },
        turn_after: dice.millis(0, 6_000),
        listeners: if dice.percent(5) { 40 } else { 1 + dice.below(3) },
        first_listener: dice.millis(0, time),
    }
}

/// The recording's bytes: a WAV of noise, another for each version of its URL.
pub(crate) fn recording(call: &CallPlan, version: u32, seed: u64) -> Vec<u8> {
    let bytes = call.bytes & !1; // whole samples
    let size = |bytes: usize| u32::try_from(bytes).unwrap().to_le_bytes();
    let mut wav = [
        &b"RIFF"[..],
        &size(bytes - 8),
        b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data",
        &size(bytes - 44),
    ]
    .concat();
    let mut dice = Dice::of(seed, &format!("{}/{version}", call.sid));
    while wav.len() < bytes {
        wav.extend(dice.next().to_le_bytes());
    }
    wav.truncate(bytes);
    wav
}
