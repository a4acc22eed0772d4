//! The cryptography that all of this speaks with.

use rustls::crypto::{CryptoProvider, ring};
use std::sync::Arc;

/// What a client offers that is our certificate authority and wants the answer to a challenge
/// ([RFC 8737](https://www.rfc-editor.org/rfc/rfc8737)).
pub(crate) const CHALLENGE: &[u8] = b"acme-tls/1";

/// The one implementation of cryptography that this program carries.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
