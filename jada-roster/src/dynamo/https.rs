//! The HTTPS client that the SDK lacks without its default features.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// An HTTPS client for the SDK on rustls with `ring`, for `SdkConfig` or a client's own config.
///
/// It speaks plain HTTP too, for a DynamoDB on 127.0.0.1.
#[must_use]
pub fn https_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}
