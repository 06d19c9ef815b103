//! Which channels of a call are audible. Pure.

/// The two lanes of a recording with two channels.
pub(crate) const LANES: usize = 2;

/// Mute and solo of two lanes: the agent's is the first channel, the customer's the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lanes {
    is_muted: [bool; LANES],
    /// The lane that is played alone.
    solo: Option<usize>,
}

impl Lanes {
    pub(crate) fn toggle_mute(&mut self, lane: usize) {
        self.is_muted[lane] = !self.is_muted[lane];
    }

    /// Plays this lane alone, or again all that are not muted.
    pub(crate) fn toggle_solo(&mut self, lane: usize) {
        self.solo = (self.solo != Some(lane)).then_some(lane);
    }

    pub(crate) fn is_muted(&self, lane: usize) -> bool {
        self.is_muted[lane]
    }

    pub(crate) fn is_solo(&self, lane: usize) -> bool {
        self.solo == Some(lane)
    }

    /// Solo overrides mute.
    pub(crate) fn is_heard(&self, lane: usize) -> bool {
        self.solo.map_or(!self.is_muted[lane], |solo| solo == lane)
    }

    /// The gain of each lane to the left and the right ear. Two audible lanes keep their own ears, as
    /// recorded; a single audible lane goes to both.
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
    fn a_single_lane_goes_to_both_ears_and_two_lanes_stay_separate() {
        let mut lanes = Lanes::default();
        assert_eq!(lanes.gains(), BOTH);
        lanes.toggle_mute(0);
        assert_eq!(lanes.gains(), SECOND);
        lanes.toggle_mute(1);
        assert_eq!(lanes.gains(), [[0.0; 2]; 2]);
    }

    #[test]
    fn solo_keeps_the_mutes() {
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
