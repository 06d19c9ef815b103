//! The keyboard shortcuts of a focused player. Pure.

/// A command of the listener.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Command {
    Toggle,
    /// Seconds, forwards or back.
    SeekBy(f64),
    /// Seconds from the start.
    SeekTo(f64),
    /// Drags the playhead to so many seconds from the start.
    Scrub(f64),
    /// Ends the drag.
    EndScrub,
    /// A share of the whole, 0 to 1.
    SeekToShare(f64),
    VolumeBy(f64),
    /// 0 to 1.
    Volume(f64),
    Mute,
    /// An index of [`super::listening::SPEEDS`].
    Speed(usize),
    Faster,
    Slower,
    /// Mutes or unmutes a lane.
    MuteLane(usize),
    /// Plays a lane alone, or all again.
    Solo(usize),
    SkipSilence,
    /// Sets the start, then the end of the repeated time span, then clears both.
    Repeat,
    /// Copies a link to this position.
    CopyLink,
    /// Shows the keyboard shortcuts.
    Help,
}

impl Command {
    /// Whether holding the key down repeats it.
    pub(crate) fn repeats(self) -> bool {
        matches!(self, Self::SeekBy(_) | Self::VolumeBy(_) | Self::Faster | Self::Slower)
    }
}

/// The focused element, as far as it has keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    /// A button or link: Space and Enter press it.
    Pressable,
    /// The seek slider.
    Seek,
    /// The volume slider: the arrows, Home and End move it.
    Volume,
    /// The list of speeds: every key is its own.
    Choice,
    Other,
}

/// The command of a key, if it has one. `key` and `code` are those of the keyboard event: where the
/// layout writes no Latin letters (Hebrew does not), the key's place decides.
pub(crate) fn command(key: &str, code: &str, focus: Focus) -> Option<Command> {
    if focus == Focus::Choice {
        return None;
    }
    if focus == Focus::Volume && (key.starts_with("Arrow") || key == "Home" || key == "End") {
        return None;
    }
    let is_latin = key.len() == 1;
    let letter = if is_latin || key.chars().count() > 1 {
        key
    } else {
        code.strip_prefix("Key").unwrap_or(code)
    };
    Some(match letter {
        " " if focus == Focus::Pressable => return None,
        " " | "k" | "K" => Command::Toggle,
        "j" | "J" => Command::SeekBy(-10.0),
        "l" | "L" => Command::SeekBy(10.0),
        "ArrowLeft" => Command::SeekBy(-5.0),
        "ArrowRight" => Command::SeekBy(5.0),
        "ArrowDown" if focus == Focus::Seek => Command::SeekBy(-5.0),
        "ArrowUp" if focus == Focus::Seek => Command::SeekBy(5.0),
        "ArrowDown" => Command::VolumeBy(-0.1),
        "ArrowUp" => Command::VolumeBy(0.1),
        "Home" => Command::SeekToShare(0.0),
        "End" => Command::SeekToShare(1.0),
        "m" | "M" => Command::Mute,
        "<" => Command::Slower,
        ">" => Command::Faster,
        "?" => Command::Help,
        _ => match letter.as_bytes() {
            [digit @ b'0'..=b'9'] => Command::SeekToShare(f64::from(digit - b'0') / 10.0),
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_work_wherever_the_focus_is() {
        for focus in [Focus::Pressable, Focus::Seek, Focus::Volume, Focus::Other] {
            assert_eq!(command("k", "KeyK", focus), Some(Command::Toggle));
            assert_eq!(command("J", "KeyJ", focus), Some(Command::SeekBy(-10.0)));
            assert_eq!(command("m", "KeyM", focus), Some(Command::Mute));
            assert_eq!(command("7", "Digit7", focus), Some(Command::SeekToShare(0.7)));
            assert_eq!(command(">", "Period", focus), Some(Command::Faster));
            assert_eq!(command("?", "Slash", focus), Some(Command::Help));
        }
    }

    #[test]
    fn a_hebrew_keyboard_has_the_same_keys_in_the_same_places() {
        assert_eq!(command("ל", "KeyK", Focus::Other), Some(Command::Toggle));
        assert_eq!(command("ך", "KeyL", Focus::Other), Some(Command::SeekBy(10.0)));
    }

    #[test]
    fn a_control_keeps_the_keys_that_are_its_own() {
        assert_eq!(command(" ", "Space", Focus::Pressable), None);
        assert_eq!(command(" ", "Space", Focus::Seek), Some(Command::Toggle));
        assert_eq!(command("ArrowLeft", "ArrowLeft", Focus::Volume), None);
        assert_eq!(command("Home", "Home", Focus::Volume), None);
        assert_eq!(command("m", "KeyM", Focus::Choice), None);
    }

    #[test]
    fn other_keys_are_left_alone() {
        for key in ["Tab", "Enter", "Escape", "x", "é", "", "F5"] {
            assert_eq!(command(key, key, Focus::Other), None, "{key}");
        }
    }
}
