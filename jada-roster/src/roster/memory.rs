//! The crew in memory.
