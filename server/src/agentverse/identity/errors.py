"""What can go wrong while signing up and in."""

from agentverse.platform.errors import (
    AgentVerseError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Unauthenticated,
)


class TooManySignUps(AgentVerseError):
    code = "too_many_sign_ups"
    status = 429
    title = "Too many sign-ups with this address"
    retryable = True


class InvalidEmail(InvalidInput):
    code = "invalid_email"
    title = "This is not an email address"


class PasswordTooShort(InvalidInput):
    code = "password_too_short"
    title = "The password is too short"


class SignInFailed(Unauthenticated):
    code = "sign_in_failed"
    title = "Sign-in failed"


class SecondFactorNeeded(Unauthenticated):
    code = "second_factor_needed"
    title = "Signing in takes a second factor"


class SecondFactorWrong(Unauthenticated):
    code = "second_factor_wrong"
    title = "The code is wrong or was used before"


class SecondFactorInUse(Conflict):
    code = "second_factor_in_use"
    title = "An authenticator app is set up already"


class NoSecondFactor(Conflict):
    code = "no_second_factor"
    title = "No authenticator app is set up"


class TooManyAttempts(Unauthenticated):
    code = "too_many_attempts"
    status = 429
    title = "Too many failed attempts"
    retryable = True


class InvalidCredential(Unauthenticated):
    code = "invalid_credential"
    title = "The credential is not valid"


class ApiKeyExpired(Unauthenticated):
    code = "api_key_expired"
    title = "This API key has expired"


class ApiKeyNotFound(NotFound):
    code = "api_key_not_found"
    title = "There is no such API key"


class ApiKeyRevoked(Conflict):
    code = "api_key_revoked"
    title = "This API key is revoked"


class UnknownScope(InvalidInput):
    code = "unknown_scope"
    title = "There is no such scope"


class ScopeBeyondOwn(Forbidden):
    code = "scope_beyond_own"
    title = "An API key cannot do more than its maker"


class NotTheKeysMaker(Forbidden):
    code = "not_the_keys_maker"
    title = "Only the maker of an API key may rotate it"


class SessionEnded(Unauthenticated):
    code = "session_ended"
    title = "You are signed out"


class NoMembership(Forbidden):
    code = "no_membership"
    title = "You belong to no organization any more"


class NotAMember(Forbidden):
    code = "not_a_member"
    title = "You are no member of that organization"


class MailedTokenRefused(InvalidInput):
    code = "mailed_token_refused"
    title = "This link is used up, expired or not yours"


class SessionNotFound(NotFound):
    code = "session_not_found"
    title = "There is no such sign-in"


class TenantSuspended(Forbidden):
    code = "tenant_suspended"
    title = "Your organization is suspended"


def suspended() -> TenantSuspended:
    return TenantSuspended("Your organization's access is suspended. Ask whoever runs this server.")


class RefreshRaced(Conflict):
    code = "refresh_raced"
    title = "This sign-in was refreshed a moment ago"
    retryable = True


class OneTimeTokenRefused(Unauthenticated):
    code = "one_time_token_refused"
    title = "This one-time sign-in is used up or expired"


class TenantNotFound(NotFound):
    code = "tenant_not_found"
    title = "There is no such tenant"


class MemberNotFound(NotFound):
    code = "member_not_found"
    title = "There is no such member"


class RoleBeyondOwn(Forbidden):
    code = "role_beyond_own"
    title = "This role is above your own"


class LastOwner(Conflict):
    code = "last_owner"
    title = "An organization needs an owner"


class AlreadyMember(Conflict):
    code = "already_member"
    title = "You are a member already"


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    title = "There is no such invitation"


class InvitationRefused(InvalidInput):
    code = "invitation_refused"
    title = "This invitation is used up, withdrawn or too old"


class BootstrapRefused(InvalidInput):
    code = "bootstrap_refused"
    title = "This bootstrap token opens nothing"


class NotAnAdministrator(Forbidden):
    code = "not_an_administrator"
    title = "You are no administrator of this installation"


class AdministratorNotFound(NotFound):
    code = "administrator_not_found"
    title = "There is no such administrator"


class NoSuchVerifiedAddress(NotFound):
    code = "no_such_verified_address"
    title = "Nobody has verified this address"


class TenantDeleted(Conflict):
    code = "tenant_deleted"
    title = "This organization is deleted or being deleted"
