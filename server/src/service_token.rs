//! The token with which a part of the system calls another.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use stockgraph_kit::{
    caller::Scopes, clock::Clock, error::ApiError, rights::ServiceName, serve::ROUTER_TOKEN,
    token::Issuer,
};

/// How long a token is good: longer than any call takes.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Signs tokens of one part of the system, and keeps each for half of its life: signing it, and verifying what was not seen
/// before, costs more than many a call.
pub struct ServiceToken {
    service: ServiceName,
    scopes: Scopes,
    issuer: Issuer,
    clock: Clock,
    header: HeaderName,
    current: Mutex<Option<Current>>,
}

struct Current {
    headers: HeaderMap,
    renew_at: DateTime<Utc>,
}

impl ServiceToken {
    /// Tokens of this part of the system, with all scopes that the table of rights gives it.
    #[must_use]
    pub fn new(service: ServiceName, issuer: Issuer, clock: Clock) -> Self {
        Self::with_scopes(service, service.scopes(), issuer, clock)
    }

    /// The same with these scopes.
    #[must_use]
    pub fn with_scopes(service: ServiceName, scopes: Scopes, issuer: Issuer, clock: Clock) -> Self {
        Self {
            service,
            scopes,
            issuer,
            clock,
            header: AUTHORIZATION,
            current: Mutex::new(None),
        }
    }

    /// The same tokens, sent in `stockgraph-router-token` beside the `Authorization` of whoever the call is made for.
    #[must_use]
    pub fn beside_the_callers(self) -> Self {
        Self {
            header: ROUTER_TOKEN,
            ..self
        }
    }

    /// The headers of a call: the token that is good now.
    ///
    /// # Errors
    ///
    /// An internal one when the key cannot sign.
    pub fn headers(&self) -> Result<HeaderMap, ApiError> {
        let now = self.clock.now();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = &*current
            && now < current.renew_at
        {
            return Ok(current.headers.clone());
        }
        let token = self
            .issuer
            .service(self.service.as_str(), &self.scopes, LIFETIME)?;
        let text = if self.header == AUTHORIZATION {
            format!("Bearer {}", token.text)
        } else {
            token.text
        };
        let mut value = HeaderValue::try_from(text).map_err(|error| ApiError::internal(&error))?;
        // So that nobody shows it in a log by accident.
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(self.header.clone(), value)]);
        *current = Some(Current {
            headers: headers.clone(),
            renew_at: now + LIFETIME / 2,
        });
        Ok(headers)
    }
}
