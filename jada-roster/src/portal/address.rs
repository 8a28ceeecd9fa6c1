//! From where a request comes, as far as that can be believed.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

/// By what the address of a client is known.
#[derive(Clone, Debug)]
pub(super) enum ClientAddress {
    /// The other end of the connection.
    Peer,
    /// What the proxy in front of us has added to this header.
    Header(HeaderName),
}

impl ClientAddress {
    pub(super) fn of(&self, request: &Parts) -> Option<IpAddr> {
        match self {
            Self::Peer => {
                let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
                peer.map(|ConnectInfo(peer)| peer.ip().to_canonical())
            }
            Self::Header(name) => last_in(&request.headers, name),
        }
    }
}

/// The address that the nearest proxy added: the last. Whatever stands before it, anyone can write.
fn last_in(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let last = line.rsplit(',').next()?.trim();
    let with_port = || last.parse().map(|address: SocketAddr| address.ip()).ok();
    let bare = last.trim_start_matches('[').trim_end_matches(']').parse().ok();
    bare.or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn believed(lines: &[&'static str]) -> Option<String> {
        let name = HeaderName::from_static("x-forwarded-for");
        let values = lines.iter().map(|line| (name.clone(), HeaderValue::from_static(line)));
        last_in(&values.collect(), &name).map(|address| address.to_string())
    }

    #[test]
    fn of_a_header_the_last_address_counts_with_or_without_a_port() {
        assert_eq!(believed(&["198.51.100.1, 203.0.113.9"]).unwrap(), "203.0.113.9");
        assert_eq!(believed(&["198.51.100.1", "203.0.113.9"]).unwrap(), "203.0.113.9");
        assert_eq!(believed(&["203.0.113.9:4711"]).unwrap(), "203.0.113.9");
        assert_eq!(believed(&["2001:db8::1"]).unwrap(), "2001:db8::1");
        assert_eq!(believed(&["[2001:db8::1]"]).unwrap(), "2001:db8::1");
        assert_eq!(believed(&["[2001:db8::1]:4711"]).unwrap(), "2001:db8::1");
        assert_eq!(believed(&["::ffff:203.0.113.9"]).unwrap(), "203.0.113.9");
        assert_eq!(believed(&["203.0.113.9, unknown"]), None);
        assert_eq!(believed(&[""]), None);
        assert_eq!(believed(&[]), None);
    }
}
