//! Whole documents, as the server sends them.

use shared::{ErrorCode, body::CallsBody};

use crate::{Assets, CallsPage, Chrome, Lang, Page, ProblemPage, Session, SignInPage, render};

fn chrome(lang: Lang) -> Chrome {
    Chrome {
        assets: Assets {
            script: "/pkg/tapedeck.a.js".into(),
            wasm: "/pkg/tapedeck.a.wasm".into(),
            style: "/pkg/tapedeck.a.css".into(),
        },
        lang,
        here: "/".into(),
        session: Session::None,
    }
}

fn empty_list(q: &str) -> Page {
    let body = CallsBody { calls: Vec::new(), next: None };
    Page::Calls(CallsPage { body, q: q.into(), state: None, is_later: false })
}

#[test]
fn a_document_says_its_language_and_direction() {
    assert!(
        render(empty_list(""), &chrome(Lang::En))
            .starts_with("<!doctype html><html lang=\"en\" dir=\"ltr\">")
    );
    assert!(render(empty_list(""), &chrome(Lang::He)).contains("<html lang=\"he\" dir=\"rtl\">"));
}

#[test]
fn what_a_visitor_typed_is_escaped() {
    let html = render(empty_list("\"><script>alert(1)</script>"), &chrome(Lang::En));
    assert!(!html.contains("<script>alert"), "{html}");
    assert!(!html.contains("value=\"\">"), "{html}");
}

#[test]
fn nothing_is_inline_that_the_content_security_policy_forbids() {
    let sign_in = SignInPage { failed: true, next: "/calls/CA1".into() };
    let problem = ProblemPage { status: 404, code: ErrorCode::CallNotFound, call_sid: None };
    for page in [empty_list(""), Page::SignIn(sign_in), Page::Problem(problem)] {
        let html = render(page, &chrome(Lang::En));
        assert!(!html.contains(" style=") && !html.contains("<style"), "{html}");
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert!(!html.contains(" onclick="), "{html}");
    }
}
