//! What is to befall requests: scripted by method, or drawn from a seed.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use fastrand::Rng;

/// On which side of an accident the deed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// Nothing was done of what was asked.
    Before,
    /// All was done that was asked.
    After,
}

/// What is to befall the next requests for methods `M`: faults `F`.
pub(crate) struct Faults<M, F> {
    rng: Rng,
    rate: f64,
    mix: Vec<F>,
    scripted: HashMap<M, VecDeque<F>>,
}

impl<M: Copy + Eq + Hash, F: Copy> Faults<M, F> {
    pub(crate) fn new(rng: Rng, rate: f64, mix: Vec<F>) -> Self {
        Self { rng, rate, mix, scripted: HashMap::new() }
    }

    pub(crate) fn script(&mut self, method: M, fault: F) {
        self.scripted.entry(method).or_default().push_back(fault);
    }

    /// Nothing goes wrong any more.
    pub(crate) fn heal(&mut self) {
        self.rate = 0.0;
        self.scripted.clear();
    }

    /// A scripted fault befalls in any case, one that is drawn only whom it may.
    pub(crate) fn next(&mut self, method: M, may_befall: impl Fn(F) -> bool) -> Option<F> {
        let scripted = self.scripted.get_mut(&method).and_then(VecDeque::pop_front);
        scripted.or_else(|| self.draw().filter(|fault| may_befall(*fault)))
    }

    fn draw(&mut self) -> Option<F> {
        if self.rng.f64() >= self.rate || self.mix.is_empty() {
            return None;
        }
        Some(self.mix[self.rng.usize(..self.mix.len())])
    }
}
