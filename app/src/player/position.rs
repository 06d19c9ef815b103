//! Where each call was left, from one visit to the next: how that is written down. `storage` has the browser keep it.
//! Pure.

use crate::format::whole_seconds;

/// Calls whose place is remembered; the oldest are forgotten first.
const MOST_CALLS: usize = 200;
/// Who has reply less than this, in seconds, starts anew, and so does who has come this near to the end.
const EDGE: f64 = 3.0;

/// Where a call was left, in whole seconds. `places` is what [`leave`] wrote.
pub(crate) fn recall(places: &str, call_sid: &str) -> Option<u32> {
    entries(places).find_map(|(call, at)| (call == call_sid).then(|| at.parse().ok())?)
}

/// `places` with where this call was left, the newest first: `CA1 83;CA2 7`. No call id has a space or a
/// semicolon in it.
pub(crate) fn leave(places: &str, call_sid: &str, at: f64, length: f64) -> String {
    let newest =
        (at >= EDGE && at <= length - EDGE).then(|| format!("{call_sid} {}", whole_seconds(at)));
    let others = entries(places)
        .filter(|(call, _)| *call != call_sid)
        .map(|(call, at)| [call, at].join(" "));
    newest.into_iter().chain(others).take(MOST_CALLS).collect::<Vec<_>>().join(";")
}

fn entries(places: &str) -> impl Iterator<Item = (&str, &str)> {
    places.split(';').filter_map(|entry| entry.split_once(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_of_a_call_is_found_again() {
        let places = leave("", "CA1", 83.9, 200.0);
        let places = leave(&places, "CA2", 7.0, 60.0);
        let places = leave(&places, "CA1", 90.0, 200.0);
        assert_eq!(places, "CA1 90;CA2 7");
        assert_eq!(recall(&places, "CA1"), Some(90));
        assert_eq!(recall(&places, "CA2"), Some(7));
        assert_eq!(recall(&places, "CA"), None);
    }

    #[test]
    fn a_call_heard_to_its_end_starts_anew() {
        assert_eq!(leave("CA1 90;CA2 7", "CA1", 199.0, 200.0), "CA2 7");
        assert_eq!(leave("CA1 90", "CA1", 1.0, 200.0), "");
    }

    #[test]
    fn only_so_many_calls_are_remembered() {
        let places =
            (0..500).fold(String::new(), |places, n| leave(&places, &format!("CA{n}"), 9.0, 60.0));
        assert_eq!(entries(&places).count(), MOST_CALLS);
        assert_eq!(recall(&places, "CA499"), Some(9));
        assert_eq!(recall(&places, "CA1"), None);
    }

    #[test]
    fn rubbish_is_no_place() {
        for rubbish in ["", ";;", "CA1", "CA1 x", "CA1 -5", "{\"CA1\":5}"] {
            assert_eq!(recall(rubbish, "CA1"), None, "{rubbish}");
        }
    }
}
