//! A crash at each step to the disk, one after the other, and who has heard of it.

use std::sync::{Arc, Mutex};

use super::{Incident, MailAlert, Stage, Watch};
use crate::error::Error;
use crate::failure::Failure;
use crate::folder::crash;

async fn fails(watch: &Watch) -> Result<(), Error> {
    watch.run(async || Err::<u32, _>(Failure::transient("no route"))).await.map(drop)
}

#[tokio::test]
async fn a_crash_at_any_step_keeps_no_incident_from_being_told_and_its_mail_is_one() {
    for steps in (0..).step_by(crash::stride()) {
        let folder = tempfile::tempdir().unwrap();
        let outbox = jada_mail::Outbox::new(folder.path().join("outbox"));
        let told = Arc::new(Mutex::new(Vec::new()));
        let (told_to, outbox_of) = (Arc::clone(&told), outbox.clone());
        let watch = || {
            let told = Arc::clone(&told_to);
            let from = "sync@example.com".parse().unwrap();
            let to = vec!["ops@example.com".parse().unwrap()];
            Watch::builder(folder.path().join("state"), "sync")
                .alert(move |incident: &Incident| told.lock().unwrap().push(incident.stage))
                .alert(MailAlert::new(outbox_of.clone(), from, to))
                .build()
        };
        crash::after(steps);
        let lived = fails(&watch()).await;
        crash::after(usize::MAX);
        let crashed = lived.is_err();
        assert!(!crashed || matches!(lived, Err(Error::File { .. })), "{steps}: {lived:?}");

        fails(&watch()).await.unwrap();
        let good = watch().run(async || Ok::<_, Failure>(1)).await.unwrap();
        assert_eq!(good.health.untold, [], "{steps}");
        let told = told.lock().unwrap().clone();
        assert!(told.contains(&Stage::Began), "{steps}");
        assert_eq!(told.iter().filter(|it| **it == Stage::Recovered).count(), 1, "{steps}");
        let mails = outbox.status().unwrap().mails;
        let since =
            |stage: &str| mails.iter().filter(|it| it.key.as_str().ends_with(stage)).count();
        assert_eq!(since("-recovered"), 1, "{steps}");
        // One that could not be put on record at all is an incident of its own.
        assert!((1..=2).contains(&since("-began")), "{steps}");
        if !crashed {
            assert_eq!((told.len(), mails.len()), (2, 2));
            assert!(steps > 8, "{steps} steps");
            return;
        }
    }
}
