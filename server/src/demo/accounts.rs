//! The demo shop's accounts.

use stockgraph_kit::id::UserId;
use stockgraph_users::{
    domain::{
        origin::Origin,
        password::Password,
        role::{Role, Roles},
    },
    service::{CreateUser, PasswordRule, Users},
};

use super::ids::{Kind, id};

/// The password of every demo account: known to everybody, so these accounts exist nowhere else.
pub const PASSWORD: &str = "password123";

/// An account of the demo shop.
pub struct DemoAccount {
    /// For signing in.
    pub email: &'static str,
    /// For signing in as well.
    pub phone: &'static str,
    /// What it may do, in words.
    pub what: &'static str,
    name: &'static str,
    role: Role,
}

/// The accounts of the demo shop.
pub const ACCOUNTS: [DemoAccount; 4] = [
    DemoAccount {
        email: "user1@example.com",
        phone: "081234567890",
        what: "a customer with orders",
        name: "Ayu",
        role: Role::Customer,
    },
    DemoAccount {
        email: "user2@example.com",
        phone: "081234567891",
        what: "another customer",
        name: "Budi",
        role: Role::Customer,
    },
    DemoAccount {
        email: "staff@example.com",
        phone: "081234567892",
        what: "runs the shop: catalogue, stock, orders, payments",
        name: "Citra",
        role: Role::Staff,
    },
    DemoAccount {
        email: "admin@example.com",
        phone: "081234567893",
        what: "may do everything, accounts included",
        name: "Dewi",
        role: Role::Admin,
    },
];

/// The id of the account at this place in [`ACCOUNTS`].
pub(super) fn user(index: u32) -> UserId {
    id(Kind::User, index + 1)
}

/// The e-mail addresses of those accounts of the demo that everybody can still sign in with.
///
/// # Errors
///
/// The accounts cannot be read.
pub async fn open_accounts(users: &Users) -> anyhow::Result<Vec<&'static str>> {
    let mut open = Vec::new();
    for (index, account) in (0..).zip(&ACCOUNTS) {
        let known = Password::new(PASSWORD.into());
        let is_open = users.is_open_to(user(index), known).await;
        if is_open.map_err(|error| anyhow::anyhow!("the accounts: {}", error.message()))? {
            open.push(account.email);
        }
    }
    Ok(open)
}

pub(super) async fn open(users: &Users) -> anyhow::Result<()> {
    for (index, account) in (0..).zip(&ACCOUNTS) {
        users
            .create_user(
                CreateUser {
                    id: user(index),
                    email: account.email.into(),
                    phone_number: Some(account.phone.into()),
                    display_name: Some(account.name.into()),
                    password: Password::new(PASSWORD.into()),
                    roles: Roles::from([account.role]),
                    password_rule: PasswordRule::LengthOnly,
                },
                &Origin::service("demo"),
            )
            .await
            .map_err(|error| anyhow::anyhow!("the account {}: {error:?}", account.email))?;
    }
    Ok(())
}
