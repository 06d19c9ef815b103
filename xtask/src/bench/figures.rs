//! What a benchmark of another part prints: lines `name value`, and lines `plan …` to be quoted.

use std::collections::HashMap;

use crate::checkout::Outcome;

#[derive(Default)]
pub(super) struct Figures {
    values: HashMap<String, f64>,
    pub(super) plans: Vec<String>,
}

impl Figures {
    pub(super) fn read(&mut self, text: &str) {
        for line in text.lines() {
            if let Some(plan) = line.strip_prefix("plan ") {
                self.plans.push(plan.to_owned());
            } else if let Some((name, value)) = line.split_once(' ')
                && let Ok(value) = value.parse()
            {
                self.values.insert(name.to_owned(), value);
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Outcome<f64> {
        self.values.get(name).copied().ok_or_else(|| format!("the benches gave no {name}"))
    }
}
