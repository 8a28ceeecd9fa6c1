//! What can be set of each API before it starts.

use std::hash::Hash;
use std::io;
use std::sync::{Arc, Mutex};

use fastrand::Rng;

use super::auth::Tokens;
use super::fault::Faults;
use super::{Api, Shared, serve};
use crate::loopback::Loopback;

/// The settings that every API has, with faults `F`.
pub(crate) struct Settings<F> {
    pub(crate) port: u16,
    pub(crate) seed: u64,
    pub(crate) tokens: Tokens,
    pub(crate) fault_rate: f64,
    pub(crate) mix: Vec<F>,
}

impl<F: Copy> Settings<F> {
    /// A scope that allows everything, and what may befall a client any day.
    pub(crate) fn new(everything: &'static str, mix: &[F]) -> Self {
        let (tokens, mix) = (Tokens::new(everything), mix.to_vec());
        Self { port: 0, seed: 0, tokens, fault_rate: 0.0, mix }
    }

    /// What all else that is drawn is forked from, so that what is drawn for one thing does not
    /// depend on how often another was drawn.
    pub(crate) fn rng(&self) -> Rng {
        Rng::with_seed(self.seed)
    }

    pub(crate) fn faults<M: Copy + Eq + Hash>(&self, rng: Rng) -> Faults<M, F> {
        Faults::new(rng, self.fault_rate, self.mix.clone())
    }
}

/// Serves an API on this port of 127.0.0.1, and shares its state with whoever started it.
pub(crate) fn start<S: Api + 'static>(
    port: u16,
    state: S,
) -> io::Result<(Arc<Mutex<S>>, Loopback)> {
    let state = Arc::new(Mutex::new(state));
    let api: Shared = Arc::<Mutex<S>>::clone(&state);
    Ok((state, serve(port, vec![api])?))
}

/// Gives a builder the methods by which its `settings` are set.
macro_rules! with_settings {
    ($builder:ident, $fault:ident, $scope:literal) => {
        impl $builder {
            /// Sets the port; one that is free by default.
            pub fn port(mut self, port: u16) -> Self {
                self.settings.port = port;
                self
            }

            /// Sets the seed of all that is drawn, such as faults and ids; 0 by default.
            pub fn seed(mut self, seed: u64) -> Self {
                self.settings.seed = seed;
                self
            }

            /// Takes the bearer token `name`, and each that is `name-` and something, for these
            /// scopes, such as
            #[doc = concat!("`https://www.googleapis.com/auth/", $scope, "`.")]
            /// Where no token is named, there is `good`, which may do everything.
            pub fn token<'a>(
                mut self,
                name: &str,
                scopes: impl IntoIterator<Item = &'a str>,
            ) -> Self {
                let scopes = scopes.into_iter().map(str::to_owned).collect();
                self.settings.tokens.grant(name, scopes);
                self
            }

            /// Lets a fault of the [mix](Self::mix) befall this share of all requests,
            /// 0 ≤ share ≤ 1; none by default.
            ///
            /// A token that was good for fewer than five requests does not die of it: a client that
            /// gets 401 twice in a row is right to give up.
            pub fn faults(mut self, rate: f64) -> Self {
                self.settings.fault_rate = rate;
                self
            }

            /// Sets what is drawn from, each as often as another;
            #[doc = concat!("[`", stringify!($fault), "::MIX`] by default.")]
            pub fn mix(mut self, mix: impl IntoIterator<Item = $fault>) -> Self {
                self.settings.mix = mix.into_iter().collect();
                self
            }
        }
    };
}

pub(crate) use with_settings;
