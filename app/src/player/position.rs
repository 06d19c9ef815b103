//! The saved positions of recordings, as one line of text. Pure; `storage` keeps the text in the browser.

use crate::format::whole_seconds;

/// The most positions that are kept; the oldest go first.
const MOST: usize = 200;
/// A position this close to the start or the end, in seconds, is not saved: the next visit starts over.
const EDGE: f64 = 3.0;

/// The saved position of a recording, in whole seconds. `positions` is what [`save`] returned.
pub(crate) fn recall(positions: &str, key: &str) -> Option<u32> {
    entries(positions).find_map(|(call, at)| (call == key).then(|| at.parse().ok())?)
}

/// `positions` with this recording's, the newest first: `CA1 83;CA2 7`. Keys contain neither spaces nor
/// semicolons.
pub(crate) fn save(positions: &str, key: &str, at: f64, length: f64) -> String {
    let newest =
        (at >= EDGE && at <= length - EDGE).then(|| format!("{key} {}", whole_seconds(at)));
    let others =
        entries(positions).filter(|(call, _)| *call != key).map(|(call, at)| [call, at].join(" "));
    newest.into_iter().chain(others).take(MOST).collect::<Vec<_>>().join(";")
}

fn entries(positions: &str) -> impl Iterator<Item = (&str, &str)> {
    positions.split(';').filter_map(|entry| entry.split_once(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_position_of_a_recording_is_recalled() {
        let positions = save("", "CA1", 83.9, 200.0);
        let positions = save(&positions, "CA2", 7.0, 60.0);
        let positions = save(&positions, "CA1", 90.0, 200.0);
        assert_eq!(positions, "CA1 90;CA2 7");
        assert_eq!(recall(&positions, "CA1"), Some(90));
        assert_eq!(recall(&positions, "CA2"), Some(7));
        assert_eq!(recall(&positions, "CA"), None);
    }

    #[test]
    fn a_recording_played_to_its_end_starts_over() {
        assert_eq!(save("CA1 90;CA2 7", "CA1", 199.0, 200.0), "CA2 7");
        assert_eq!(save("CA1 90", "CA1", 1.0, 200.0), "");
    }

    #[test]
    fn the_oldest_positions_are_dropped() {
        let positions = (0..500)
            .fold(String::new(), |positions, n| save(&positions, &format!("CA{n}"), 9.0, 60.0));
        assert_eq!(entries(&positions).count(), MOST);
        assert_eq!(recall(&positions, "CA499"), Some(9));
        assert_eq!(recall(&positions, "CA1"), None);
    }

    #[test]
    fn malformed_text_has_no_position() {
        for rubbish in ["", ";;", "CA1", "CA1 x", "CA1 -5", "{\"CA1\":5}"] {
            assert_eq!(recall(rubbish, "CA1"), None, "{rubbish}");
        }
    }
}
