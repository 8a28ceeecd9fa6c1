//! The codes by which issuers refuse, and what heals each. Nothing else of an answer is repeated.

use crate::Heals;

/// A code that is known.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) code: &'static str,
    pub(super) heals: Heals,
    /// What mends it; the provider knows about consent, and time needs no advice.
    pub(super) mend: Option<&'static str>,
}

impl Code {
    /// The one of that name, letter for letter.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        CODES.iter().find(|code| code.code == name)
    }
}

const fn by_itself(code: &'static str) -> Code {
    Code { code, heals: Heals::ByItself, mend: None }
}

const fn by_consent(code: &'static str) -> Code {
    Code { code, heals: Heals::ByConsent, mend: None }
}

const fn by_configuration(code: &'static str, mend: &'static str) -> Code {
    Code { code, heals: Heals::ByConfiguration, mend: Some(mend) }
}

/// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2), and what
/// [Google](https://developers.google.com/identity/protocols/oauth2/web-server#errors),
/// [GitHub](https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors),
/// OpenID Connect and Google's APIs in general (in capitals) add.
static CODES: &[Code] = &[
    by_consent("invalid_grant"),
    by_consent("bad_refresh_token"),
    by_consent("consent_required"),
    by_consent("interaction_required"),
    by_consent("login_required"),
    by_itself("internal_failure"),
    by_itself("rate_limit_exceeded"),
    by_itself("server_error"),
    by_itself("slow_down"),
    by_itself("temporarily_unavailable"),
    by_itself("ABORTED"),
    by_itself("DEADLINE_EXCEEDED"),
    by_itself("INTERNAL"),
    by_itself("RESOURCE_EXHAUSTED"),
    by_itself("UNAVAILABLE"),
    by_configuration("invalid_client", CHECK_CLIENT),
    by_configuration("incorrect_client_credentials", CHECK_CLIENT),
    by_configuration(
        "unauthorized_client",
        "use the client that the consent was given to, and let it use this grant",
    ),
    by_configuration("deleted_client", "create a client in its stead, and consent again"),
    by_configuration("disabled_client", "see with the issuer why the client is disabled"),
    by_configuration("restricted_client", "let the client use these scopes"),
    by_configuration("invalid_scope", "check the scopes: one is unknown, or may not be asked for"),
    by_configuration("unsupported_grant_type", CHECK_ENDPOINT),
    by_configuration("invalid_request", CHECK_ENDPOINT),
    by_configuration("invalid_target", CHECK_ENDPOINT),
    by_configuration("org_internal", "use an account of the organisation that owns the client"),
    by_configuration(
        "admin_policy_enforced",
        "have the administrator of the Workspace trust the client and its scopes",
    ),
    by_configuration("access_denied", CHECK_RIGHTS),
    by_configuration("FAILED_PRECONDITION", CHECK_RIGHTS),
    by_configuration("INVALID_ARGUMENT", CHECK_ENDPOINT),
    by_configuration("NOT_FOUND", CHECK_ENDPOINT),
    by_configuration("PERMISSION_DENIED", CHECK_RIGHTS),
    by_configuration("UNAUTHENTICATED", CHECK_CLIENT),
];

const CHECK_CLIENT: &str = "check the client id and the client's secret";
const CHECK_ENDPOINT: &str = "check the token endpoint's URL, and what its issuer expects";
const CHECK_RIGHTS: &str = "see what the issuer permits this client and this account";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once_and_those_for_a_human_say_what_mends_them() {
        for (index, code) in CODES.iter().enumerate() {
            assert!(std::ptr::eq(Code::named(code.code).unwrap(), &CODES[index]), "{code:?}");
            assert_eq!(code.mend.is_some(), code.heals == Heals::ByConfiguration, "{code:?}");
        }
        assert!(Code::named("Invalid_Grant").is_none() && Code::named("").is_none());
    }
}
