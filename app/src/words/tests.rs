use super::*;

#[test]
fn the_visitors_first_choice_that_we_speak_wins() {
    for (header, lang) in [
        ("", Lang::En),
        ("he", Lang::He),
        ("he-IL,he;q=0.9,en-US;q=0.8,en;q=0.7", Lang::He),
        ("iw", Lang::He),
        ("fr-FR, he;q=0.5, en;q=0.4", Lang::He),
        ("en;q=0.4, he;q=0.5", Lang::He),
        ("de, fr", Lang::En),
        ("he;q=0", Lang::En),
        ("he;q=rubbish", Lang::He),
        (";;;,,,", Lang::En),
    ] {
        assert_eq!(Lang::from_accept_language(header), lang, "{header:?}");
    }
}

#[test]
fn a_language_is_found_by_its_code() {
    for lang in Lang::ALL {
        assert_eq!(Lang::from_code(lang.code()), Some(lang));
    }
    assert_eq!(Lang::from_code("helo"), None);
}

/// The listener's words that the contract fixes.
#[test]
fn english_says_what_the_contract_says() {
    let words = Lang::En.player();
    assert_eq!(words.not_found.headline, "Recording not found - no recording URL for this call");
    assert_eq!(
        words.worker_offline.headline,
        "Recording worker not responding. Please try again later or contact support."
    );
    assert_eq!(
        (words.timed_out)(187),
        "Recording still being prepared (waited 187 seconds). Can take up to 3 minutes for long recordings."
    );
    assert_eq!(words.preparing, "Recording is being prepared");
    assert_eq!((words.preparing_again)(2, 3), "Recording is being prepared again (attempt 2/3)");
}

/// The file of a language, as it stands here.
fn source(lang: Lang) -> &'static str {
    match lang {
        Lang::En => include_str!("en.rs"),
        Lang::He => include_str!("he.rs"),
    }
}

/// The texts of a file in double quotes, each with the last key before it.
fn texts(source: &str) -> Vec<(String, String)> {
    let (mut texts, mut key) = (Vec::new(), String::new());
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let source = code.collect::<Vec<_>>().join("\n").replace("\\\n", "");
    for (at, piece) in source.split('"').enumerate() {
        if at % 2 == 1 {
            texts.push((key.clone(), piece.split_whitespace().collect::<Vec<_>>().join(" ")));
        } else if let Some(colon) = piece.rfind(": ") {
            let before = &piece[..colon];
            let is_in_word = |c: char| c.is_alphanumeric() || c == '_';
            key = before.rsplit(|c| !is_in_word(c)).next().unwrap_or_default().to_owned();
        }
    }
    texts
}

/// Whether it is a sentence or a label, and not a word for programs, a unit or a number alone.
fn is_for_people(text: &str) -> bool {
    let mut depth = 0;
    let spoken: String = text
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            depth == 0 && *c != '}'
        })
        .collect();
    let is_label = spoken.starts_with(char::is_uppercase) || spoken.trim().contains(' ');
    is_label && spoken.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() > 2)
}

#[test]
fn no_language_leaves_a_text_empty() {
    for lang in Lang::ALL {
        let texts = texts(source(lang));
        assert!(texts.len() > 200, "{lang:?}: {}", texts.len());
        // There is nothing to say before anybody pressed Play.
        let empty = texts.iter().filter(|(key, text)| text.is_empty() && key != "idle");
        assert_eq!(empty.collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "{lang:?}");
    }
}

#[test]
fn no_language_leaves_a_text_in_english() {
    /// Names that are the same everywhere.
    const EVERYWHERE: [&str; 2] = ["SHA-256", "UTC"];
    let english: Vec<_> = texts(source(Lang::En)).into_iter().map(|(_, text)| text).collect();
    assert!(english.iter().filter(|text| is_for_people(text)).count() > 150);
    for lang in Lang::ALL.into_iter().filter(|lang| *lang != Lang::En) {
        let texts = texts(source(lang));
        let left = texts.iter().filter(|(_, text)| {
            is_for_people(text) && english.contains(text) && !EVERYWHERE.contains(&text.as_str())
        });
        assert_eq!(left.collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "{lang:?}");
    }
}

#[test]
fn the_api_speaks_the_contracts_english() {
    let words = Lang::En.api();
    for (detail, says) in [
        (Detail::NoRecordingUrl, "No recording URL for this call"),
        (
            Detail::WorkerNotResponding,
            "Recording worker not responding. Please try again later or contact support.",
        ),
        (Detail::RecordingFailed("provider answered 503".into()), "provider answered 503"),
    ] {
        assert_eq!((words.detail)(&detail), says);
    }
    assert_eq!((words.being_prepared)(2, 3), "Recording is being prepared again (attempt 2/3)");
}

#[test]
fn particulars_stand_after_the_sentence_in_every_language() {
    for lang in Lang::ALL {
        let says = |detail| (lang.api().detail)(&detail).into_owned();
        assert!(says(Detail::InvalidCall("to is not a text".into())).ends_with("to is not a text"));
        assert!(says(Detail::RecordingFailed("403".into())).ends_with("403"));
        assert!(says(Detail::NoSuchBytes(4711)).contains("4711"));
    }
}

#[test]
fn a_length_of_time_is_short_in_every_language() {
    for lang in Lang::ALL {
        for seconds in [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 10_000_000] {
            let span = (lang.page().span)(seconds);
            assert!((3..=16).contains(&span.chars().count()), "{lang:?} {seconds}: {span}");
        }
    }
    let span = Lang::En.page().span;
    assert_eq!([span(7), span(125), span(7_380)], ["7 s", "2 min", "2 h 3 min"]);
}
