//! What others report to the shop over HTTP.

use serde::{Deserialize, Serialize};

use super::secret::{Secret, check_length, one_or_more};

/// The shortest secret, in characters.
const SHORTEST_SECRET: usize = 16;

/// The longest tolerance: a signed delivery that somebody has caught can be sent again for as long.
const LONGEST_TOLERANCE: u32 = 86_400;

/// What others report to the shop over HTTP.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhooksConfig {
    /// The payment provider's.
    pub payments: PaymentWebhookConfig,
}

/// `POST /webhooks/payments`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaymentWebhookConfig {
    /// What the provider signs its deliveries with; one text, or a list while one secret takes another's place. At least 16
    /// characters each. Default: none, and nothing is accepted.
    #[serde(deserialize_with = "one_or_more", skip_serializing)]
    pub secrets: Vec<Secret>,
    /// How far the time of a delivery may be from now, in seconds, either way. Default: 300.
    pub tolerance_seconds: u32,
}

impl Default for PaymentWebhookConfig {
    fn default() -> Self {
        Self {
            secrets: Vec::new(),
            tolerance_seconds: 300,
        }
    }
}

impl WebhooksConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let payments = &self.payments;
        check_length(
            "webhooks.payments.secrets",
            &payments.secrets,
            SHORTEST_SECRET,
        )?;
        anyhow::ensure!(
            (1..=LONGEST_TOLERANCE).contains(&payments.tolerance_seconds),
            "webhooks.payments.tolerance_seconds must be from 1 to {LONGEST_TOLERANCE}"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use figment::{
        Figment,
        providers::{Format, Toml},
    };

    use super::*;

    fn read(text: &str) -> Result<WebhooksConfig, String> {
        let config: WebhooksConfig = Figment::from(Toml::string(text))
            .extract()
            .map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn a_secret_is_one_text_or_several_and_is_shown_nowhere() {
        let one = read("[payments]\nsecrets = \"sixteen letters!\"").unwrap();
        assert_eq!(one.payments.secrets, [Secret::new("sixteen letters!")]);
        let two = read("[payments]\nsecrets = [\"sixteen letters!\", \"and sixteen more\"]");
        assert_eq!(two.unwrap().payments.secrets.len(), 2);
        let shown = format!("{one:?} {}", serde_json::to_value(&one).unwrap());
        assert!(!shown.contains("sixteen"), "{shown}");
    }

    #[test]
    fn a_wrong_secret_is_told_without_being_shown() {
        for (wrong, told) in [
            ("secrets = \"fifteen letters\"", "at least 16"),
            ("secrets = [\"sixteen letters!\", \"short\"]", "at least 16"),
            ("secrets = 4242424242424242", "quotes"),
            ("secrets = [4242424242424242]", "quotes"),
            ("secrets = { a = \"fifteen letters\" }", "quotes"),
        ] {
            let error = read(&format!("[payments]\n{wrong}")).unwrap_err();
            assert!(error.contains("secrets") && error.contains(told), "{error}");
            assert!(
                !error.contains("letters") && !error.contains("4242"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_tolerance_has_bounds() {
        for wrong in [0, 86_401] {
            let error = read(&format!("[payments]\ntolerance_seconds = {wrong}")).unwrap_err();
            assert!(error.contains("tolerance_seconds"), "{error}");
        }
    }
}
