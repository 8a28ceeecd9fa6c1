//! Argon2id, for keys that people chose ([RFC 9106](https://www.rfc-editor.org/rfc/rfc9106)).

use std::{fmt, sync::Arc};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{
    hash::{Fault, MEND},
    random,
};
use crate::Error;

/// What a PHC string holds. Its parameters are those that OWASP recommends or those it came with.
#[derive(Clone)]
pub(super) struct Argon2id {
    params: Params,
    salt: Vec<u8>,
    output: Vec<u8>,
}

/// There was no memory for the computation.
#[derive(Debug, thiserror::Error)]
#[error("argon2id needs more memory than there is")]
pub(super) struct OutOfMemory;

impl Argon2id {
    pub(super) fn of(key: &str) -> Result<Self, Error> {
        let params = Params::DEFAULT;
        let salt = random::<16>()?.to_vec();
        let output = compute(&params, &salt, key, Params::DEFAULT_OUTPUT_LEN);
        let output = output.map_err(|error| Error::Refused {
            action: "hashing a chosen key".to_owned(),
            mend: "give this process 19 MiB more of memory".to_owned(),
            source: Some(Arc::new(error)),
        })?;
        Ok(Self { params, salt, output: output.to_vec() })
    }

    /// Reads `v=19$m=..,t=..,p=..$salt$output`.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let mut fields = text.split('$');
        if fields.next() != Some("v=19") {
            return Err(Fault::new("is not of argon2's version 19", MEND));
        }
        let params = read_params(fields.next().unwrap_or_default())?;
        let salt = read_base64("salt", fields.next(), argon2::MIN_SALT_LEN)?;
        let output = read_base64("output", fields.next(), OUTPUT_LENGTH)?;
        match fields.next() {
            None => Ok(Self { params, salt, output }),
            Some(_) => Err(Fault::new("goes on after its output", MEND)),
        }
    }

    pub(super) fn matches(&self, key: &str) -> Result<Choice, OutOfMemory> {
        let output = compute(&self.params, &self.salt, key, self.output.len())?;
        Ok(output.ct_eq(&self.output))
    }
}

/// The rest of the PHC string, after its algorithm.
impl fmt::Display for Argon2id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [salt, output] =
            [&self.salt, &self.output].map(|bytes| BASE64_STANDARD_NO_PAD.encode(bytes));
        write!(f, "v=19${}${salt}${output}", written(&self.params))
    }
}

fn compute(
    params: &Params,
    salt: &[u8],
    key: &str,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, OutOfMemory> {
    let mut output = Zeroizing::new(vec![0; length]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    // Salt, lengths and parameters were checked when they were read, so memory alone can lack.
    let done = argon2.hash_password_into(key.as_bytes(), salt, &mut output);
    done.map_err(|_| OutOfMemory)?;
    Ok(output)
}

fn read_params(text: &str) -> Result<Params, Fault> {
    let mut costs = ["m=", "t=", "p="].into_iter().zip(text.split(','));
    let mut cost = || costs.next().and_then(|(name, it)| it.strip_prefix(name)?.parse().ok());
    let (Some(m), Some(t), Some(p)) = (cost(), cost(), cost()) else {
        return Err(Fault::new("lacks one of the parameters `m`, `t` and `p`", MEND));
    };
    if m > MEMORY || u64::from(m) * u64::from(t) > WORK {
        let what = "asks for so much memory or time that requests could exhaust this host";
        return Err(Fault::new(what, "take at most m=262144, and at most 1048576 for m times t"));
    }
    // What is written otherwise, such as `m=+8` or a fourth parameter, other programs may read
    // otherwise.
    let params = Params::new(m, t, p, None).ok().filter(|params| written(params) == text);
    params.ok_or_else(|| Fault::new("has parameters that argon2id does not allow", MEND))
}

fn written(params: &Params) -> String {
    format!("m={},t={},p={}", params.m_cost(), params.t_cost(), params.p_cost())
}

fn read_base64(name: &str, field: Option<&str>, least: usize) -> Result<Vec<u8>, Fault> {
    let Some(field) = field.filter(|field| !field.is_empty()) else {
        return Err(Fault::new(format!("has no {name}"), MEND));
    };
    let Ok(bytes) = BASE64_STANDARD_NO_PAD.decode(field) else {
        return Err(Fault::new(format!("is not base64 without padding in its {name}"), MEND));
    };
    if bytes.len() < least {
        return Err(Fault::new(format!("has fewer than {least} bytes in its {name}"), MEND));
    }
    Ok(bytes)
}

/// In bytes: an output of fewer is found by trying other keys than the one that was chosen.
const OUTPUT_LENGTH: usize = 16;
/// In KiB: 256 MiB.
const MEMORY: u32 = 256 * 1024;
/// In KiB times passes: about a second.
const WORK: u64 = 1024 * 1024;
