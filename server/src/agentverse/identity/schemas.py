"""Wire types of sign-up, sign-in and the current actor."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from agentverse.platform.wire import RequestModel, WireModel


class RegisterRequest(RequestModel):
    email: str = Field(min_length=3, max_length=254, examples=["ada@example.org"])
    password: str = Field(min_length=12, max_length=200, description="At least 12 characters.")
    full_name: str = Field(default="", max_length=200)
    organization_name: str = Field(min_length=1, max_length=120, pattern=r"\S")


class LoginRequest(RequestModel):
    email: str = Field(max_length=254)
    password: str = Field(max_length=200)


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
    created_at: datetime
