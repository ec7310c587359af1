//! Who signed a delivery, and when: the scheme that Stripe documents at <https://docs.stripe.com/webhooks#verify-manually>.
//!
//! The header says `t=SECONDS,v1=HEX`: the time in seconds since the Unix epoch, and HMAC-SHA256 over `SECONDS.BODY` with the shared
//! secret. A sender whose secret is changing signs with both, and there are two `v1`. Other schemes (`v0`) are passed over, so that
//! nobody can choose a weaker one.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac, digest::CtOutput};
use sha2::Sha256;

/// The header that carries the signature.
pub const HEADER: &str = "stockgraph-signature";

type HmacSha256 = Hmac<Sha256>;

/// Why a delivery is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The header has no time or no signature, or cannot be read.
    #[error("The header Stockgraph-Signature must be t=SECONDS,v1=HEX.")]
    Malformed,
    /// None of the signatures is right.
    #[error("The signature is not right.")]
    Wrong,
    /// It was signed too long ago, or is said to be signed in the future.
    #[error("The delivery was not signed just now.")]
    Stale,
}

/// Verifies what one sender signs.
pub struct Verifier {
    keys: Vec<HmacSha256>,
    tolerance: TimeDelta,
}

impl Verifier {
    /// Accepts what was signed with any of these secrets, at a time no further than `tolerance` from the present.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>, tolerance: TimeDelta) -> Self {
        let key =
            |secret| HmacSha256::new_from_slice(secret).expect("HMAC takes keys of any length");
        Self {
            keys: secrets.into_iter().map(key).collect(),
            tolerance,
        }
    }

    /// Whether `body` came with this header from one who knows a secret, just now.
    ///
    /// # Errors
    ///
    /// [`Rejected`]. That a delivery is stale is told only to who could sign it.
    pub fn verify(&self, header: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), Rejected> {
        let header = Header::parse(header).ok_or(Rejected::Malformed)?;
        let mut right = false;
        for key in &self.keys {
            let mut mac = key.clone();
            mac.update(header.time_as_signed.as_bytes());
            mac.update(b".");
            mac.update(body);
            let expected = mac.finalize();
            for signature in &header.signatures {
                // Compares in constant time; and all are compared, so that the time does not tell which one was right.
                right |= *signature == expected;
            }
        }
        if !right {
            return Err(Rejected::Wrong);
        }
        if now.timestamp().abs_diff(header.time) > self.tolerance.num_seconds().unsigned_abs() {
            return Err(Rejected::Stale);
        }
        Ok(())
    }
}

struct Header<'a> {
    time: i64,
    time_as_signed: &'a str,
    signatures: Vec<CtOutput<HmacSha256>>,
}

impl<'a> Header<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut time = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            let (name, value) = part.trim().split_once('=')?;
            match name {
                "t" => {
                    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
                    let seconds = value.parse().ok().filter(|_| digits)?;
                    // With two times, one could be checked and the other be signed.
                    if time.replace((seconds, value)).is_some() {
                        return None;
                    }
                }
                "v1" => {
                    let mut bytes = [0; 32];
                    hex::decode_to_slice(value, &mut bytes).ok()?;
                    signatures.push(CtOutput::new(bytes.into()));
                }
                _ => {}
            }
        }
        let (time, time_as_signed) = time?;
        (!signatures.is_empty()).then_some(Self {
            time,
            time_as_signed,
            signatures,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const BODY: &[u8] = b"{\"type\":\"payment.confirmed\"}";
    /// `printf '%s' '1800000000.{"type":"payment.confirmed"}' | openssl dgst -sha256 -hmac 'a secret of the provider'`
    const KNOWN: &str = "7ab6d6f2dd2b40972fd0d19ef3e8c62c55b7be8802992f88d71d22f8f4bb7db3";

    fn verifier(secrets: &[&str]) -> Verifier {
        let secrets = secrets.iter().map(|secret| secret.as_bytes());
        Verifier::new(secrets, TimeDelta::seconds(300))
    }

    fn verify(secrets: &[&str], header: &str, body: &[u8], now: i64) -> Result<(), Rejected> {
        let now = DateTime::from_timestamp(now, 0).unwrap();
        verifier(secrets).verify(header, body, now)
    }

    const SECRET: &str = "a secret of the provider";

    fn known() -> String {
        format!("t={NOW},v1={KNOWN}")
    }

    #[test]
    fn what_openssl_signs_is_accepted() {
        assert_eq!(verify(&[SECRET], &known(), BODY, NOW), Ok(()));
    }

    /// Test case 2 of RFC 4231: its message has no time before it, so the key alone is checked.
    #[test]
    fn the_code_is_the_one_of_rfc_4231() {
        let verifier = verifier(&["Jefe"]);
        let mut mac = verifier.keys[0].clone();
        mac.update(b"what do ya want for nothing?");
        assert_eq!(
            hex::encode(mac.finalize().into_bytes()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn any_change_of_the_body_the_time_or_the_secret_is_refused() {
        let wrong = Err(Rejected::Wrong);
        let mut tampered = BODY.to_vec();
        for at in 0..tampered.len() {
            tampered[at] ^= 1;
            assert_eq!(verify(&[SECRET], &known(), &tampered, NOW), wrong, "{at}");
            tampered[at] ^= 1;
        }
        let later = format!("t={},v1={KNOWN}", NOW + 1);
        assert_eq!(verify(&[SECRET], &later, BODY, NOW), wrong);
        assert_eq!(verify(&["another secret"], &known(), BODY, NOW), wrong);
        assert_eq!(verify(&[], &known(), BODY, NOW), wrong);
    }

    #[test]
    fn one_right_signature_by_one_of_the_secrets_is_enough() {
        let other = "0".repeat(64);
        let header = format!("t={NOW}, v1={other},v1={KNOWN},v0=weak");
        assert_eq!(
            verify(&["the next secret", SECRET], &header, BODY, NOW),
            Ok(())
        );
        let header = format!("t={NOW},v0={KNOWN},v1={other}");
        assert_eq!(verify(&[SECRET], &header, BODY, NOW), Err(Rejected::Wrong));
    }

    #[test]
    fn the_time_may_be_off_by_the_tolerance_either_way_and_no_more() {
        for (now, expected) in [
            (NOW + 300, Ok(())),
            (NOW - 300, Ok(())),
            (NOW + 301, Err(Rejected::Stale)),
            (NOW - 301, Err(Rejected::Stale)),
        ] {
            assert_eq!(verify(&[SECRET], &known(), BODY, now), expected, "{now}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_read_is_told() {
        for header in [
            String::new(),
            format!("v1={KNOWN}"),
            format!("t={NOW}"),
            format!("t=,v1={KNOWN}"),
            format!("t=+{NOW},v1={KNOWN}"),
            format!("t=99999999999999999999,v1={KNOWN}"),
            format!("t={NOW},t={NOW},v1={KNOWN}"),
            format!("t={NOW},v1=abc"),
            format!("t={NOW},v1={KNOWN}00"),
            format!("t={NOW};v1={KNOWN}"),
        ] {
            let answer = verify(&[SECRET], &header, BODY, NOW);
            assert_eq!(answer, Err(Rejected::Malformed), "{header}");
        }
    }
}
