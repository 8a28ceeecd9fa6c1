//! As `first-token`, by yup-oauth2 and the file that it keeps tokens in.
//!
//! `first-token-yup FILE TOKEN_URI CLIENT_ID CLIENT_SECRET`

#![expect(clippy::unwrap_used, reason = "a bench whose input is wrong is to stop")]

use jada_auth::OAuthClient;
use jada_benches::{AtHand as _, Yup};

fn main() {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().unwrap();
    let (file, token_uri, id, secret) = (next(), next(), next(), next());
    let client = OAuthClient::new(id, token_uri).with_secret(secret);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { Yup::open(&file, &client).await.token().await });
}
