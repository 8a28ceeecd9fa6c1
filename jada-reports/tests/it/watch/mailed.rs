//! Alerts as mails in an outbox, each once.

use super::*;

#[tokio::test]
async fn what_cannot_be_put_on_record_is_mailed_once_a_day_whatever_restarts() {
    let bench = Bench::new();
    let outbox = Outbox::new(bench.folder.path().join("outbox"));
    let eml = bench.folder.path().join("eml");
    fs::write(bench.path(), "no folder").unwrap();
    for _ in 0..30 {
        let from = "sync@example.com".parse().unwrap();
        let mail = MailAlert::new(outbox.clone(), from, vec!["ops@example.com".parse().unwrap()]);
        let watch = bench.builder().alert(mail.through(EmlFolder::new(&eml))).build();
        watch.run(async || Ok::<_, Failure>(1)).await.unwrap_err();
        bench.clock.advance(HOUR);
    }
    let [first, second] = &mails(&eml)[..] else { panic!() };
    assert!(first.starts_with("sheet-sync-20260501-unrecorded-"), "{first}");
    assert!(second.starts_with("sheet-sync-20260502-unrecorded-"), "{second}");
}

#[tokio::test]
async fn a_second_failure_of_the_state_on_one_day_is_mailed_as_well() {
    let bench = Bench::new();
    let outbox = Outbox::new(bench.folder.path().join("outbox"));
    let watch = || {
        let from = "sync@example.com".parse().unwrap();
        let mail = MailAlert::new(outbox.clone(), from, vec!["ops@example.com".parse().unwrap()]);
        bench.builder().alert(mail).build()
    };
    for mails in 1..=3 {
        watch().run(async || Ok::<_, Failure>(1)).await.unwrap();
        bench.clock.advance(HOUR);
        // A health file that can be read, in a folder that others can look into.
        fs::set_permissions(bench.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for _ in 0..2 {
            watch().run(async || Ok::<_, Failure>(1)).await.unwrap_err();
        }
        fs::set_permissions(bench.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(outbox.status().unwrap().mails.len(), mails);
    }
}

#[tokio::test]
async fn an_alert_of_another_job_or_folder_is_another_mail_in_the_same_outbox() {
    let bench = Bench::new();
    let outbox = Outbox::new(bench.folder.path().join("outbox"));
    let watch = |folder: &str, job: &str| {
        let from = "sync@example.com".parse().unwrap();
        let mail = MailAlert::new(outbox.clone(), from, vec!["ops@example.com".parse().unwrap()]);
        let clock = Arc::clone(&bench.clock);
        Watch::builder(bench.folder.path().join(folder), job).clock(clock).alert(mail).build()
    };
    let long = "a tab with a very long name ".repeat(8);
    for (folder, job) in [
        ("one", "sync book/A"),
        ("two", "sync book/A"),
        ("three", "sync book A"),
        ("four", &format!("{long}A")),
        ("five", &format!("{long}B")),
    ] {
        let fails = async || Err::<u32, _>(transient());
        let health = watch(folder, job).run(fails).await.unwrap().health;
        assert_eq!(health.alert_problem, None);
    }
    assert_eq!(outbox.status().unwrap().mails.len(), 5);
}

fn mails(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_incident_is_one_mail_for_each_stage_though_two_processes_tell_of_it() {
    let bench = Bench::new();
    let outbox = Outbox::new(bench.folder.path().join("outbox"));
    let eml = bench.folder.path().join("eml");
    let mail = || {
        let from = "Sync <sync@example.com>".parse().unwrap();
        let to = vec!["ops@example.com".parse().unwrap()];
        MailAlert::new(outbox.clone(), from, to).through(EmlFolder::new(&eml))
    };
    for outcome in [Err(consent()), Err(consent()), Ok(1)] {
        let watch = bench.builder().alert(mail()).alert(mail()).build();
        watch.run(async || outcome).await.unwrap();
        bench.clock.advance(MINUTE);
    }
    let [began, recovered] = &mails(&eml)[..] else { panic!() };
    assert!(began.starts_with("sheet-sync-20260501T120000Z-began-"), "{began}");
    assert!(recovered.starts_with("sheet-sync-20260501T120000Z-recovered-"), "{recovered}");
    let began = fs::read(eml.join(began)).unwrap();
    let began = mail_parser::MessageParser::new().parse(&began).unwrap();
    assert_eq!(began.subject(), Some("sheet-sync fails until somebody consents"));
    assert!(began.body_text(0).unwrap().contains("What mends it: run `reauth`"));
    assert_eq!(outbox.status().unwrap().to_string(), "2 sent");
}

#[tokio::test]
async fn a_mail_that_cannot_leave_is_a_problem_that_the_health_file_tells() {
    let bench = Bench::new();
    let outbox = Outbox::new(bench.folder.path().join("outbox"));
    fs::write(bench.folder.path().join("eml"), "no folder").unwrap();
    let from = "Sync <sync@example.com>".parse().unwrap();
    let mail = MailAlert::new(outbox.clone(), from, vec!["ops@example.com".parse().unwrap()])
        .through(EmlFolder::new(bench.folder.path().join("eml")));
    let watch = bench.builder().alert(mail).build();
    let health = watch.run(async || Err::<u32, _>(transient())).await.unwrap().health;
    assert!(health.alert_problem.is_some(), "{}", health.line(bench.now()));
    assert_eq!(outbox.status().unwrap().mails.len(), 1, "it waits");
}
