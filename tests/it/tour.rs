//! The tour in the README, run as it is printed there: every command, and every answer to the letter.

use std::path::Path;

use iam_gateway::simulators;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;

use crate::support::Database;
use crate::support::programs::Program;

/// Where the tour is.
const HEADING: &str = "\n## Five minutes\n";

/// Commands, and what they print.
struct Step {
    commands: Vec<String>,
    prints: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tour_in_the_readme_prints_what_it_says() {
    let database = Database::create().await;
    let sandbox = Program::start(
        &["sandbox", "--listen", "127.0.0.1:0"],
        &[("DATABASE_URL", database.url())],
    )
    .await;
    let steps = steps();
    assert!(steps.len() > 5, "the tour has {} steps", steps.len());
    for step in steps {
        let mut printed = String::new();
        for command in &step.commands {
            printed += &run(&sandbox.ready, command).await;
        }
        assert!(
            printed == step.prints,
            "The tour says that\n\n{}\n\nprints\n\n{}\nIt prints\n\n{printed}",
            step.commands.join("\n"),
            step.prints
        );
    }
    drop(sandbox);
    database.remove().await;
}

#[test]
fn the_tour_names_the_sandboxs_connections() {
    let text = tour();
    for connection in simulators::CONNECTIONS {
        assert!(text.contains(connection.name), "{}", connection.name);
    }
}

fn tour() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).expect("the README");
    let (_, rest) = readme.split_once(HEADING).expect("a tour");
    let end = rest.find("\n## ").unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// The blocks of shell commands, each with the block of JSON that follows it.
fn steps() -> Vec<Step> {
    let text = tour();
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("```") {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match (line, steps.last_mut()) {
            ("```sh", _) => steps.push(Step {
                commands: block.iter().map(|line| (*line).to_owned()).collect(),
                prints: String::new(),
            }),
            ("```json", Some(step)) => {
                assert_eq!(step.prints, "", "two answers to {:?}", step.commands);
                step.prints = block.iter().map(|line| format!("{line}\n")).collect();
            }
            // The ready line: what the tour begins with.
            ("```json", None) => {}
            _ => panic!("the tour has a block {line}"),
        }
    }
    steps
}

/// One line of the tour: `export` for what the ready line says, else `curl`, perhaps with `jq` behind it.
async fn run(ready: &Value, line: &str) -> String {
    if line.starts_with("export ") {
        return String::new();
    }
    let said = |path: &str| ready.pointer(path).and_then(Value::as_str).expect(path);
    let line = line
        .replace("$GW", said("/url"))
        .replace(
            "$AUTH",
            &format!("Authorization: Bearer {}", said("/api_key")),
        )
        .replace("$JSON", "Content-Type: application/json");
    let line = with_controls(ready, line);
    assert!(!line.contains('$'), "an unknown variable: {line}");
    let words = shlex::split(&line).unwrap_or_else(|| panic!("no shell would take this: {line}"));
    let (curl, filter) = match words.iter().position(|word| word == "|") {
        None => (&words[..], None),
        Some(pipe) => match &words[pipe + 1..] {
            [jq, compact, filter] if jq == "jq" && compact == "-c" => {
                (&words[..pipe], Some(filter.as_str()))
            }
            other => panic!("the tour may pipe into `jq -c` only: {other:?}"),
        },
    };
    let answer = ask(curl).await;
    match filter {
        None => String::new(),
        Some(filter) => filtered(&answer, filter),
    }
}

/// `$CONTROL_DEVO` and its like are the control APIs of the simulators.
fn with_controls(ready: &Value, mut line: String) -> String {
    for (vendor, desk) in ready["simulators"].as_object().expect("simulators") {
        let name = format!("$CONTROL_{}", vendor.to_uppercase());
        line = line.replace(&name, desk["control"].as_str().expect("a control API"));
    }
    line
}

async fn ask(curl: &[String]) -> String {
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("an HTTP client");
    let (mut method, mut url, mut body, mut headers) = (None, None, None, Vec::new());
    let mut words = curl.iter();
    assert_eq!(words.next().map(String::as_str), Some("curl"), "{curl:?}");
    while let Some(word) = words.next() {
        let mut next = || words.next().cloned().expect("what follows an option");
        match word.as_str() {
            "-s" => {}
            "-X" => method = Some(next()),
            "-H" => headers.push(next()),
            "-d" => body = Some(next()),
            place if place.starts_with("http://") => url = Some(place.to_owned()),
            other => panic!("the tour uses an option that this test does not know: {other}"),
        }
    }
    let method = method.unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.to_owned());
    let mut request = http.request(method.parse().expect("a method"), url.expect("a URL"));
    for header in &headers {
        let (name, value) = header.split_once(": ").expect("a header");
        request = request.header(name, value);
    }
    if let Some(body) = body {
        request = request.body(body);
    }
    let answer = request.send().await.expect("an answer");
    answer.text().await.expect("a body")
}

/// What `jq -c` makes of the text.
fn filtered(text: &str, filter: &str) -> String {
    let definitions = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    let functions = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    let arena = Arena::default();
    let file = File {
        code: filter,
        path: (),
    };
    let modules = Loader::new(definitions)
        .load(&arena, file)
        .unwrap_or_else(|error| panic!("{filter}: {error:?}"));
    let compiled = Compiler::default()
        .with_funs(functions)
        .compile(modules)
        .unwrap_or_else(|error| panic!("{filter}: {error:?}"));
    let input = read::parse_single(text.as_bytes())
        .unwrap_or_else(|error| panic!("no JSON ({error}): {text}"));
    let context = Ctx::<data::JustLut<Val>>::new(&compiled.lut, Vars::new([]));
    compiled
        .id
        .run((context, input))
        .map(|value| match unwrap_valr(value) {
            Ok(value) => format!("{value}\n"),
            Err(error) => panic!("{filter} of {text}: {error}"),
        })
        .collect()
}
