//! Playback options: repeating a time span, skipping silences, the speeds. Pure.

use super::waveform::TimeSpan;

/// The available speeds: the label, and the audio element's rate.
pub(crate) const SPEEDS: [(&str, f64); 8] = [
    ("0.5", 0.5),
    ("0.75", 0.75),
    ("1", 1.0),
    ("1.25", 1.25),
    ("1.5", 1.5),
    ("2", 2.0),
    ("2.5", 2.5),
    ("3", 3.0),
];
/// The index of normal speed.
pub(crate) const AS_RECORDED: usize = 2;
/// The index of a rate, if it is one of the speeds.
#[cfg(any(feature = "hydrate", test))]
pub(crate) fn speed_of(rate: f64) -> Option<usize> {
    SPEEDS.iter().position(|(_, speed)| (rate - speed).abs() < 0.01)
}

/// The shortest time span that can be repeated, in seconds.
const SHORTEST: f64 = 0.5;
/// The shortest rest of a silence that is skipped, in seconds: a shorter jump costs as much time.
const WORTH_A_JUMP: f64 = 0.3;

/// The repeated time span (A-B). Seconds from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Repeat {
    #[default]
    Off,
    /// Its start is set, its end not yet.
    From(f64),
    Within(TimeSpan),
}

/// The playback options of one player.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Listening {
    pub(crate) repeat: Repeat,
    pub(crate) skips_silence: bool,
    /// The silences that can be skipped, in order.
    pub(crate) silences: Vec<TimeSpan>,
}

impl Listening {
    /// The button that sets the start, then the end, then clears both.
    pub(crate) fn press_repeat(&mut self, at: f64) {
        self.repeat = match self.repeat {
            Repeat::Off => Repeat::From(at),
            // Pressed before A: the span between the two positions.
            Repeat::From(a) if (at - a).abs() >= SHORTEST => {
                Repeat::Within(TimeSpan { from: a.min(at), to: a.max(at) })
            }
            Repeat::From(_) | Repeat::Within(_) => Repeat::Off,
        };
    }

    /// The position to jump to from `at`, if any.
    pub(crate) fn jump(&self, at: f64) -> Option<f64> {
        if let Repeat::Within(stretch) = self.repeat
            && at >= stretch.to
        {
            return Some(stretch.from);
        }
        if !self.skips_silence {
            return None;
        }
        let silence = self.silences.iter().find(|silence| silence.to > at)?;
        (silence.from <= at && silence.to - at > WORTH_A_JUMP).then_some(silence.to)
    }

    /// The seconds that skipping silences saves.
    pub(crate) fn saved(&self) -> f64 {
        self.silences.iter().map(|silence| silence.to - silence.from).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening() -> Listening {
        let silences = vec![TimeSpan { from: 2.0, to: 4.0 }, TimeSpan { from: 8.0, to: 11.0 }];
        Listening { silences, ..Listening::default() }
    }

    #[test]
    fn a_known_rate_has_an_index_and_any_other_has_none() {
        assert_eq!(speed_of(1.0), Some(AS_RECORDED));
        assert_eq!([0.5, 3.0, 1.1].map(speed_of), [Some(0), Some(7), None]);
    }

    #[test]
    fn silences_are_skipped_only_when_the_option_is_on() {
        let mut listening = listening();
        assert_eq!(listening.jump(3.0), None);
        listening.skips_silence = true;
        let jumps = [1.9, 2.0, 3.0, 3.9, 4.0, 7.9, 8.5, 11.0, 60.0].map(|at| listening.jump(at));
        let (four, eleven) = (Some(4.0), Some(11.0));
        assert_eq!(jumps, [None, four, four, None, None, None, eleven, None, None]);
        assert_eq!(format!("{}", listening.saved()), "5");
    }

    #[test]
    fn a_time_span_repeats_from_its_start() {
        let mut listening = listening();
        listening.press_repeat(5.0);
        assert_eq!((listening.repeat, listening.jump(9.0)), (Repeat::From(5.0), None));
        listening.press_repeat(7.0);
        assert_eq!(listening.jump(6.9), None);
        assert_eq!(listening.jump(7.0), Some(5.0));
        listening.press_repeat(6.0);
        assert_eq!((listening.repeat, listening.jump(9.0)), (Repeat::Off, None));
    }

    #[test]
    fn a_span_marked_backwards_is_ordered_and_one_without_length_is_dropped() {
        let mut listening = listening();
        listening.press_repeat(7.0);
        listening.press_repeat(5.0);
        assert_eq!(listening.repeat, Repeat::Within(TimeSpan { from: 5.0, to: 7.0 }));
        listening.repeat = Repeat::From(5.0);
        listening.press_repeat(5.1);
        assert_eq!(listening.repeat, Repeat::Off);
    }

    #[test]
    fn a_silence_across_the_end_of_the_span_leads_back_to_its_start() {
        let mut listening = listening();
        listening.skips_silence = true;
        listening.repeat = Repeat::Within(TimeSpan { from: 6.0, to: 9.0 });
        let silence_left = listening.jump(8.1).unwrap();
        assert_eq!(listening.jump(silence_left), Some(6.0));
    }
}
