//! The demo's calls, each in another state. Numbers are from the range kept free for fiction.

use std::time::Duration;

use shared::CallSid;

use super::provider;
use crate::model::Direction::{self, Inbound, Outbound};

/// One call of the demo.
pub(super) struct DemoCall {
    pub(super) call_sid: &'static str,
    pub(super) direction: Direction,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// How long before it was first registered it began.
    pub(super) ago: Duration,
    /// How long it lasted.
    pub(super) seconds: u32,
    /// Where the provider has its recording.
    pub(super) path: Option<&'static str>,
    /// Whether it is to be fetched before anybody asks, so that its state shows at once.
    pub(super) is_prefetched: bool,
}

impl DemoCall {
    pub(super) fn call_sid(&self) -> CallSid {
        self.call_sid.parse().expect("the demo's ids are call ids")
    }
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

const WORKSHOP: &str = "+1 555 0100";

/// Newest first, as they stand in the list.
pub(super) const CALLS: [DemoCall; 7] = [
    DemoCall {
        call_sid: "demo-ready",
        direction: Inbound,
        from: "+1 555 0142",
        to: WORKSHOP,
        ago: minutes(4),
        seconds: 87,
        path: Some(provider::QUICK),
        is_prefetched: true,
    },
    DemoCall {
        call_sid: "demo-not-fetched",
        direction: Inbound,
        from: "נועה לוי",
        to: WORKSHOP,
        ago: minutes(17),
        seconds: 87,
        path: Some(provider::UNHURRIED),
        is_prefetched: false,
    },
    DemoCall {
        call_sid: "demo-slow",
        direction: Outbound,
        from: WORKSHOP,
        to: "Slow provider",
        ago: minutes(52),
        seconds: 87,
        path: Some(provider::SLOW),
        is_prefetched: false,
    },
    DemoCall {
        call_sid: "demo-voicemail",
        direction: Inbound,
        from: "+1 555 0163",
        to: "Voicemail",
        ago: minutes(95),
        seconds: 20,
        path: Some(provider::VOICEMAIL),
        is_prefetched: true,
    },
    DemoCall {
        call_sid: "demo-no-url",
        direction: Outbound,
        from: WORKSHOP,
        to: "+1 555 0188",
        ago: minutes(180),
        seconds: 12,
        path: None,
        is_prefetched: false,
    },
    DemoCall {
        call_sid: "demo-gone",
        direction: Inbound,
        from: "+1 555 0109",
        to: WORKSHOP,
        ago: minutes(1_500),
        seconds: 64,
        path: Some(provider::GONE),
        is_prefetched: true,
    },
    DemoCall {
        call_sid: "demo-failing",
        direction: Inbound,
        from: "+1 555 0171",
        to: WORKSHOP,
        ago: minutes(3_000),
        seconds: 140,
        path: Some(provider::FAILING),
        is_prefetched: true,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ids_and_the_order_is_that_of_the_list() {
        assert!(CALLS.iter().all(|call| call.call_sid().as_str() == call.call_sid));
        assert!(CALLS.is_sorted_by_key(|call| call.ago));
    }
}
