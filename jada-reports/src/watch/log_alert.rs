//! Incidents as traces.

use async_trait::async_trait;

use super::alert::{Alert, Incident, Stage};
use crate::error::BoxError;

/// Tells of each incident by `tracing`: an error when it begins, needs a person or has
/// more to it, and an info when it is over.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "named as a value, and will never hold anything")]
pub struct LogAlert;

#[async_trait]
impl Alert for LogAlert {
    async fn alert(&self, incident: &Incident) -> Result<(), BoxError> {
        let Incident { job, since, failures, failure, .. } = incident;
        let (subject, mend) = (incident.subject(), failure.mend.as_deref());
        match incident.stage {
            Stage::Began | Stage::NeedsPerson | Stage::Worsened => {
                tracing::error!(job, %since, failures, why = failure.why, mend, "{subject}");
            }
            Stage::Recovered => tracing::info!(job, %since, failures, "{subject}"),
        }
        Ok(())
    }
}
