//! The shared provider at its work, on a store in memory and by a clock that is paused.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jada_auth::{
    Error, Heals, HealthStatus, MintFailure, Origin, SharedProvider, StoredToken, TokenProvider,
    TokenStore,
};
use tokio::time::{advance, sleep};

use crate::support::{Answer, HOUR, Issuer, TokioClock, all, change, scopes, store, text};

#[tokio::test(start_paused = true)]
async fn callers_who_ask_at_once_share_one_request() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let provider = issuer.provider(store(), &clock);
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { provider.token(&all()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(text(&call.await.unwrap().unwrap()), "s3cr3t-access-1");
    }
    assert_eq!(issuer.requests(), 1);
    assert_eq!(provider.counters().refreshed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_handed_out_with_a_minute_of_life_at_least() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let provider = issuer.provider(store(), &clock);
    let first = provider.fetch(&all()).await.unwrap();
    assert_eq!(first.origin, Origin::Refreshed);
    advance(HOUR - Duration::from_secs(61)).await;
    assert_eq!(provider.fetch(&all()).await.unwrap().origin, Origin::Memory);
    advance(Duration::from_secs(1)).await;
    assert!(provider.cached(&all()).is_none());
    let second = provider.fetch(&all()).await.unwrap();
    assert_eq!((second.origin, text(&second.token)), (Origin::Refreshed, "s3cr3t-access-2"));
    assert_eq!(second.token.generation(), 2);
    assert_eq!(issuer.presented(), ["s3cr3t-seed", "s3cr3t-refresh-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_life_shorter_than_four_minutes_is_used_for_three_quarters() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    issuer.lives(Some(Duration::from_secs(40)));
    let provider = issuer.provider(store(), &clock);
    provider.token(&all()).await.unwrap();
    advance(Duration::from_secs(29)).await;
    assert!(provider.cached(&all()).is_some());
    advance(Duration::from_secs(1)).await;
    assert!(provider.cached(&all()).is_none());
}

#[tokio::test(start_paused = true)]
async fn siblings_adopt_instead_of_asking() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let providers: Vec<_> = (0..8).map(|_| issuer.provider(store.clone(), &clock)).collect();
    let calls =
        providers.iter().cloned().map(|it| tokio::spawn(async move { it.fetch(&all()).await }));
    let calls: Vec<_> = calls.collect();
    let mut origins = Vec::new();
    for call in calls {
        let fetched = call.await.unwrap().unwrap();
        assert_eq!(text(&fetched.token), "s3cr3t-access-1");
        origins.push(fetched.origin);
    }
    assert_eq!(issuer.requests(), 1);
    assert_eq!(origins.iter().filter(|origin| **origin == Origin::Refreshed).count(), 1);
    assert_eq!(origins.iter().filter(|origin| **origin == Origin::Sibling).count(), 7);
    let late = issuer.provider(store, &clock).fetch(&all()).await.unwrap();
    assert_eq!(late.origin, Origin::Disk);
}

#[tokio::test(start_paused = true)]
async fn many_401s_cause_one_refresh_and_the_rejected_token_is_never_handed_out_again() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let provider = issuer.provider(store, &clock);
    let stale = provider.token(&all()).await.unwrap();
    advance(Duration::from_secs(120)).await;
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let (provider, stale) = (provider.clone(), stale.clone());
            tokio::spawn(async move {
                provider.invalidate(&stale).await;
                provider.token(&all()).await
            })
        })
        .collect();
    for call in calls {
        assert_eq!(text(&call.await.unwrap().unwrap()), "s3cr3t-access-2");
    }
    assert_eq!((issuer.requests(), provider.counters().rejections), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_token_rejected_right_after_its_minting_is_not_refreshed_for_a_minute() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let provider = issuer.provider(store(), &clock);
    let token = provider.token(&all()).await.unwrap();
    provider.invalidate(&token).await;
    for _ in 0..5 {
        let error = provider.token(&all()).await.unwrap_err();
        assert!(matches!(error, Error::FreshTokenRejected { .. }), "{error:?}");
        assert_eq!(provider.health().status, HealthStatus::NeedsHuman);
    }
    assert_eq!(issuer.requests(), 1);
    advance(Duration::from_secs(60)).await;
    assert_eq!(text(&provider.token(&all()).await.unwrap()), "s3cr3t-access-2");
}

#[tokio::test(start_paused = true)]
async fn a_sibling_s_401_finds_the_token_that_was_refreshed_meanwhile() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let (one, two) = (issuer.provider(store.clone(), &clock), issuer.provider(store, &clock));
    let stale = one.token(&all()).await.unwrap();
    two.token(&all()).await.unwrap();
    advance(Duration::from_secs(120)).await;
    one.invalidate(&stale).await;
    one.token(&all()).await.unwrap();
    two.invalidate(&stale).await;
    let fetched = two.fetch(&all()).await.unwrap();
    assert_eq!((fetched.origin, text(&fetched.token)), (Origin::Disk, "s3cr3t-access-2"));
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_gives_up_half_way_loses_nothing() {
    for _ in 0..20 {
        let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
        let provider = issuer.provider(store.clone(), &clock);
        let patience = Duration::from_millis(fastrand::u64(1..100));
        let given_up = tokio::time::timeout(patience, provider.token(&all())).await;
        assert!(given_up.is_err());
        provider.shutdown().await.unwrap();
        let state = store.load().await.unwrap();
        assert_eq!(state.refresh_token.unwrap().expose(), "s3cr3t-refresh-1");
        assert_eq!(text(&provider.token(&all()).await.unwrap()), "s3cr3t-access-1");
        assert_eq!(issuer.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stored_token_without_an_expiry_is_refreshed_once() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    change(&store, |state| state.token = Some(StoredToken::new("s3cr3t-eternal"))).await;
    for _ in 0..3 {
        let provider = issuer.provider(store.clone(), &clock);
        assert_eq!(text(&provider.token(&all()).await.unwrap()), "s3cr3t-access-1");
    }
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_life_is_used_for_five_minutes_at_most() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    issuer.lives(None);
    let provider = issuer.provider(store(), &clock);
    provider.token(&all()).await.unwrap();
    advance(Duration::from_secs(239)).await;
    assert!(provider.cached(&all()).is_some());
    advance(Duration::from_secs(1)).await;
    assert!(provider.cached(&all()).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_a_day_makes_no_token_older_than_it_is() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let provider = issuer.provider(store.clone(), &clock);
    provider.token(&all()).await.unwrap();
    clock.set_wall(Duration::ZERO, HOUR * 24);
    assert!(provider.cached(&all()).is_some());
    advance(HOUR).await;
    assert!(provider.cached(&all()).is_none());
    // Another process cannot know how old the stored one is: it asks once.
    let sibling = issuer.provider(store, &clock).fetch(&all()).await.unwrap();
    assert_eq!((sibling.origin, issuer.requests()), (Origin::Refreshed, 2));
    assert_eq!(provider.fetch(&all()).await.unwrap().origin, Origin::Sibling);
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_forward_a_day_costs_one_refresh() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let provider = issuer.provider(store.clone(), &clock);
    provider.token(&all()).await.unwrap();
    clock.set_wall(HOUR * 24, Duration::ZERO);
    provider.token(&all()).await.unwrap();
    issuer.provider(store.clone(), &clock).token(&all()).await.unwrap();
    assert_eq!(issuer.requests(), 2);
    clock.set_wall(Duration::ZERO, HOUR * 24);
    // In memory it lives on; a new process takes it for one minted in the future, and asks once.
    assert!(provider.cached(&all()).is_some());
    issuer.provider(store.clone(), &clock).token(&all()).await.unwrap();
    issuer.provider(store, &clock).token(&all()).await.unwrap();
    assert_eq!(issuer.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn scopes_that_were_not_granted_are_named_until_consent_brings_them() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let provider = issuer.provider(store.clone(), &clock);
    assert!(provider.token(&scopes("mail")).await.is_ok());
    let error = provider.token(&scopes("mail sheets")).await.unwrap_err();
    assert!(matches!(&error, Error::ScopesMissing { missing } if *missing == scopes("sheets")));
    assert_eq!(issuer.requests(), 1);
    issuer.grants(Some(scopes("mail sheets")));
    change(&store, |state| state.refresh_token = Some("s3cr3t-consent".into())).await;
    provider.token(&scopes("mail sheets")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_names_no_scope_granted_what_was_asked_for() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    issuer.grants(None);
    let token = issuer.provider(store(), &clock).token(&all()).await.unwrap();
    assert_eq!(*token.scopes(), all());
}

#[tokio::test(start_paused = true)]
async fn keep_fresh_renews_once_a_cycle_for_all_and_nobody_waits() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let providers: Vec<_> = (0..4).map(|_| issuer.provider(store.clone(), &clock)).collect();
    let guards: Vec<_> = providers.iter().map(SharedProvider::keep_fresh).collect();
    sleep(Duration::from_secs(10)).await;
    for minute in 1..=10 * 60 {
        sleep(Duration::from_secs(60)).await;
        for provider in &providers {
            assert!(provider.cached(&all()).is_some(), "none in minute {minute}");
        }
    }
    // Ten hours of lives that are renewed after 45 to 54 minutes.
    assert!((11..=14).contains(&issuer.requests()), "{} requests", issuer.requests());
    drop(guards);
    let before = issuer.requests();
    sleep(HOUR * 3).await;
    assert_eq!(issuer.requests(), before);
}

#[tokio::test(start_paused = true)]
async fn keep_fresh_outlives_outages_and_dead_grants() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.then_fail(Heals::ByConsent, "invalid_grant");
    let provider = issuer.provider(store.clone(), &clock);
    let _guard = provider.keep_fresh();
    sleep(HOUR).await;
    assert_eq!(issuer.requests(), 1);
    assert_eq!(provider.health().status, HealthStatus::NeedsHuman);
    change(&store, |state| state.refresh_token = Some("s3cr3t-consent".into())).await;
    issuer.then_fail(Heals::ByItself, "http 503");
    sleep(Duration::from_secs(90)).await;
    assert_eq!(provider.health().status, HealthStatus::Good);
    assert!(provider.cached(&all()).is_some());
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_the_refresh_in_flight_and_ends_keep_fresh() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.takes(Duration::from_secs(3));
    let provider = issuer.provider(store.clone(), &clock);
    let guard = provider.keep_fresh();
    sleep(Duration::from_secs(1)).await;
    provider.shutdown().await.unwrap();
    assert!(store.load().await.unwrap().token.is_some());
    sleep(HOUR * 2).await;
    assert_eq!(issuer.requests(), 1);
    drop(guard);
}

#[tokio::test(start_paused = true)]
async fn an_alert_comes_once_for_each_change_of_status() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let provider = SharedProvider::builder(issuer.clone(), store.clone(), all())
        .clock(clock.clone())
        .consent_command("charter-login")
        .alert(move |before, now: &jada_auth::Health| {
            ear.lock().unwrap().push((before, now.status));
        })
        .build();
    // One that heals within a call is no news.
    issuer.then_fail(Heals::ByItself, "http 503");
    provider.token(&all()).await.unwrap();
    assert!(heard.lock().unwrap().is_empty());

    advance(HOUR).await;
    let mut busy = MintFailure::new(Heals::ByItself, "http 429");
    busy.retry_after = Some(Duration::from_secs(300));
    issuer.then(Answer::Fail(busy)).then_fail(Heals::ByConsent, "invalid_grant");
    for _ in 0..5 {
        provider.token(&all()).await.unwrap_err();
    }
    advance(Duration::from_secs(300)).await;
    for _ in 0..5 {
        let error = provider.token(&all()).await.unwrap_err();
        assert!(error.to_string().contains("`charter-login`"), "{error}");
    }
    change(&store, |state| state.refresh_token = Some("s3cr3t-consent".into())).await;
    for _ in 0..5 {
        provider.token(&all()).await.unwrap();
    }
    use HealthStatus::{Failing, Good, NeedsHuman};
    let changes = [(Good, Failing), (Failing, NeedsHuman), (NeedsHuman, Good)];
    assert_eq!(*heard.lock().unwrap(), changes);
}

#[tokio::test(start_paused = true)]
async fn keep_fresh_finds_a_sibling_s_token_in_the_middle_of_a_long_pause() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let mut busy = MintFailure::new(Heals::ByItself, "http 429");
    busy.retry_after = Some(HOUR);
    issuer.then(Answer::Fail(busy));
    let provider = issuer.provider(store.clone(), &clock);
    let _guard = provider.keep_fresh();
    sleep(Duration::from_secs(5)).await;
    issuer.provider(store, &clock).refresh().await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert!(provider.cached(&all()).is_some());
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_renewal_begins_after_shutdown() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let provider = issuer.provider(store, &clock);
    let _guard = provider.keep_fresh();
    // The guard's task has not run yet.
    provider.shutdown().await.unwrap();
    sleep(HOUR).await;
    assert_eq!(issuer.requests(), 0);
    // Who asks in spite of it is served.
    provider.token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_the_old_grant_covered_says_nothing_of_the_new_one() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.grants(Some(scopes("mail")));
    issuer.provider(store.clone(), &clock).token(&scopes("mail")).await.unwrap();
    // New consent in the same file, of an issuer that names no scopes.
    issuer.grants(None);
    change(&store, |state| state.refresh_token = Some("s3cr3t-consent".into())).await;
    issuer.provider(store, &clock).token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_happened_is_counted() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let (one, two) = (issuer.provider(store.clone(), &clock), issuer.provider(store, &clock));
    let wanted = all();
    let (first, second) = tokio::join!(one.fetch(&wanted), async {
        sleep(Duration::from_millis(20)).await;
        two.fetch(&wanted).await
    });
    assert_eq!(first.unwrap().origin, Origin::Refreshed);
    assert_eq!(second.unwrap().origin, Origin::Sibling);
    let (one, two) = (one.counters(), two.counters());
    assert_eq!((one.requests, one.refreshed, one.adopted, one.waits), (1, 1, 0, 0));
    assert_eq!((two.requests, two.refreshed, two.adopted, two.waits), (0, 0, 1, 1));
}
