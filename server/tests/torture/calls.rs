//! The lives of the calls: who listens, and what else happens to them.

use std::{sync::Arc, time::Duration};

use reqwest::Method;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    harness::{Harness, JOB_TIMEOUT, RETRY_WINDOW},
    listener::{Heard, Told, listen},
    plan::{CallPlan, Dice, Plan, Provided, Turn, recording},
};

/// C + T + g of engine.md: C is 3 minutes at these settings, g a held request and a server that
/// does not answer.
const BOUND: Duration = Duration::from_secs(180 + JOB_TIMEOUT.as_secs() + 16);

/// What was heard, and what is wrong with it.
type Listened = (Vec<Heard>, Vec<String>);

/// All listeners of all calls, until each has had a last word.
pub(crate) async fn listen_to_all(harness: &Arc<Harness>, plan: &Arc<Plan>) -> Listened {
    let began = Instant::now();
    let mut lives = JoinSet::new();
    for call in plan.calls.clone() {
        let (harness, plan) = (harness.clone(), plan.clone());
        lives.spawn(async move { life(&harness, &plan, &call, began).await });
    }
    gather(lives.join_all().await)
}

fn gather(all: Vec<Listened>) -> Listened {
    let (heard, wrong): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    (heard.into_iter().flatten().collect(), wrong.into_iter().flatten().collect())
}

async fn life(harness: &Harness, plan: &Plan, call: &CallPlan, began: Instant) -> Listened {
    harness.register(&call.sid, 0).await;
    if call.turn == Turn::Prefetched {
        let path = format!("/api/calls/{}/prefetch", call.sid);
        harness.insist(Method::POST, &path, String::new()).await;
    }
    sleep_until(began + call.first_listener).await;
    let mut listeners = JoinSet::new();
    for n in 0..call.listeners {
        let dice = Dice::of(plan.size.seed, &format!("{}~{n}", call.sid));
        listeners.spawn(listen(harness.servers.clone(), call.sid.clone(), dice, BOUND));
    }
    let (heard, ()) = tokio::join!(listeners.join_all(), turn(harness, call));
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    for heard in heard {
        match heard {
            Ok(mut heard) => {
                wrong.extend(check(plan, call, &heard));
                heard.body.clear();
                all.push(heard);
            }
            Err(why) => wrong.push(why),
        }
    }
    (all, wrong)
}

async fn turn(harness: &Harness, call: &CallPlan) {
    match call.turn {
        Turn::Nothing | Turn::Prefetched => {}
        Turn::Moved => {
            sleep(call.turn_after).await;
            assert_eq!(harness.register(&call.sid, 1).await, 200);
        }
        Turn::Deleted => {
            sleep(call.turn_after).await;
            let path = format!("/api/recordings/file/{}", call.sid);
            assert_eq!(harness.insist(Method::DELETE, &path, String::new()).await, 204);
        }
    }
}

/// Whether this may have been said of this call, while things failed.
fn check(plan: &Plan, call: &CallPlan, heard: &Heard) -> Option<String> {
    let wrong = |what: &str| Some(format!("{}: {what}: {:?}", call.sid, heard.told));
    match (&heard.told, call.provided) {
        (Told::Played, Provided::Sometimes) => {
            let is_it = |version| heard.body == recording(call, version, plan.size.seed);
            if is_it(0) || call.turn == Turn::Moved && is_it(1) {
                None
            } else {
                wrong("played something else")
            }
        }
        (Told::Played, _) => wrong("played what the provider never had"),
        (Told::Refused(_, code), Provided::Sometimes | Provided::Page | Provided::Broken)
            if code == "recording_deleted" && call.turn != Turn::Deleted =>
        {
            wrong("it was not deleted")
        }
        _ => None,
    }
}

/// When nothing fails any more, every recording that can be had can be heard, and all others have
/// their reason.
pub(crate) async fn ask_once_more(harness: &Arc<Harness>, plan: &Arc<Plan>) -> Listened {
    let mut asks = JoinSet::new();
    for call in plan.calls.clone() {
        let (harness, plan) = (harness.clone(), plan.clone());
        asks.spawn(async move { once_more(&harness, &plan, &call).await });
    }
    gather(asks.join_all().await)
}

async fn once_more(harness: &Harness, plan: &Plan, call: &CallPlan) -> Listened {
    // Refused before: for a window at most, and then within the bound.
    let until = Instant::now() + RETRY_WINDOW + BOUND;
    let expected = match (call.turn, call.provided) {
        (Turn::Deleted, _) | (_, Provided::Gone) => {
            Told::Refused(404, "recording_deleted".to_owned())
        }
        (_, Provided::Sometimes) => Told::Played,
        (_, Provided::Page | Provided::Broken) => Told::Refused(500, "recording_failed".to_owned()),
    };
    let mut dice = Dice::of(plan.size.seed, &format!("{} once more", call.sid));
    loop {
        match listen(harness.servers.clone(), call.sid.clone(), dice.clone(), BOUND).await {
            Ok(mut heard) if heard.told == expected => {
                let wrong = check(plan, call, &heard);
                heard.body.clear();
                return (vec![heard], wrong.into_iter().collect());
            }
            Ok(heard) if Instant::now() > until => {
                let wrong = format!("{}: {:?}, not {expected:?}", call.sid, heard.told);
                return (vec![heard], vec![wrong]);
            }
            Ok(_) => sleep(dice.millis(500, 1500)).await,
            Err(why) => return (Vec::new(), vec![why]),
        }
    }
}
