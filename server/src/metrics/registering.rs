//! Makes metrics of one registry, each name once. Names and labels are constants of ours, so that
//! a bad or doubled one shows in the first test.

use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    Opts, Registry, core::Collector,
};

const GOOD: &str = "a name of ours, used once";

pub(super) struct Registering(Registry);

impl Registering {
    pub(super) fn new() -> Self {
        let registry = Registry::new_custom(Some("tapedeck".to_owned()), None);
        Self(registry.expect("a fixed prefix"))
    }

    pub(super) fn done(self) -> Registry {
        self.0
    }

    pub(super) fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.add(IntCounter::new(name, help).expect(GOOD))
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.add(IntCounterVec::new(Opts::new(name, help), labels).expect(GOOD))
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.add(IntGauge::new(name, help).expect(GOOD))
    }

    /// A gauge that has this value, which may be a fraction.
    pub(super) fn value(&self, name: &str, help: &str, value: f64) {
        self.add(Gauge::new(name, help).expect(GOOD)).set(value);
    }

    /// A gauge with a value for each of a label's.
    pub(super) fn values(&self, name: &str, help: &str, label: &str, values: &[(&str, f64)]) {
        let gauges = self.add(GaugeVec::new(Opts::new(name, help), &[label]).expect(GOOD));
        for (word, value) in values {
            gauges.with_label_values(&[*word]).set(*value);
        }
    }

    pub(super) fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.add(Histogram::with_opts(options).expect(GOOD))
    }

    pub(super) fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        buckets: &[f64],
    ) -> HistogramVec {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.add(HistogramVec::new(options, labels).expect(GOOD))
    }

    fn add<C: Collector + Clone + 'static>(&self, metric: C) -> C {
        self.0.register(Box::new(metric.clone())).expect(GOOD);
        metric
    }
}
