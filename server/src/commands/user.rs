//! `stockgraph user`: accounts, for whoever runs the shop.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Read as _},
    process::ExitCode,
};

use anyhow::Context;
use stockgraph_kit::{database::Database, error::ApiError, user_error::InvalidInput};
use stockgraph_users::{
    domain::{
        origin::Origin,
        password::Password,
        role::{Role, Roles},
        user::User,
    },
    service::{
        CreateUser, CreateUserError, PasswordRule, SetPassword, SetPasswordError, TakenIdentifier,
        Users,
    },
};

use crate::{
    cli::{Account, UserCommand},
    config::{Config, SubgraphName},
    databases,
    foundation::Foundation,
    parts,
};

/// Who does it, in the audit trail.
const ACTOR: &str = "command-line";

/// The longest line that is read as a password, in bytes: more than any password has.
const LONGEST_LINE: u64 = 4_096;

/// Does what the command says, on the database of the users, which is migrated first.
///
/// # Errors
///
/// The account or the password breaks a rule, there is no such account, or the database fails; nothing has changed then.
pub async fn run(config: &Config, command: UserCommand) -> anyhow::Result<ExitCode> {
    let options = config
        .database
        .options(SubgraphName::Users, &config.data_dir);
    let database = databases::open(&options, SubgraphName::Users).await?;
    let users = users(config, &database)?;
    match command {
        UserCommand::Create {
            admin,
            staff,
            email,
            phone,
            name,
        } => {
            let role = match (admin, staff) {
                (true, _) => Role::Admin,
                (false, true) => Role::Staff,
                (false, false) => Role::Customer,
            };
            let input = CreateUser {
                id: users.ids().next(),
                email,
                phone_number: phone,
                display_name: name,
                password: read_password()?,
                roles: Roles::from([role]),
                password_rule: PasswordRule::Full,
            };
            let user = create(&users, input).await?;
            println!("Created {} ({}): {}.", user.id, role.as_str(), user.email);
        }
        UserCommand::SetPassword(account) => {
            let user = find(&users, &account).await?;
            let user = set_password(&users, &user, read_password()?).await?;
            println!("{} has a new password, and no session.", user.email);
            if !user.active {
                println!(
                    "The account is locked: it cannot sign in until an administrator unlocks it."
                );
            }
        }
    }
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The accounts in this database, without anybody who signs in.
pub(super) fn users(config: &Config, database: &Database) -> anyhow::Result<Users> {
    let foundation = Foundation::without_callers()?;
    let service = parts::users(config, &foundation, database)?;
    Ok(service.subgraph().users().clone())
}

async fn create(users: &Users, input: CreateUser) -> anyhow::Result<User> {
    let created = users.create_user(input, &Origin::service(ACTOR)).await;
    let wrong = match created {
        Ok(user) => return Ok(user),
        Err(CreateUserError::Invalid(invalid)) => invalid.iter().map(explain).collect(),
        Err(CreateUserError::Taken(taken)) => taken.into_iter().map(explain_taken).collect(),
        Err(CreateUserError::Failed(error)) => return Err(failed(&error)),
    };
    Err(refused("the account is not created", wrong))
}

async fn find(users: &Users, account: &Account) -> anyhow::Result<User> {
    let names = [&account.email, &account.phone, &account.id];
    let name = names.into_iter().flatten().next();
    // The command line has seen to it that there is one.
    let name = name.context("--email, --phone or --id is needed")?;
    let found = users.find_account(name).await;
    found
        .map_err(|error| failed(&error))?
        .with_context(|| format!("there is no account `{name}`"))
}

async fn set_password(users: &Users, user: &User, password: Password) -> anyhow::Result<User> {
    let input = SetPassword {
        user: user.id,
        password,
    };
    let set = users.set_password(input, &Origin::service(ACTOR)).await;
    set.map_err(|error| match error {
        SetPasswordError::NotFound => anyhow::anyhow!("there is no account `{}`", user.id),
        SetPasswordError::Invalid(invalid) => {
            refused("the password is not set", vec![explain(&invalid)])
        }
        SetPasswordError::Failed(error) => failed(&error),
    })
}

/// All that is wrong, a line each.
fn refused(what: &str, wrong: Vec<String>) -> anyhow::Error {
    anyhow::anyhow!("{what}:\n  {}", wrong.join("\n  "))
}

/// The rule, at the option that breaks it.
fn explain(invalid: &InvalidInput) -> String {
    let field = invalid.field.join(".");
    let option = match field.as_str() {
        "email" => "--email",
        "phoneNumber" => "--phone",
        "displayName" => "--name",
        other => other,
    };
    format!("{option}: {}", invalid.message)
}

fn explain_taken(taken: TakenIdentifier) -> String {
    match taken {
        TakenIdentifier::Email => "--email: Another account has this e-mail address.",
        TakenIdentifier::PhoneNumber => "--phone: Another account has this phone number.",
    }
    .to_owned()
}

fn failed(error: &ApiError) -> anyhow::Error {
    anyhow::anyhow!("{}", error.message())
}

/// Asks for a password twice where somebody is at the terminal; else it is the first line of the standard input. Not from the command line
/// or the environment, which others can see.
fn read_password() -> anyhow::Result<Password> {
    if io::stdin().is_terminal() {
        // With somebody who takes it, Ctrl-C does not end the process before the terminal shows again what is typed.
        drop(tokio::spawn(tokio::signal::ctrl_c()));
        let ask = |prompt| rpassword::prompt_password(prompt).context("the password");
        let password = ask("Password: ")?;
        anyhow::ensure!(
            password == ask("Once more: ")?,
            "the password was not the same the second time"
        );
        return Ok(Password::new(password));
    }
    let mut line = String::new();
    io::stdin()
        .lock()
        .take(LONGEST_LINE)
        .read_line(&mut line)
        .context("the password on the standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(
        !password.is_empty(),
        "there is no password: it is the first line of the standard input"
    );
    Ok(Password::new(password.to_owned()))
}
