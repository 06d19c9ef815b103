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
