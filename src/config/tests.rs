use std::{env, fs, os::unix::fs::PermissionsExt, path::PathBuf};

use super::*;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEY: &str = "//////////////////////////////////////////8=";

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::load(|name| {
        variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

fn wrong_variables(variables: &[(&str, &str)]) -> Vec<&'static str> {
    let errors = load(variables).expect_err("a bad configuration");
    errors.0.into_iter().map(|error| error.variable).collect()
}

fn directory(name: &str) -> PathBuf {
    let path = env::temp_dir().join(format!("iam-gateway-config-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    path
}

#[test]
fn nothing_set_gives_the_defaults() {
    let config = load(&[("IAM_GATEWAY_BASE_PATH", " "), ("DATABASE_URL", "")]).expect("defaults");
    assert!(config.database.url.is_none() && config.master_keys.is_none());
    assert_eq!(
        (
            config.database.max_connections,
            config.database.background_connections
        ),
        (20, 8)
    );
    assert_eq!(config.operations.lease, Duration::from_secs(30));
    assert_eq!(config.outgoing.max_answer_bytes, 8 * 1024 * 1024);
    assert_eq!(config.http.base_path, "");
    assert_eq!(
        (config.telemetry.filter.as_str(), config.telemetry.format),
        (DEFAULT_FILTER, LogFormat::Json)
    );
}

#[test]
fn every_bad_variable_is_reported_at_once() {
    let wrong = wrong_variables(&[
        ("DATABASE_URL", "mysql://x"),
        ("IAM_GATEWAY_DATABASE_MAX_CONNECTIONS", "many"),
        ("IAM_GATEWAY_MASTER_KEY", "short"),
        ("IAM_GATEWAY_PRIVATE_HOSTS", "fine, b d, 10.0.0.0/99"),
        ("IAM_GATEWAY_ATTEMPT_SECONDS", "0"),
        ("IAM_GATEWAY_HEARTBEAT_SECONDS", "20"),
        ("IAM_GATEWAY_BASE_PATH", "gateway"),
        ("IAM_GATEWAY_PUBLIC_URL", "https://host/path"),
        ("IAM_GATEWAY_DRAIN_SECONDS", "-1"),
        ("IAM_GATEWAY_ACTIVITY_FIRST_DAYS", "31"),
        ("IAM_GATEWAY_ACTIVITY_KEPT_DAYS", "30"),
        ("IAM_GATEWAY_LOG", "=,=="),
        ("IAM_GATEWAY_LOG_FORMAT", "xml"),
    ]);
    assert_eq!(
        wrong,
        [
            "DATABASE_URL",
            "IAM_GATEWAY_DATABASE_MAX_CONNECTIONS",
            "IAM_GATEWAY_MASTER_KEY",
            "IAM_GATEWAY_PRIVATE_HOSTS",
            "IAM_GATEWAY_PRIVATE_HOSTS",
            "IAM_GATEWAY_ATTEMPT_SECONDS",
            "IAM_GATEWAY_HEARTBEAT_SECONDS",
            "IAM_GATEWAY_BASE_PATH",
            "IAM_GATEWAY_PUBLIC_URL",
            "IAM_GATEWAY_DRAIN_SECONDS",
            "IAM_GATEWAY_ACTIVITY_FIRST_DAYS",
            "IAM_GATEWAY_LOG",
            "IAM_GATEWAY_LOG_FORMAT",
        ]
    );
}

#[test]
fn secrets_show_neither_in_debug_nor_in_errors() {
    let config = load(&[
        ("DATABASE_URL", "postgres://u:canary@h/d"),
        ("IAM_GATEWAY_MASTER_KEY", KEY),
    ])
    .expect("valid");
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("canary") && !shown.contains(&KEY[..8]) && !shown.contains("1, 2, 3"),
        "{shown}"
    );
    let errors = load(&[
        ("DATABASE_URL", "canary"),
        ("IAM_GATEWAY_MASTER_KEY", "canary"),
    ])
    .expect_err("invalid");
    assert!(!errors.to_string().contains("canary"), "{errors}");
}

#[test]
fn several_master_keys_keep_their_order_and_ids() {
    let text = format!("new:{KEY},{OTHER_KEY}");
    let keys = load(&[("IAM_GATEWAY_MASTER_KEY", &text)])
        .expect("valid")
        .master_keys
        .expect("keys");
    let ids: Vec<&str> = keys.iter().map(|(id, _)| id).collect();
    assert_eq!((ids[0], ids[1].len()), ("new", 8));
    assert_eq!(keys.iter().next().map(|(_, key)| key[31]), Some(31));
    for bad in [
        format!("a:{KEY},a:{OTHER_KEY}"),
        format!("{KEY},{KEY}"),
        format!("a b:{KEY}"),
        ",".to_owned(),
    ] {
        assert_eq!(
            wrong_variables(&[("IAM_GATEWAY_MASTER_KEY", &bad)]),
            ["IAM_GATEWAY_MASTER_KEY"],
            "{bad}"
        );
    }
}

#[test]
fn a_master_key_comes_from_one_place() {
    let directory = directory("file");
    fs::create_dir_all(&directory).expect("a directory");
    let path = directory.join("key");
    fs::write(&path, format!("one:{KEY}\n")).expect("written");
    let path = path.to_str().expect("a path");
    let config = load(&[("IAM_GATEWAY_MASTER_KEY_FILE", path)]).expect("valid");
    assert_eq!(config.master_keys.expect("keys").to_string(), "one");
    let both = [
        ("IAM_GATEWAY_MASTER_KEY_FILE", path),
        ("IAM_GATEWAY_MASTER_KEY", KEY),
    ];
    assert_eq!(wrong_variables(&both), ["IAM_GATEWAY_MASTER_KEY_FILE"]);
    assert_eq!(
        wrong_variables(&[("IAM_GATEWAY_MASTER_KEY_FILE", "/nowhere")]),
        ["IAM_GATEWAY_MASTER_KEY_FILE"]
    );
    fs::remove_dir_all(directory).expect("removed");
}

#[test]
fn beside_an_embedded_database_a_key_is_made_once() {
    let directory = directory("made");
    let config = load(&[]).expect("defaults");
    let made = config.master_keys(&directory).expect("made");
    let read = config.master_keys(&directory).expect("read");
    assert!(made.iter().eq(read.iter()));
    let path = directory.join("master.key");
    assert_eq!(
        fs::metadata(&path).expect("a file").permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(fs::read_dir(&directory).expect("a directory").count(), 1);

    fs::write(&path, "broken").expect("written");
    assert!(
        config.master_keys(&directory).is_err(),
        "a broken key file must not be replaced"
    );
    fs::remove_dir_all(directory).expect("removed");
}

#[test]
fn a_database_of_the_operators_own_needs_a_given_key() {
    let config = load(&[("DATABASE_URL", "postgres://h/d")]).expect("valid");
    let directory = directory("none");
    let errors = config.master_keys(&directory).expect_err("no key");
    assert!(errors.to_string().contains("openssl rand -base64 32"));
    assert!(!directory.exists());
}

#[test]
fn base_paths_lose_their_last_slash() {
    for (given, read) in [("/", ""), ("/a", "/a"), ("/a/b/", "/a/b")] {
        assert_eq!(
            load(&[("IAM_GATEWAY_BASE_PATH", given)])
                .expect("valid")
                .http
                .base_path,
            read
        );
    }
    for bad in ["a", "//a", "/a//b", "/../a", "/a?b", "/ä"] {
        assert_eq!(
            wrong_variables(&[("IAM_GATEWAY_BASE_PATH", bad)]),
            ["IAM_GATEWAY_BASE_PATH"],
            "{bad}"
        );
    }
}

#[test]
fn our_own_log_variable_wins() {
    let both = [("IAM_GATEWAY_LOG", "warn"), ("RUST_LOG", "debug")];
    assert_eq!(load(&both).expect("valid").telemetry.filter, "warn");
    assert_eq!(load(&both[1..]).expect("valid").telemetry.filter, "debug");
}
