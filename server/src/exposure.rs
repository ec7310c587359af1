//! What a process warns of that others than this machine can reach.

use std::net::SocketAddr;

use stockgraph_users::service::Users;

use crate::{config::ServerConfig, demo};

/// Says loudly what is dangerous about listening on `address`: that nothing encrypts what crosses the network, and that everybody
/// knows the passwords of the demo's accounts. `users` are the accounts, where they are in this process.
///
/// # Errors
///
/// The accounts cannot be read.
pub async fn warn(
    config: &ServerConfig,
    address: SocketAddr,
    users: Option<&Users>,
) -> anyhow::Result<()> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    let open = match users {
        Some(users) => demo::open_accounts(users).await?,
        None => Vec::new(),
    };
    let warnings = warnings(config, address, &open);
    if !warnings.is_empty() {
        eprintln!("\n{}\n", framed(&warnings));
    }
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok(())
}

fn warnings(config: &ServerConfig, address: SocketAddr, open: &[&str]) -> Vec<String> {
    let mut warnings = Vec::new();
    if !config.behind_tls {
        warnings.push(format!(
            "Others can reach {address}, and passwords and tokens cross the network in plain text. Put a proxy with TLS in front and say so with server.behind_tls = true."
        ));
    }
    if !open.is_empty() {
        warnings.push(format!(
            "Others can reach {address}, and everybody knows the password of the demo's accounts {}. Give them other passwords (`stockgraph user set-password`) or lock them, or serve a shop without the demo.",
            open.join(", ")
        ));
    }
    warnings
}

/// The warnings as nobody overlooks them.
fn framed(warnings: &[String]) -> String {
    let line = "!".repeat(80);
    let warnings = warnings
        .iter()
        .map(|warning| format!("!! WARNING: {warning}"));
    format!(
        "{line}\n{}\n{line}",
        warnings.collect::<Vec<_>>().join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "203.0.113.7:4000";

    fn told(behind_tls: bool, open: &[&str]) -> Vec<String> {
        let config = ServerConfig {
            behind_tls,
            ..ServerConfig::default()
        };
        warnings(&config, PUBLIC.parse().unwrap(), open)
    }

    #[test]
    fn plain_text_and_known_passwords_are_each_warned_of() {
        assert_eq!(told(true, &[]), Vec::<String>::new());
        let [plain] = &told(false, &[])[..] else {
            panic!("one warning");
        };
        assert!(plain.contains("TLS") && plain.contains(PUBLIC), "{plain}");
        let [known] = &told(true, &["user1@example.com"])[..] else {
            panic!("one warning");
        };
        assert!(known.contains("user1@example.com"), "{known}");
        assert_eq!(told(false, &["user1@example.com"]).len(), 2);
    }
}
