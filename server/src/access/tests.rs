use super::*;
use crate::clock::TestClock;
use http::HeaderValue;
use std::time::Duration;

const TOKEN: &str = "correct-horse-battery";

struct Gate {
    access: Access,
    clock: Arc<TestClock>,
}

fn gate(token: bool, public: bool) -> Gate {
    let clock = Arc::new(TestClock::new());
    let token = token.then(|| AdminToken::parse(TOKEN).unwrap());
    Gate { access: Access::new(token, public, clock.clone()), clock }
}

impl Gate {
    fn ask(&self, line: &str, headers: &[(&'static str, &str)]) -> Result<Grant, Denial> {
        let (method, path) = line.split_once(' ').unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        self.access.check(&method.parse().unwrap(), &path.parse().unwrap(), &map)
    }
}

const EVERYTHING: Result<Grant, Denial> = Ok(Grant::Everything { by_session: false });

#[test]
fn without_a_token_only_this_machine_is_served() {
    let gate = gate(false, false);
    for host in ["localhost", "localhost:3000", "LOCALHOST:3000", "127.0.0.1:3000", "[::1]:3000"] {
        assert_eq!(gate.ask("GET /", &[("host", host)]), EVERYTHING, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1@evil.example", "10.0.0.1", ""]
    {
        assert_eq!(gate.ask("GET /", &[("host", host)]), Err(Denial::ForeignHost), "{host}");
    }
    assert_eq!(gate.ask("GET /", &[]), Err(Denial::ForeignHost));
}

#[test]
fn a_foreign_page_can_change_nothing() {
    for gate in [gate(false, false), gate(true, true)] {
        let put = "PUT /api/calls/CA1";
        let host = ("host", "localhost:3000");
        for origin in
            ["http://evil.example", "null", "http://localhost:4000", "http://127.0.0.1:3000"]
        {
            let answer = gate.ask(put, &[host, ("origin", origin)]);
            assert_eq!(answer, Err(Denial::ForeignOrigin), "{origin}");
        }
        let own = gate.ask(put, &[host, ("origin", "http://localhost:3000")]);
        assert_ne!(own, Err(Denial::ForeignOrigin));
        assert_ne!(gate.ask(put, &[host]), Err(Denial::ForeignOrigin), "programs send no origin");
    }
}

#[test]
fn with_a_token_it_is_needed_for_all_but_health_files_and_the_way_in() {
    let gate = gate(true, false);
    let host = ("host", "tapedeck.example");
    let open =
        ["/healthz", "/readyz", "/sign-in", "/pkg/tapedeck.js", "/hydrate.js", "/live-update.js"];
    for open in open {
        assert_eq!(gate.ask(&format!("GET {open}"), &[host]), Ok(Grant::Open), "{open}");
    }
    for shut in ["/", "/api/calls", "/api/recordings/file/CA1", "/api/queue", "/nowhere"] {
        let line = format!("GET {shut}");
        assert_eq!(gate.ask(&line, &[host]), Err(Denial::Unauthorized), "{shut}");
        let right = format!("Bearer {TOKEN}");
        assert_eq!(gate.ask(&line, &[host, ("authorization", &right)]), EVERYTHING);
        for wrong in ["Bearer wrong", "Basic correct-horse-battery", TOKEN, "Bearer", "Bearer "] {
            let answer = gate.ask(&line, &[host, ("authorization", wrong)]);
            assert_eq!(answer, Err(Denial::Unauthorized), "{wrong}");
        }
    }
}

#[test]
fn a_session_opens_everything_until_it_is_over_or_forged() {
    let gate = gate(true, false);
    let set = gate.access.sessions().unwrap().sign_in(true);
    let set = set.to_str().unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
        assert!(set.contains(attribute), "{set}");
    }
    let cookie = set.split(';').next().unwrap();
    let ask = |cookie: &str| gate.ask("GET /api/calls", &[("cookie", cookie)]);
    assert_eq!(ask(cookie), Ok(Grant::Everything { by_session: true }));
    assert_eq!(ask(&format!("a=b; {cookie}")), Ok(Grant::Everything { by_session: true }));

    let (name, value) = cookie.split_once('=').unwrap();
    let (until, signature) = value.split_once('.').unwrap();
    let later = until.parse::<i64>().unwrap() + 1;
    for forged in [format!("{later}.{signature}"), format!("{until}."), until.to_owned()] {
        assert_eq!(ask(&format!("{name}={forged}")), Err(Denial::Unauthorized), "{forged}");
    }
    gate.clock.advance(Duration::from_hours(30 * 24));
    assert_eq!(ask(cookie), Err(Denial::Unauthorized));
}

#[test]
fn public_playback_opens_the_recording_and_nothing_that_changes_it() {
    let gate = gate(true, true);
    let host = ("host", "tapedeck.example");
    let open =
        ["/api/recordings/file/CA1", "/api/recordings/peaks/CA1", "/api/calls/CA1", "/embed/CA1"];
    for open in open {
        assert_eq!(gate.ask(&format!("GET {open}"), &[host]), Ok(Grant::Playback), "{open}");
    }
    for shut in [
        "GET /",
        "GET /api/calls",
        "GET /api/calls/",
        "GET /calls/CA1",
        "DELETE /api/recordings/file/CA1",
        "PUT /api/calls/CA1",
        "POST /api/calls/CA1/retry",
        "POST /calls/CA1/retry",
        "GET /status",
        "GET /api/queue/events",
        "GET /api/queue",
    ] {
        assert_eq!(gate.ask(shut, &[host]), Err(Denial::Unauthorized), "{shut}");
    }
}
