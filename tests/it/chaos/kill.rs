//! `kill -9` at random moments while accounts are created and the vendors misbehave.

use std::time::{Duration, Instant};

use iam_gateway::simulators::Fault;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::books;
use super::crowd;
use super::dice::Dice;
use super::scene::Scene;
use crate::support::{Vendor, WRITABLE};

/// How much of it.
struct Size {
    creations: usize,
    kills: usize,
}

fn size() -> Size {
    match std::env::var("CHAOS").as_deref() {
        Ok("full") => Size {
            creations: 200,
            kills: 20,
        },
        _ => Size {
            creations: 48,
            kills: 5,
        },
    }
}

/// A fault for about every third call of a vendor: answers that never come, requests that never arrive, and delays, some
/// of them longer than an attempt lasts, so that the effect comes after everyone gave up waiting.
fn trouble(dice: &mut Dice, vendor: Vendor, calls: usize) -> serde_json::Value {
    let rules = (0..calls / 3).map(|_| {
        let fault = match dice.between(0, 10) {
            0..4 => Fault::DropAfterApply,
            4..7 => Fault::DropBeforeApply,
            _ => Fault::DelayMs {
                value: dice.between(50, 1700),
            },
        };
        let rule = if dice.between(0, 5) == 0 {
            vendor.on_read(fault)
        } else {
            vendor.on_create(fault)
        };
        rule.after(dice.between(0, calls as u64))
    });
    json!(rules.collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_twice_or_lost_when_the_service_is_killed() {
    let Size { creations, kills } = size();
    let mut dice = Dice::new();
    eprintln!("CHAOS_SEED={}", dice.seed);
    let began = Instant::now();
    let (scene, mut serve) = Scene::open(&WRITABLE).await;
    for vendor in WRITABLE {
        let schedule = trouble(&mut dice, vendor, creations / WRITABLE.len());
        scene.control(vendor).faults(schedule).await;
    }

    // A creation begins when its share of the kills has happened, so that every kill meets work.
    let (killed, kills_so_far) = watch::channel(0);
    let mut clients = JoinSet::new();
    for number in 0..creations {
        let vendor = WRITABLE[number % WRITABLE.len()];
        let (desk, mut kills_so_far) = (scene.desk.clone(), kills_so_far.clone());
        let begins_at = number * kills / creations;
        let pause = dice.millis(0, 1500);
        clients.spawn(async move {
            let begun = kills_so_far.wait_for(|kills| *kills >= begins_at).await;
            drop(begun.expect("kills go on"));
            sleep(pause).await;
            crowd::create(desk, vendor, format!("k{number:04}")).await
        });
    }
    for kill in 1..=kills {
        sleep(dice.millis(100, 2200)).await;
        serve.program.kill_9().await;
        serve = scene.serve().await;
        killed.send_replace(kill);
    }
    let wishes = clients.join_all().await;

    let report = books::balance(&scene, &wishes).await;
    eprintln!(
        "{kills} kills: {report}; {:.0} s",
        Duration::as_secs_f64(&began.elapsed())
    );
    drop(serve);
    scene.close().await;
}
