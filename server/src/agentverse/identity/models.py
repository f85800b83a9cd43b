"""Tables of identity. Each belongs to a tenant except persons and directories (see there)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
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

    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended', 'deleting', 'deleted')", name="status"),
    )


class OrganizationRow(TenantOwned, Row):
    __tablename__ = "organizations"

    name: Mapped[str]
    slug: Mapped[str]

    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)


class PersonRow(Row):
    """Somebody who signs in, in however many tenants; read by the role of the person directory.

    An address may have several: one that verified it at most, and sign-ups that did not. The one
    that holds the address (verified, or first come) has no `expires_at`; a later sign-up has.
    """

    __tablename__ = "persons"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    address: Mapped[str] = mapped_column(index=True)
    full_name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    last_tenant_id: Mapped[UUID | None]

    __table_args__ = (
        Index(
            "uq_persons_address_holder",
            "address",
            unique=True,
            postgresql_where=text("expires_at IS NULL"),
        ),
        CheckConstraint("verified_at IS NULL OR expires_at IS NULL", name="verified_stays"),
    )


class RateLimitRow(TenantOwned, Row):
    """How far ahead of the clock a sender has spent its requests; written by app.take_requests.

    `tenant_id` is a stream and no reference: addresses have the installation's.
    """

    __tablename__ = "rate_limits"

    tenant_id: Mapped[UUID] = mapped_column(
        primary_key=True, server_default=text("app.tenant_id()")
    )
    subject: Mapped[str]
    spent_until: Mapped[datetime]

    __table_args__ = (UniqueConstraint("tenant_id", "subject"),)


class PersonTokenRow(Row):
    """A secret mailed to a person's address, stored as a hash, good for one use."""

    __tablename__ = "person_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("purpose IN ('verify_address', 'reset_password')", name="purpose"),
        Index("ix_person_tokens_person", "person_id", "purpose"),
    )


class PersonTotpRow(Row):
    """A person's authenticator app, in force once confirmed; its secret is sealed."""

    __tablename__ = "person_totp"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    # The step (30 seconds, counted from 1970) of the newest code that was used.
    last_step: Mapped[int] = mapped_column(BigInteger, default=-1)


class RecoveryCodeRow(Row):
    """A code for whoever has lost the app, stored as a hash, good for one use."""

    __tablename__ = "recovery_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)


class AdministratorRow(Row):
    """A person who may enter the platform realm."""

    __tablename__ = "administrators"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)


class BootstrapTokenRow(Row):
    """A printed secret that makes one person an administrator, stored as a hash."""

    __tablename__ = "bootstrap_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime]


class PersonTenantRow(Row):
    """Where a person is a member. Triggers on users and memberships keep it; nobody writes it."""

    __tablename__ = "person_tenants"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE"
        ),
    )


class UserRow(TenantOwned, Row):
    """A person as one tenant knows them; what they may do there is their membership's."""

    __tablename__ = "users"

    email: Mapped[str]
    full_name: Mapped[str] = mapped_column(default="")
    # None once the person is gone; what they did stays theirs by this row's id.
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("tenant_id", "person_id"),
        Index("ix_users_person", "person_id"),
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
    # A suspended member keeps the role and can do nothing.
    status: Mapped[str] = mapped_column(default="active")

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        UniqueConstraint("tenant_id", "user_id"),
        CheckConstraint("status IN ('active', 'suspended')", name="status"),
        CheckConstraint("role IN ('owner', 'admin', 'analyst', 'viewer')", name="role"),
    )


class InvitationRow(TenantOwned, Row):
    """An offer of a role to an address; its token is stored as a hash and good for one use."""

    __tablename__ = "invitations"

    address: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    invited_by: Mapped[UUID]
    expires_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default="open")
    accepted_by: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "invited_by"], ["users.tenant_id", "users.id"]),
        ForeignKeyConstraint(["tenant_id", "accepted_by"], ["users.tenant_id", "users.id"]),
        UniqueConstraint("tenant_id", "token_hash"),
        CheckConstraint("role IN ('owner', 'admin', 'analyst', 'viewer')", name="role"),
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'revoked')", name="status"),
    )


class InvitationDirectoryRow(Row):
    """Open invitations by address, for the person who has verified it. A trigger keeps it."""

    __tablename__ = "invitation_directory"

    invitation_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    address: Mapped[str] = mapped_column(index=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "invitation_id"],
            ["invitations.tenant_id", "invitations.id"],
            ondelete="CASCADE",
        ),
    )


class RefreshFamilyRow(TenantOwned, Row):
    """One sign-in on one device (the `sid` of access tokens) and all its refresh tokens."""

    __tablename__ = "refresh_families"

    user_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    refreshed_at: Mapped[datetime] = mapped_column(default=now)
    address: Mapped[str | None]
    agent: Mapped[str | None]
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
