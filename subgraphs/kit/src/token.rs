//! Access tokens: JWTs ([RFC 9068](https://www.rfc-editor.org/rfc/rfc9068)) signed with Ed25519, which every subgraph verifies for
//! itself.

mod issuer;
mod key;
mod key_folder;
mod published;
mod revocations;
mod ring;
mod verifier;

pub use issuer::{Issuer, Token};
pub use jsonwebtoken::jwk::JwkSet;
pub use key::{KeyError, SigningKey};
pub use key_folder::KeyFolder;
pub use published::{FetchKeys, PublishedKeys};
pub use revocations::Revocations;
pub use ring::{DatedKey, KeyRing, KeyState};
pub use verifier::{Authenticator, Tenure, TokenError, TrustedKeys};

use serde::{Deserialize, Serialize};

/// Who signs and for whom, in every token's `iss` and `aud`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realm {
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
}

impl Default for Realm {
    fn default() -> Self {
        Self {
            issuer: "stockgraph".into(),
            audience: "stockgraph".into(),
        }
    }
}

/// The header's `typ` of an access token (RFC 9068, section 2.1); no other kind of token passes for one.
const TYPE: &str = "at+jwt";

/// What stands before the name in the `sub` of a service's token.
const SERVICE_PREFIX: &str = "service:";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// A user's id, or `service:` and the name of a part of the system.
    sub: String,
    /// Of a user's token: the session it belongs to, as in OpenID Connect's front-channel logout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Seconds since the Unix epoch, like `exp`.
    iat: i64,
    exp: i64,
    /// Not ours, but who signs tokens for us may say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
    /// The scopes, separated by spaces.
    scope: String,
}
