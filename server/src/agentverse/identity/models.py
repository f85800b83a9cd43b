"""Tables of identity. Each belongs to a tenant except the directories (see there)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.clock import now
from agentverse.platform.db.base import Row, TenantOwned
from agentverse.platform.ids import new_id


class TenantRow(Row):
    """A tenant's own row: row security compares its `id`."""

    __tablename__ = "tenants"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    status: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (CheckConstraint("status IN ('active', 'suspended')", name="status"),)


class OrganizationRow(TenantOwned, Row):
    __tablename__ = "organizations"

    name: Mapped[str]
    slug: Mapped[str]

    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)


class UserRow(TenantOwned, Row):
    __tablename__ = "users"

    email: Mapped[str]
    full_name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]

    __table_args__ = (UniqueConstraint("tenant_id", "email"),)


class SignInRow(Row):
    """Where a person who only gave an email address belongs.

    The one table read before a tenant is known, so its rows are readable by all sessions and
    hold nothing but the address and two ids; writing is still bound to the tenant.
    """

    __tablename__ = "sign_in_directory"

    email: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    user_id: Mapped[UUID]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
    )


class SignInAttemptRow(Row):
    """Recent failed sign-ins of one address, known or not: asking must not tell which.

    Belongs to no tenant (it is needed before one is known) and holds no address, only its hash.
    """

    __tablename__ = "sign_in_attempts"

    address_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(index=True)


class MembershipRow(TenantOwned, Row):
    __tablename__ = "memberships"

    user_id: Mapped[UUID]
    role: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        UniqueConstraint("tenant_id", "user_id"),
        CheckConstraint("role IN ('owner', 'admin', 'analyst', 'viewer')", name="role"),
    )


class RefreshFamilyRow(TenantOwned, Row):
    """One sign-in on one device (the `sid` of access tokens) and all its refresh tokens."""

    __tablename__ = "refresh_families"

    user_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index("ix_refresh_families_user", "tenant_id", "user_id"),
    )


class RefreshTokenRow(TenantOwned, Row):
    __tablename__ = "refresh_tokens"

    family_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "family_id"], ["refresh_families.tenant_id", "refresh_families.id"]
        ),
        UniqueConstraint("tenant_id", "token_hash"),
        Index("ix_refresh_tokens_family", "tenant_id", "family_id"),
    )


class ApiKeyRow(TenantOwned, Row):
    """An API key as its owner knows it; rotating it gives it another secret and keeps its id."""

    __tablename__ = "api_keys"

    user_id: Mapped[UUID]
    name: Mapped[str]
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index("ix_api_keys_user", "tenant_id", "user_id"),
    )


class ApiKeySecretRow(TenantOwned, Row):
    """One secret of a key, as an HMAC; `expires_at` is set when another has taken its place."""

    __tablename__ = "api_key_secrets"

    key_id: Mapped[UUID]
    public_id: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    pepper_version: Mapped[int]
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "key_id"], ["api_keys.tenant_id", "api_keys.id"]),
        UniqueConstraint("tenant_id", "public_id"),
        Index("ix_api_key_secrets_key", "tenant_id", "key_id"),
    )


class ApiKeyDirectoryRow(Row):
    """Which tenant a public id belongs to. The app role cannot read or write it: a trigger fills
    it, and app.api_key_tenant(public_id) answers one exact id."""

    __tablename__ = "api_key_directory"

    public_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "public_id"],
            ["api_key_secrets.tenant_id", "api_key_secrets.public_id"],
            ondelete="CASCADE",
        ),
    )


class OneTimeTokenRow(TenantOwned, Row):
    __tablename__ = "one_time_tokens"

    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        UniqueConstraint("tenant_id", "token_hash"),
    )
