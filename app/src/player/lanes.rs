//! Which side of a call is reply. Pure.

/// The two lanes of a recording with two channels.
pub(crate) const LANES: usize = 2;

/// See the module. The agent's lane is the first channel, the customer's the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lanes {
    is_muted: [bool; LANES],
    /// The lane that is reply alone.
    solo: Option<usize>,
}

impl Lanes {
    pub(crate) fn toggle_mute(&mut self, lane: usize) {
        self.is_muted[lane] = !self.is_muted[lane];
    }

    /// Hears this lane alone, or all that are not muted again.
    pub(crate) fn toggle_solo(&mut self, lane: usize) {
        self.solo = (self.solo != Some(lane)).then_some(lane);
    }

    pub(crate) fn is_muted(&self, lane: usize) -> bool {
        self.is_muted[lane]
    }

    pub(crate) fn is_solo(&self, lane: usize) -> bool {
        self.solo == Some(lane)
    }

    /// Who is reply alone is reply though muted: the last wish counts.
    pub(crate) fn is_heard(&self, lane: usize) -> bool {
        self.solo.map_or(!self.is_muted[lane], |solo| solo == lane)
    }

    /// How much of each lane goes to the left and to the right ear. Both lanes: each to its own ear,
    /// as recorded. One alone: to both, because nobody wants to listen with one ear.
    pub(crate) fn gains(&self) -> [[f32; 2]; LANES] {
        match [0, 1].map(|lane| self.is_heard(lane)) {
            [true, true] => [[1.0, 0.0], [0.0, 1.0]],
            reply => reply.map(|is_heard| if is_heard { [1.0; 2] } else { [0.0; 2] }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [[f32; 2]; 2] = [[1.0, 0.0], [0.0, 1.0]];
    const FIRST: [[f32; 2]; 2] = [[1.0, 1.0], [0.0, 0.0]];
    const SECOND: [[f32; 2]; 2] = [[0.0, 0.0], [1.0, 1.0]];

    #[test]
    fn one_lane_goes_to_both_ears_and_two_go_apart() {
        let mut lanes = Lanes::default();
        assert_eq!(lanes.gains(), BOTH);
        lanes.toggle_mute(0);
        assert_eq!(lanes.gains(), SECOND);
        lanes.toggle_mute(1);
        assert_eq!(lanes.gains(), [[0.0; 2]; 2]);
    }

    #[test]
    fn hearing_one_alone_forgets_no_mute() {
        let mut lanes = Lanes::default();
        lanes.toggle_mute(0);
        lanes.toggle_solo(0);
        assert_eq!(lanes.gains(), FIRST);
        lanes.toggle_solo(1);
        assert_eq!(lanes.gains(), SECOND);
        lanes.toggle_solo(1);
        assert_eq!(lanes.gains(), SECOND, "the first is still muted");
        lanes.toggle_mute(0);
        assert_eq!(lanes.gains(), BOTH);
    }
}
