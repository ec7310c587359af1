//! The mutations, a file for each.

mod assign_roles;
mod change_password;
mod log_in;
mod log_out;
mod refresh_session;
mod register_user;
mod set_user_active;
mod update_profile;

use async_graphql::MergedObject;

/// What can be changed.
#[derive(Default, MergedObject)]
pub struct Mutation(
    register_user::RegisterUserMutation,
    log_in::LogInMutation,
    refresh_session::RefreshSessionMutation,
    log_out::LogOutMutation,
    change_password::ChangePasswordMutation,
    update_profile::UpdateProfileMutation,
    assign_roles::AssignRolesMutation,
    set_user_active::SetUserActiveMutation,
);
