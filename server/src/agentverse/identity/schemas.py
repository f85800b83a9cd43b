"""Wire types of sign-up, sign-in, the current actor and API keys."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from agentverse.identity.roles import Role
from agentverse.platform.wire import RequestModel, WireModel


class RegisterRequest(RequestModel):
    email: str = Field(min_length=3, max_length=254, examples=["ada@example.org"])
    password: str = Field(min_length=12, max_length=200, description="At least 12 characters.")
    full_name: str = Field(default="", max_length=200)
    organization_name: str = Field(min_length=1, max_length=120, pattern=r"\S")


class LoginRequest(RequestModel):
    email: str = Field(max_length=254)
    password: str = Field(max_length=200)
    tenant_id: UUID | None = Field(
        default=None, description="Which of your organizations; absent: the one of last time."
    )
    second_factor: str | None = Field(
        default=None,
        max_length=40,
        description="For whoever set one up (`second_factor_needed`): the code that the "
        "authenticator app shows, or a recovery code.",
    )
    invitation: str | None = Field(
        default=None,
        max_length=200,
        description="The token of an invitation: you join by it and are signed in there.",
    )


class TotpBegin(RequestModel):
    current_password: str = Field(max_length=200)


class TotpSetup(WireModel):
    """In force once a code of it was sent to `confirm`."""

    secret: str = Field(description="To be typed into the app. It is shown this once.")
    address: str = Field(description="The same as an otpauth:// address, for a QR code.")


class SecondFactorCode(RequestModel):
    code: str = Field(
        min_length=1, max_length=40, description="What the app shows now, or a recovery code."
    )


class TotpRemove(SecondFactorCode):
    current_password: str = Field(max_length=200)


class RecoveryCodes(WireModel):
    codes: list[str] = Field(description="Each is good once. They are shown this once.")


class SecondFactors(WireModel):
    totp_since: datetime | None = Field(description="null: the password alone signs in.")
    recovery_codes_left: int


class SwitchRequest(RequestModel):
    tenant_id: UUID = Field(description="One of your organizations'.")


class PasswordChange(RequestModel):
    current_password: str = Field(max_length=200)
    new_password: str = Field(min_length=12, max_length=200, description="At least 12 characters.")


class PasswordForgotten(RequestModel):
    email: str = Field(min_length=3, max_length=254)


class PasswordReset(RequestModel):
    token: str = Field(max_length=200, description="From the mailed link, behind `#token=`.")
    new_password: str = Field(min_length=12, max_length=200, description="At least 12 characters.")


class AddressVerification(RequestModel):
    token: str = Field(max_length=200, description="From the mailed link, behind `#token=`.")


class SignInSession(WireModel):
    """One sign-in on one device, in one organization."""

    id: UUID
    organization: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    address: str | None = Field(description="The network address it began from.")
    agent: str | None = Field(description="The browser or client it began with.")
    is_current: bool


class OneTimeSignInRequest(RequestModel):
    token: str = Field(max_length=200, description="The one-time token the command line printed.")


class TokenResponse(WireModel):
    """The refresh token travels only in its cookie."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the scheme's name, not a secret
    expires_in_seconds: int


class Organization(WireModel):
    id: UUID
    name: str
    slug: str


class Me(WireModel):
    user_id: UUID
    tenant_id: UUID
    email: str
    full_name: str
    role: str
    permissions: list[str]
    organization: Organization
    is_address_verified: bool
    created_at: datetime


class ApiKeyCreate(RequestModel):
    name: str = Field(min_length=1, max_length=120, pattern=r"\S", examples=["nightly import"])
    scopes: list[str] = Field(
        min_length=1,
        max_length=50,
        examples=[["llm:call"]],
        description="Permissions that the key has of those its maker has.",
    )
    expires_in_days: int = Field(default=90, ge=1, le=365)


class ApiKeyRotate(RequestModel):
    grace_seconds: int = Field(
        default=0, ge=0, le=7 * 24 * 3600, description="How long the old secret works on."
    )
    expires_in_days: int = Field(default=90, ge=1, le=365)


class ApiKey(WireModel):
    id: UUID
    name: str
    scopes: list[str]
    prefix: str | None = Field(description="How the newest secret begins; null when all ended.")
    created_by: UUID
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None


class ApiKeyCreated(ApiKey):
    key: str = Field(description="The secret. It is shown this once and cannot be shown again.")


class Tenant(WireModel):
    """A tenant as the platform realm sees it."""

    id: UUID
    organization: str
    status: Literal["active", "suspended"]
    created_at: datetime


class TenantSuspend(RequestModel):
    reason: str = Field(min_length=1, max_length=500, pattern=r"\S")


class QuotaLimits(RequestModel):
    """What is left out stays as it is; null: what every organization may."""

    unfinished_tasks: int | None = Field(
        default=None, ge=0, le=1_000_000, description="Work that waits or runs."
    )
    tasks_per_day: int | None = Field(
        default=None, ge=0, le=1_000_000_000, description="Work queued in a day (UTC)."
    )


class OrganizationCreate(RequestModel):
    name: str = Field(min_length=1, max_length=120, pattern=r"\S")


class OrganizationUpdate(RequestModel):
    name: str = Field(min_length=1, max_length=120, pattern=r"\S")


class OwnOrganization(Organization):
    """One of the signed-in person's organizations."""

    tenant_id: UUID
    role: Role
    status: Literal["active", "suspended"]
    is_current: bool


class Member(WireModel):
    user_id: UUID
    email: str
    full_name: str
    role: Role
    status: Literal["active", "suspended"]
    joined_at: datetime


class MemberUpdate(RequestModel):
    """What is left out stays as it is."""

    role: Role | None = None
    status: Literal["active", "suspended"] | None = None


class UserUpdate(RequestModel):
    full_name: str = Field(max_length=200)


class InvitationCreate(RequestModel):
    email: str = Field(min_length=3, max_length=254)
    role: Role


class InvitationToken(RequestModel):
    token: str = Field(max_length=200)


class InvitationSignUp(InvitationToken):
    full_name: str = Field(default="", max_length=200)
    password: str = Field(min_length=12, max_length=200, description="At least 12 characters.")


class Invitation(WireModel):
    id: UUID
    email: str
    role: Role
    invited_by: UUID
    created_at: datetime
    expires_at: datetime


class InvitationCreated(Invitation):
    token: str | None = Field(
        description="Also mailed. It is shown this once: null when the request is repeated."
    )


class InvitationOffer(WireModel):
    """An invitation as the invited person sees it."""

    id: UUID
    organization: str
    email: str
    role: Role
    expires_at: datetime


class PlatformEnter(RequestModel):
    second_factor: str = Field(
        max_length=40, description="The code that your authenticator app shows, or a recovery code."
    )


class BootstrapRedeem(RequestModel):
    token: str = Field(max_length=200, description="Printed by `agentverse admin bootstrap`.")


class PlatformToken(WireModel):
    platform_token: str = Field(description="A bearer token of the platform realm.")
    expires_in_seconds: int


class AdministratorCreate(RequestModel):
    email: str = Field(min_length=3, max_length=254, description="A verified address.")


class Administrator(WireModel):
    person_id: UUID
    email: str
    full_name: str
    since: datetime
