//! What goes wrong around the shared provider, on a store in memory and by a clock that is paused.

use std::{sync::Arc, time::Duration};

use jada_auth::{
    Error, FileProblem, Fingerprint, Heals, HealthStatus, Leasing, MemoryStore, MintFailure,
    OAuthClient, Pending, Principal, State, TokenProvider, TokenStore,
};
use tokio::time::{Instant, advance, sleep};

use crate::support::{
    Answer, FrailStore, HOUR, Issuer, TokioClock, all, change, lease, store, text,
};

#[tokio::test(start_paused = true)]
async fn what_heals_by_itself_is_tried_again_until_it_does() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    issuer.then_fail(Heals::ByItself, "http 503").then_fail(Heals::ByItself, "http 502");
    let provider = issuer.provider(store(), &clock);
    assert_eq!(text(&provider.token(&all()).await.unwrap()), "s3cr3t-access-3");
    assert_eq!(provider.health().status, HealthStatus::Good);
    assert_eq!(provider.counters().transient_failures, 2);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_told_within_forty_seconds_after_ten_requests_at_most() {
    for _ in 0..20 {
        let (issuer, clock) = (Issuer::new(), TokioClock::new());
        issuer.always(Some(Answer::Fail(MintFailure::new(Heals::ByItself, "http 503"))));
        let provider = issuer.provider(store(), &clock);
        let started = Instant::now();
        let error = provider.token(&all()).await.unwrap_err();
        assert!(error.is_transient() && error.retry_after().is_some(), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
        assert!((4..=10).contains(&issuer.requests()), "{} requests", issuer.requests());
        assert_eq!(provider.health().status, HealthStatus::Failing);
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_never_answers_is_given_up_within_forty_seconds() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    issuer.always(Some(Answer::Silence));
    let started = Instant::now();
    let error = issuer.provider(store(), &clock).token(&all()).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_of_minutes_binds_siblings_and_is_told_at_once() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let mut busy = MintFailure::new(Heals::ByItself, "http 429");
    busy.retry_after = Some(Duration::from_secs(300));
    issuer.then(Answer::Fail(busy));
    let started = Instant::now();
    for _ in 0..3 {
        let error = issuer.provider(store.clone(), &clock).token(&all()).await.unwrap_err();
        let wait = error.retry_after().unwrap();
        assert!(wait > Duration::from_secs(290) && wait <= Duration::from_secs(300), "{wait:?}");
        assert!(error.to_string().contains("try again in 300 s"), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(issuer.requests(), 1);
    advance(Duration::from_secs(300)).await;
    issuer.provider(store, &clock).token(&all()).await.unwrap();
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_older_token_is_served_while_it_lives_and_health_tells_why() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let provider = issuer.provider(store.clone(), &clock);
    provider.token(&all()).await.unwrap();
    advance(HOUR - Duration::from_secs(30)).await;
    issuer.always(Some(Answer::Fail(MintFailure::new(Heals::ByItself, "http 503"))));
    let started = Instant::now();
    for sibling in [provider.clone(), issuer.provider(store, &clock)] {
        assert_eq!(text(&sibling.token(&all()).await.unwrap()), "s3cr3t-access-1");
        assert_eq!(sibling.health().status, HealthStatus::Failing);
    }
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(issuer.requests(), 2);
    let failure = provider.health().failure.unwrap();
    assert!(failure.message.contains("issuer.example") && failure.message.ends_with("http 503"));

    advance(Duration::from_secs(30)).await;
    issuer.always(None);
    assert_ne!(text(&provider.token(&all()).await.unwrap()), "s3cr3t-access-1");
    assert_eq!(provider.health().status, HealthStatus::Good);
}

#[tokio::test(start_paused = true)]
async fn a_dead_grant_is_presented_once_and_new_consent_heals_every_process() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.then_fail(Heals::ByConsent, "invalid_grant");
    let processes: Vec<_> = (0..4).map(|_| issuer.provider(store.clone(), &clock)).collect();
    for call in 0..20 {
        let error = processes[call % 4].token(&all()).await.unwrap_err();
        let Error::ConsentNeeded { what, command } = &error else { panic!("{error:?}") };
        assert!(what.contains("invalid_grant") && command == "reauth", "{error}");
        assert!(error.needs_consent() && !error.is_transient());
    }
    assert_eq!(issuer.requests(), 1);
    assert!(processes.iter().all(|it| it.health().status == HealthStatus::NeedsHuman));

    change(&store, |state| state.refresh_token = Some("s3cr3t-consent".into())).await;
    for process in &processes {
        process.token(&all()).await.unwrap();
        assert_eq!(process.health().status, HealthStatus::Good);
    }
    assert_eq!(issuer.presented(), ["s3cr3t-seed", "s3cr3t-consent"]);
}

#[tokio::test(start_paused = true)]
async fn a_probe_asks_for_a_dead_grant_and_heals_it_if_it_was_mended_elsewhere() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.then_fail(Heals::ByConsent, "invalid_grant");
    let provider = issuer.provider(store, &clock);
    provider.token(&all()).await.unwrap_err();
    provider.refresh().await.unwrap();
    assert_eq!(issuer.requests(), 2);
    provider.token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_refused_is_not_asked_for_again_until_it_is_mended() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    issuer.then_fail(Heals::ByConfiguration, "invalid_client");
    let provider = issuer.provider(store(), &clock);
    for _ in 0..5 {
        let error = provider.token(&all()).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert!(!error.is_transient() && !error.needs_consent());
        advance(HOUR).await;
    }
    assert_eq!(issuer.requests(), 1);
    let mended = OAuthClient::new("charter", "https://issuer.example/token").with_secret("right");
    issuer.becomes(Principal::AuthorizedUser(mended));
    provider.token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_is_never_dead_but_is_asked_for_ever_less_often() {
    let key = Principal::Key {
        name: "roster@project.example".to_owned(),
        subject: None,
        key_id: Some("1".to_owned()),
        token_uri: "https://issuer.example/token".to_owned(),
    };
    let (issuer, clock) = (Issuer::of(key), TokioClock::new());
    issuer.always(Some(Answer::Fail(MintFailure::new(Heals::ByConfiguration, "invalid_grant"))));
    let provider = issuer.provider(MemoryStore::new(), &clock);
    for _ in 0..20 {
        let error = provider.token(&all()).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    }
    assert_eq!(issuer.requests(), 1);
    for _ in 0..24 * 60 {
        advance(Duration::from_secs(60)).await;
        provider.token(&all()).await.unwrap_err();
    }
    assert!((24..=60).contains(&issuer.requests()), "{} in a day", issuer.requests());
    issuer.always(None);
    advance(HOUR).await;
    provider.token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stuck_holder_is_named_and_never_ignored() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let provider = issuer.provider(store.clone(), &clock);
    let stuck = lease(&store).await;
    let started = Instant::now();
    let error = provider.token(&all()).await.unwrap_err();
    assert!(matches!(error, Error::LeaseHeld { .. }) && error.is_transient(), "{error:?}");
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(issuer.requests(), 0);
    drop(stuck);
    provider.token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_old_token_is_served_past_a_stuck_holder() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let provider = issuer.provider(store.clone(), &clock);
    provider.token(&all()).await.unwrap();
    advance(HOUR - Duration::from_secs(40)).await;
    let _stuck = lease(&store).await;
    assert_eq!(text(&provider.token(&all()).await.unwrap()), "s3cr3t-access-1");
    assert_eq!(provider.health().status, HealthStatus::Failing);
    assert_eq!(issuer.requests(), 1);
}

/// What a process leaves that died between the issuer's answer and the disk.
async fn interrupted(store: &MemoryStore, issuer: &Issuer, clock: &Arc<TokioClock>) {
    // The grant's fingerprint is the provider's business: let it make the mark, and die.
    issuer.takes(HOUR);
    let provider = issuer.provider(store.clone(), clock);
    let refresh = tokio::spawn(async move { provider.token(&all()).await });
    while store.load().await.unwrap().pending.is_none() {
        sleep(Duration::from_millis(1)).await;
    }
    refresh.abort();
    let mark = store.load().await.unwrap();
    // The flight goes on in its own task and ends without an answer; then the mark is put back.
    sleep(Duration::from_secs(60)).await;
    change(store, |state| *state = mark).await;
    issuer.takes(Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_rotation_is_told_apart_from_a_revoked_grant() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    interrupted(&store, &issuer, &clock).await;
    let asked = issuer.requests();
    issuer.then_fail(Heals::ByConsent, "invalid_grant");
    for _ in 0..3 {
        let error = issuer.provider(store.clone(), &clock).token(&all()).await.unwrap_err();
        assert!(matches!(error, Error::RotationInterrupted { .. }), "{error:?}");
        assert!(error.to_string().contains("interrupted") && error.needs_consent(), "{error}");
    }
    assert_eq!(issuer.requests(), asked + 1);
    change(&store, |state| state.refresh_token = Some("s3cr3t-consent".into())).await;
    issuer.provider(store, &clock).token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_refresh_that_used_nothing_up_goes_on() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    interrupted(&store, &issuer, &clock).await;
    issuer.provider(store.clone(), &clock).token(&all()).await.unwrap();
    assert!(store.load().await.unwrap().pending.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_leaves_the_mark_and_a_clear_refusal_takes_it_away() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.then(Answer::Fail(MintFailure::new(Heals::ByItself, "reset").answer_lost()));
    let provider = issuer.provider(store.clone(), &clock);
    issuer.then_fail(Heals::ByConsent, "invalid_grant");
    let error = provider.token(&all()).await.unwrap_err();
    assert!(matches!(error, Error::RotationInterrupted { .. }), "{error:?}");
    assert!(store.load().await.unwrap().pending.is_none());

    let (issuer, store) = (Issuer::new(), crate::support::store());
    issuer.then_fail(Heals::ByItself, "http 503").then_fail(Heals::ByConsent, "invalid_grant");
    let error = issuer.provider(store, &clock).token(&all()).await.unwrap_err();
    assert!(matches!(error, Error::ConsentNeeded { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_in_a_useless_answer_is_kept() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let mut useless = MintFailure::new(Heals::ByItself, "not a token").answer_lost();
    useless.refresh_token = Some("s3cr3t-rotated".into());
    issuer.then(Answer::Fail(useless));
    issuer.provider(store, &clock).token(&all()).await.unwrap();
    assert_eq!(issuer.presented(), ["s3cr3t-seed", "s3cr3t-rotated"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_told_before_the_grant_is_spent() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let store = FrailStore::new(store());
    store.fails_to_prepare(true);
    let provider = issuer.provider(store.clone(), &clock);
    let error = provider.token(&all()).await.unwrap_err();
    assert!(matches!(error, Error::File { problem: FileProblem::Full, .. }), "{error:?}");
    assert_eq!(issuer.requests(), 0);
    store.fails_to_prepare(false);
    provider.token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_stored_is_served_and_goes_on_being_written() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let store = FrailStore::new(store());
    store.fails_to_commit(true);
    let provider = issuer.provider(store.clone(), &clock);
    assert_eq!(text(&provider.token(&all()).await.unwrap()), "s3cr3t-access-1");
    assert!(provider.health().warnings[0].contains("in memory alone"), "{:?}", provider.health());
    // A sibling would present a refresh token that is spent: the lease stays taken.
    assert!(matches!(store.inner.try_lease().await.unwrap(), Leasing::Held(_)));
    let error = provider.shutdown().await.unwrap_err();
    assert!(matches!(error, Error::File { problem: FileProblem::Full, .. }), "{error:?}");

    store.fails_to_commit(false);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(store.load().await.unwrap().refresh_token.unwrap().expose(), "s3cr3t-refresh-1");
    assert!(provider.health().warnings.is_empty());
    drop(lease(&store).await);
    provider.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_second_answer_is_asked_for_while_the_first_cannot_be_stored() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let store = FrailStore::new(store());
    store.fails_to_commit(true);
    let provider = issuer.provider(store.clone(), &clock);
    provider.token(&all()).await.unwrap();
    advance(HOUR * 2).await;
    let error = provider.token(&all()).await.unwrap_err();
    assert!(matches!(error, Error::File { problem: FileProblem::Full, .. }), "{error:?}");
    assert_eq!(issuer.requests(), 1);
    store.fails_to_commit(false);
    provider.token(&all()).await.unwrap();
    assert_eq!(issuer.presented(), ["s3cr3t-seed", "s3cr3t-refresh-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_client_is_neither_served_nor_overwritten() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.provider(store.clone(), &clock).token(&all()).await.unwrap();
    let before = format!("{:?}", store.load().await.unwrap());
    let other = OAuthClient::new("another", "https://issuer.example/token");
    let stranger = Issuer::of(Principal::AuthorizedUser(other));
    let error = stranger.provider(store.clone(), &clock).token(&all()).await.unwrap_err();
    assert!(matches!(error, Error::OtherIdentity { .. }), "{error:?}");
    assert!(error.to_string().contains("the client another"), "{error}");
    assert_eq!(stranger.requests(), 0);
    assert_eq!(format!("{:?}", store.load().await.unwrap()), before);
}

#[tokio::test(start_paused = true)]
async fn a_store_without_a_refresh_token_needs_consent() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let provider = issuer.provider(MemoryStore::new(), &clock);
    let error = provider.token(&all()).await.unwrap_err();
    assert!(matches!(error, Error::ConsentNeeded { .. }), "{error:?}");
    assert_eq!(issuer.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_over_on_arrival_is_no_reason_to_hammer_the_issuer() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    issuer.lives(Some(Duration::from_millis(50)));
    let provider = issuer.provider(store(), &clock);
    let error = provider.token(&all()).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(issuer.requests() <= 10, "{} requests", issuer.requests());
    // Each of the answers replaced the refresh token, and none was lost.
    let presented = issuer.presented();
    assert_eq!(presented[1], "s3cr3t-refresh-1");
    assert_eq!(presented[2], "s3cr3t-refresh-2");
}

#[tokio::test(start_paused = true)]
async fn a_pause_from_the_future_of_a_clock_that_was_set_back_binds_nobody() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let mut busy = MintFailure::new(Heals::ByItself, "http 429");
    busy.retry_after = Some(Duration::from_secs(600));
    issuer.then(Answer::Fail(busy));
    let provider = issuer.provider(store, &clock);
    provider.token(&all()).await.unwrap_err();
    clock.set_wall(Duration::ZERO, HOUR * 24);
    provider.token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_speaks_of_another_grant_says_nothing() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    let pending = Pending::new(Fingerprint::of(["another"]), jiff::Timestamp::UNIX_EPOCH);
    change(&store, |state| state.pending = Some(pending)).await;
    issuer.then_fail(Heals::ByConsent, "invalid_grant");
    let error = issuer.provider(store, &clock).token(&all()).await.unwrap_err();
    assert!(matches!(error, Error::ConsentNeeded { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_cannot_be_stored_is_no_reason_to_hammer_the_issuer() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let store = FrailStore::new(store());
    store.fails_to_commit(true);
    issuer.always(Some(Answer::Fail(MintFailure::new(Heals::ByItself, "http 503"))));
    let provider = issuer.provider(store.clone(), &clock);
    assert!(provider.token(&all()).await.unwrap_err().is_transient());
    assert_eq!(issuer.requests(), 1);
    assert!(!provider.health().warnings.is_empty());
    store.fails_to_commit(false);
    issuer.always(None);
    provider.token(&all()).await.unwrap();
    assert!(provider.health().warnings.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_rotation_stays_one_when_a_human_asks_again() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    interrupted(&store, &issuer, &clock).await;
    issuer.always(Some(Answer::Fail(MintFailure::new(Heals::ByConsent, "invalid_grant"))));
    let provider = issuer.provider(store, &clock);
    for _ in 0..2 {
        let error = provider.refresh().await.unwrap_err();
        assert!(matches!(error, Error::RotationInterrupted { .. }), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn consent_to_another_client_survives_a_first_refresh_that_fails() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.provider(store.clone(), &clock).token(&all()).await.unwrap();
    let other = OAuthClient::new("another", "https://issuer.example/token");
    issuer.becomes(Principal::AuthorizedUser(other));
    change(&store, |state| {
        let generation = state.generation;
        *state = State::default();
        state.generation = generation;
        state.refresh_token = Some("s3cr3t-consent".into());
    })
    .await;
    issuer.then_fail(Heals::ByItself, "http 503");
    let token = issuer.provider(store.clone(), &clock).token(&all()).await.unwrap();
    assert_eq!(token.generation(), 2);
    assert_eq!(store.load().await.unwrap().client.unwrap().id, "another");
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_leaves_a_dead_grant_dead_and_a_pause_as_long_as_it_was() {
    let (issuer, clock, store) = (Issuer::new(), TokioClock::new(), store());
    issuer.then_fail(Heals::ByConsent, "invalid_grant").then_fail(Heals::ByItself, "http 503");
    let provider = issuer.provider(store.clone(), &clock);
    provider.token(&all()).await.unwrap_err();
    assert!(provider.refresh().await.unwrap_err().is_transient());
    advance(HOUR).await;
    for _ in 0..3 {
        let error = issuer.provider(store.clone(), &clock).token(&all()).await.unwrap_err();
        assert!(matches!(error, Error::ConsentNeeded { .. }), "{error:?}");
    }
    assert_eq!(issuer.requests(), 2);

    let (issuer, store) = (Issuer::new(), crate::support::store());
    let mut busy = MintFailure::new(Heals::ByItself, "http 429");
    busy.retry_after = Some(Duration::from_secs(1800));
    issuer.then(Answer::Fail(busy)).then_fail(Heals::ByItself, "no connection");
    let provider = issuer.provider(store, &clock);
    provider.token(&all()).await.unwrap_err();
    provider.refresh().await.unwrap_err();
    let error = provider.token(&all()).await.unwrap_err();
    assert!(error.retry_after().unwrap() > Duration::from_secs(1700), "{error}");
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_mended_configuration_is_not_held_to_what_became_of_the_other() {
    let key = |id: &str| Principal::Key {
        name: "roster@project.example".to_owned(),
        subject: None,
        key_id: Some(id.to_owned()),
        token_uri: "https://issuer.example/token".to_owned(),
    };
    let (issuer, clock) = (Issuer::of(key("deleted")), TokioClock::new());
    issuer.then_fail(Heals::ByConfiguration, "invalid_grant");
    let provider = issuer.provider(MemoryStore::new(), &clock);
    provider.token(&all()).await.unwrap_err();
    issuer.becomes(key("new"));
    provider.token(&all()).await.unwrap();

    let client = |uri: &str| {
        Principal::AuthorizedUser(OAuthClient::new("charter", uri).with_secret("s3cr3t-client"))
    };
    let issuer = Issuer::of(client("https://issuer.example/tokn"));
    issuer.then_fail(Heals::ByConfiguration, "http 404");
    let provider = issuer.provider(store(), &clock);
    provider.token(&all()).await.unwrap_err();
    issuer.becomes(client("https://issuer.example/token"));
    provider.token(&all()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_joins_a_renewal_that_hangs_hears_within_forty_seconds() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    issuer.always(Some(Answer::Silence));
    let provider = issuer.provider(store(), &clock);
    let _guard = provider.keep_fresh();
    sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    assert!(provider.token(&all()).await.unwrap_err().is_transient());
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_memory_alone_is_an_alarm() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let store = FrailStore::new(store());
    store.fails_to_commit(true);
    let provider = issuer.provider(store.clone(), &clock);
    provider.token(&all()).await.unwrap();
    assert_eq!(provider.health().status, HealthStatus::NeedsHuman);
    assert!(provider.counters().failed_writes > 0);
    store.fails_to_commit(false);
    provider.shutdown().await.unwrap();
    assert_eq!(provider.health().status, HealthStatus::Good);
}
