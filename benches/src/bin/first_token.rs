//! Gets one token of the grant in a file, and ends: what a command line tool waits for.
//!
//! `first-token FILE TOKEN_URI CLIENT_ID CLIENT_SECRET`

#![expect(clippy::unwrap_used, reason = "a bench whose input is wrong is to stop")]

use jada_auth::{FileStore, OAuthClient, RefreshToken, Scopes, SharedProvider, TokenProvider as _};

fn main() {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().unwrap();
    let store = FileStore::new(next());
    let (token_uri, id, secret) = (next(), next(), next());
    let client = OAuthClient::new(id, token_uri).with_secret(secret);
    let source = RefreshToken::builder(client).build().unwrap();
    let provider = SharedProvider::builder(source, store, Scopes::default()).build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        provider.token(provider.scopes()).await.unwrap();
        provider.shutdown().await.unwrap();
    });
}
