use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Settings::read(variables).map_err(|error| error.to_string())
}

#[test]
fn without_any_variable_the_settings_are_the_documented_defaults() {
    let settings = read(&[]).unwrap();
    let DatabaseUrl::Sqlite(path) = settings.database else { panic!("SQLite is the default") };
    assert_eq!(path.to_str(), Some("data/tapedeck.db"));
    assert_eq!(settings.storage, StorageUrl::Files("data/recordings".into()));
    assert_eq!(settings.policy, Policy::default());
    assert_eq!(settings.run_deadline, Duration::from_secs(240));
    assert_eq!(settings.max_recording_bytes, 2 * 1024 * 1024 * 1024);
    assert_eq!(settings.site_addr.to_string(), "127.0.0.1:3000");
    assert!(!settings.under_cargo_leptos && settings.unknown.is_empty());
}

#[test]
fn the_origins_that_may_frame_the_player_are_read_and_are_none_by_default() {
    assert_eq!(read(&[]).unwrap().embed_origins, EmbedOrigins::default());
    let origins = ("TAPEDECK_EMBED_ORIGINS", "https://crm.example.com, https://*.example.org");
    let settings = read(&[origins]).unwrap();
    let sources = "https://crm.example.com https://*.example.org";
    assert_eq!(settings.embed_origins.to_string(), sources);
    assert!(settings.unknown.is_empty());
}

#[test]
fn the_run_deadline_follows_the_job_timeout() {
    let settings = read(&[("TAPEDECK_JOB_TIMEOUT", "10s")]).unwrap();
    assert_eq!(settings.run_deadline, Duration::from_secs(8));
}

#[test]
fn a_bad_value_is_one_line_that_names_the_variable_the_value_and_what_would_do() {
    for (name, value, says) in [
        ("TAPEDECK_JOB_TIMEOUT", "5x", "write it as 5m, 90s or 250ms"),
        ("TAPEDECK_JOB_TIMEOUT", "0s", "greater than zero"),
        ("TAPEDECK_JOB_TIMEOUT", "", "write it as"),
        ("TAPEDECK_LEASE", "-5s", "write it as"),
        ("TAPEDECK_LEASE", "2ns", "must be at least 3s"),
        ("TAPEDECK_SWEEP_INTERVAL", "999ms", "must be at least 1s"),
        ("TAPEDECK_LEASE", "900y", "longer than a year"),
        ("TAPEDECK_MAX_RETRY_ATTEMPTS", "0", "1 or more"),
        ("TAPEDECK_WORKER_CONCURRENCY", "many", "1 or more"),
        ("TAPEDECK_MAX_RECORDING_BYTES", "2 spoons", "2GiB"),
        ("TAPEDECK_DATABASE_URL", "mysql://x", "sqlite://data/tapedeck.db"),
        ("TAPEDECK_DATABASE_URL", "sqlite://", "names no file"),
        ("TAPEDECK_DATABASE_URL", "postgres://host:port/x", "postgres://user:password@host:5432"),
        ("TAPEDECK_STORAGE_URL", "ftp://x", "file://data/recordings"),
        ("TAPEDECK_STORAGE_URL", "s3://", "s3://bucket/prefix"),
        ("TAPEDECK_STORAGE_URL", "s3://Calls", "3 to 63 of a-z"),
        ("TAPEDECK_STORAGE_URL", "s3://calls//a", "s3://bucket/prefix"),
        ("TAPEDECK_PROVIDER_ALLOW", "a b", "a b"),
        ("TAPEDECK_PUBLIC_PLAYBACK", "yes", "neither true nor false"),
        ("TAPEDECK_LOG", "info,=,", "log filter"),
        ("TAPEDECK_LOG_FORMAT", "xml", "neither text nor json"),
        ("LEPTOS_SITE_ADDR", "localhost", "127.0.0.1:3000"),
        ("TAPEDECK_METRICS_ADDR", "9464", "127.0.0.1:9464"),
        ("TAPEDECK_EMBED_ORIGINS", "crm.example.com", "https://crm.example.com"),
        ("TAPEDECK_EMBED_ORIGINS", "https://crm.example.com/x", "more than scheme, host and port"),
    ] {
        let error = read(&[(name, value)]).unwrap_err();
        assert!(error.starts_with(&format!("{name}={value:?}: ")), "{error}");
        assert!(error.contains(says) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_bucket_takes_the_usual_aws_variables() {
    let bucket = ("TAPEDECK_STORAGE_URL", "s3://calls/a/b");
    let server = ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000");
    let settings = read(&[bucket, server, ("AWS_PROFILE", "ours")]).unwrap();
    assert_eq!(settings.storage, StorageUrl::S3("s3://calls/a/b".parse().unwrap()));
    assert!(settings.s3.allow_http, "an http:// endpoint allows http");
    let settings = read(&[bucket, ("AWS_DEFAULT_REGION", "eu-central-1")]).unwrap();
    assert!(!settings.s3.allow_http);
    // Ignored where the storage is a folder.
    assert!(read(&[("AWS_ENDPOINT_URL", "nonsense")]).is_ok());
}

#[test]
fn settings_that_can_reach_no_bucket_are_one_line() {
    let bucket = ("TAPEDECK_STORAGE_URL", "s3://calls");
    let server = ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000");
    for (variables, says) in [
        (&[][..], "AWS_REGION: is not set"),
        (&[("AWS_ENDPOINT_URL", "minio:9000")], "AWS_ENDPOINT_URL=\"minio:9000\": is not a URL"),
        (&[server, ("AWS_ALLOW_HTTP", "false")], "which AWS_ALLOW_HTTP=false forbids"),
        (&[server, ("AWS_ALLOW_HTTP", "no")], "AWS_ALLOW_HTTP=\"no\": is neither true nor false"),
        (&[server, ("AWS_ACCESS_KEY_ID", "a")], "AWS_SECRET_ACCESS_KEY: is not set"),
        (&[server, ("AWS_SECRET_ACCESS_KEY", "hunter2")], "AWS_ACCESS_KEY_ID: is not set"),
        (&[server, ("AWS_CONDITIONAL_PUT", "x")], "is none of etag, disabled"),
    ] {
        let error = read(&[&[bucket], variables].concat()).unwrap_err();
        assert!(error.contains(says) && !error.contains('\n'), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn no_error_shows_a_secret() {
    for (name, value) in [
        ("TAPEDECK_ADMIN_TOKEN", "hunter2"),
        ("TAPEDECK_ADMIN_TOKEN", ""),
        ("TAPEDECK_ADMIN_TOKEN", "hunter2 with spaces in it"),
        ("TAPEDECK_PROVIDER_AUTH", "hunter2"),
        ("TAPEDECK_REDIS_URL", "hunter2"),
    ] {
        let error = read(&[(name, value)]).unwrap_err();
        assert!(error.starts_with(name) && !error.contains("hunter2"), "{error}");
    }
    let settings = read(&[
        ("TAPEDECK_ADMIN_TOKEN", "hunter2-hunter2-hunter2"),
        ("TAPEDECK_PROVIDER_AUTH", "api.example.com=me:hunter2"),
        ("TAPEDECK_REDIS_URL", "redis://:hunter2@localhost"),
        ("TAPEDECK_STORAGE_URL", "s3://calls"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "me"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
    ]);
    assert!(!format!("{:?}", settings.unwrap()).contains("hunter2"));
}

#[test]
fn two_settings_that_cannot_go_together_are_refused() {
    let error = read(&[("TAPEDECK_JOB_TIMEOUT", "10m")]).unwrap_err();
    assert!(error.contains("TAPEDECK_RETRY_WINDOW=\"10m\": must be longer"), "{error}");
    let error = read(&[("TAPEDECK_RUN_DEADLINE", "5m")]).unwrap_err();
    assert!(error.contains("must be shorter than TAPEDECK_JOB_TIMEOUT"), "{error}");
    let error = read(&[("LEPTOS_SITE_ADDR", "0.0.0.0:3000")]).unwrap_err();
    assert!(error.contains("TAPEDECK_ADMIN_TOKEN"), "{error}");
    let open = [("LEPTOS_SITE_ADDR", "0.0.0.0:3000"), ("TAPEDECK_ADMIN_TOKEN", "0123456789abcdef")];
    assert!(read(&open).is_ok());
}

#[test]
fn a_variable_that_is_no_setting_is_reported() {
    let settings = read(&[("TAPEDECK_JOB_TIMOUT", "5m"), ("TAPEDECK_TEST_NGINX", "x")]).unwrap();
    assert_eq!(settings.unknown, ["TAPEDECK_JOB_TIMOUT"]);
}

/// Settings from a file with this text, beside variables.
fn read_file(text: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tapedeck.toml");
    std::fs::write(&path, text).unwrap();
    let named = [("TAPEDECK_CONFIG", path.to_str().unwrap())];
    let read = read(&[&named, variables].concat());
    read.map_err(|error| error.replace(path.to_str().unwrap(), "tapedeck.toml"))
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_dot_env() {
    let text = "job_timeout = \"7m\"\nlease = \"9s\"\nretry_window = \"20m\"\n";
    let settings = read_file(text, &[("TAPEDECK_LEASE", "11s")]).unwrap();
    assert_eq!(settings.policy.job_timeout, Duration::from_secs(420));
    assert_eq!(settings.policy.lease, Duration::from_secs(11));
    let record = |name: &str| settings.records.iter().find(|record| record.name == name).unwrap();
    assert_eq!(record("TAPEDECK_LEASE").origin, Origin::Environment);
    assert!(record("TAPEDECK_JOB_TIMEOUT").origin.to_string().ends_with("tapedeck.toml:1:15"));
    assert_eq!(record("TAPEDECK_WORKER_CONCURRENCY").shown.as_deref(), Some("4"));

    let dot_env = [("TAPEDECK_JOB_TIMEOUT".into(), "8m".into())];
    let settings = Settings::read_with([], [], dot_env).unwrap();
    assert_eq!(settings.policy.job_timeout, Duration::from_secs(480));
}

#[test]
fn a_bad_value_of_the_file_is_named_with_its_line_and_column() {
    for (text, error) in [
        ("\njob_timeout = \"5x\"", "tapedeck.toml:2:15: job_timeout=\"5x\": is not a duration"),
        ("admin_token = \"hunter2\"", "tapedeck.toml:1:15: admin_token: "),
        ("job_timeout = ", "tapedeck.toml:1:"),
        ("[[source]]\nname = \"a\"", "tapedeck.toml:1:1: kind is missing"),
    ] {
        let said = read_file(text, &[]).unwrap_err();
        assert!(said.starts_with(error) && !said.contains("hunter2"), "{text}: {said}");
    }
    let settings = read_file("job_timeuot = \"5m\"", &[]).unwrap();
    assert!(
        settings.unknown[0].ends_with("tapedeck.toml:1:15: job_timeuot"),
        "{:?}",
        settings.unknown
    );
    let said = read(&[("TAPEDECK_CONFIG", "/nowhere.toml")]).unwrap_err();
    assert!(said.starts_with("TAPEDECK_CONFIG=\"/nowhere.toml\": can't be read"), "{said}");
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin_token");
    std::fs::write(&path, "hunter2hunter2hunter2\n").unwrap();
    let path = path.to_str().unwrap();
    let in_file = format!("admin_token_file = {path:?}");
    for settings in [
        read(&[("TAPEDECK_ADMIN_TOKEN_FILE", path)]).unwrap(),
        read_file(&in_file, &[]).unwrap(),
        Settings::read_with(
            [],
            [("TAPEDECK_ADMIN_TOKEN".into(), "hunter2hunter2hunter2".into())],
            [],
        )
        .unwrap(),
    ] {
        assert!(settings.admin_token.is_some() && settings.unknown.is_empty());
        assert!(!format!("{:?}", settings.records).contains("hunter2"));
    }
    let both = read(&[("TAPEDECK_ADMIN_TOKEN", "x"), ("TAPEDECK_ADMIN_TOKEN_FILE", path)]);
    assert!(both.unwrap_err().contains("keep one of them"));
}

#[test]
fn sources_need_the_public_url() {
    let text =
        "[[source]]\nname = \"main\"\nkind = \"twilio\"\naccount = \"AC1\"\nauth_token = \"x\"\n";
    let said = read_file(text, &[]).unwrap_err();
    assert!(
        said.starts_with("TAPEDECK_PUBLIC_URL: is not set, and the source main needs it"),
        "{said}"
    );
    let settings =
        read_file(text, &[("TAPEDECK_PUBLIC_URL", "https://calls.example.com")]).unwrap();
    assert_eq!(settings.sources.len(), 1);
}

#[test]
fn no_password_of_a_url_is_shown() {
    let url = "postgres://tapedeck:hunter2@db:5432/x";
    let settings = read(&[("TAPEDECK_DATABASE_URL", url)]).unwrap();
    assert!(!format!("{:?}", settings.records).contains("hunter2"));
    let bad = read(&[("TAPEDECK_DATABASE_URL", "mysql://a:hunter2@db/x")]).unwrap_err();
    assert!(bad.contains("mysql://a:…@db/x"), "{bad}");
}
