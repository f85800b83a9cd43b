"""Every query of identity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from agentverse.identity.errors import (
    ApiKeyNotFound,
    InvitationNotFound,
    MemberNotFound,
    TenantNotFound,
)
from agentverse.identity.models import (
    AdministratorRow,
    ApiKeyRow,
    ApiKeySecretRow,
    BootstrapTokenRow,
    InvitationDirectoryRow,
    InvitationRow,
    MembershipRow,
    OneTimeTokenRow,
    OrganizationRow,
    PersonRow,
    PersonTenantRow,
    PersonTokenRow,
    PersonTotpRow,
    RecoveryCodeRow,
    RefreshFamilyRow,
    RefreshTokenRow,
    SignInAttemptRow,
    TenantRow,
    UserRow,
)
from agentverse.identity.schemas import Tenant
from agentverse.platform.db.administration import PlatformSession
from agentverse.platform.db.person_directory import PersonSession
from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession
from agentverse.platform.db.system import SystemSession
from agentverse.platform.pagination import decode_cursor, encode_cursor, page_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What a user may do in the tenant now, and whether the sign-in still stands."""

    role: str
    tenant_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAuthority:
    """A presented key as the database knows it now, with its maker's role."""

    key: ApiKeyRow
    secret: ApiKeySecretRow
    role: str
    tenant_status: str


def lock_address(db: PersonSession, address: str) -> None:
    """Sign-ups and verifications of one address take turns until the transaction ends."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(address, 0))))


def persons_at(db: PersonSession, address: str, moment: datetime) -> Sequence[PersonRow]:
    """The holder of the address first, then the sign-ups that are not gone yet, oldest first."""
    return db.scalars(
        select(PersonRow)
        .where(
            PersonRow.address == address,
            or_(PersonRow.expires_at.is_(None), PersonRow.expires_at > moment),
        )
        .order_by(PersonRow.expires_at.is_not(None), PersonRow.id)
    ).all()


def find_person(
    db: PersonSession, person_id: UUID, *, for_update: bool = False
) -> PersonRow | None:
    return db.get(PersonRow, person_id, with_for_update=for_update or None)


def delete_person(db: PersonSession, person: PersonRow) -> None:
    db.delete(person)
    db.flush()


def tenants_of_person(db: PersonSession, person_id: UUID) -> Sequence[PersonTenantRow]:
    return db.scalars(select(PersonTenantRow).where(PersonTenantRow.person_id == person_id)).all()


def first_addresses(db: PersonSession, count: int) -> Sequence[str]:
    """Of persons who belong anywhere."""
    belongs = select(PersonTenantRow.person_id)
    return db.scalars(
        select(PersonRow.address).where(PersonRow.id.in_(belongs)).distinct().limit(count)
    ).all()


def expired_sign_ups(db: PersonSession, moment: datetime, limit: int) -> Sequence[PersonRow]:
    return db.scalars(
        select(PersonRow).where(PersonRow.expires_at <= moment).order_by(PersonRow.id).limit(limit)
    ).all()


def newest_mailed(db: PersonSession, person_id: UUID, purpose: str) -> datetime | None:
    return db.scalar(
        select(func.max(PersonTokenRow.created_at)).where(
            PersonTokenRow.person_id == person_id, PersonTokenRow.purpose == purpose
        )
    )


def use_mailed_token(
    db: PersonSession, purpose: str, token_hash: bytes, moment: datetime
) -> PersonTokenRow | None:
    """Mark the token used and return it; None when it is unknown, used or expired."""
    return db.scalars(
        update(PersonTokenRow)
        .where(
            PersonTokenRow.purpose == purpose,
            PersonTokenRow.token_hash == token_hash,
            PersonTokenRow.used_at.is_(None),
            PersonTokenRow.expires_at > moment,
        )
        .values(used_at=moment)
        .returning(PersonTokenRow)
    ).one_or_none()


def forget_mailed_tokens(db: PersonSession, person_id: UUID) -> None:
    """Whatever was mailed before a change of password or address opens nothing after it."""
    db.execute(delete(PersonTokenRow).where(PersonTokenRow.person_id == person_id))


def find_totp(
    db: PersonSession, person_id: UUID, *, for_update: bool = False
) -> PersonTotpRow | None:
    return db.get(PersonTotpRow, person_id, with_for_update=for_update or None)


def find_confirmed_totp(db: PersonSession, person_id: UUID) -> PersonTotpRow | None:
    return db.scalars(
        select(PersonTotpRow).where(
            PersonTotpRow.person_id == person_id, PersonTotpRow.confirmed_at.is_not(None)
        )
    ).one_or_none()


def count_recovery_codes(db: PersonSession, person_id: UUID) -> int:
    """Those not used yet."""
    unused = select(func.count()).where(
        RecoveryCodeRow.person_id == person_id, RecoveryCodeRow.used_at.is_(None)
    )
    return db.scalar(unused) or 0


def use_recovery_code(
    db: PersonSession, person_id: UUID, code_hash: bytes, moment: datetime
) -> bool:
    """Mark the code used; False when it is unknown or used."""
    used = (
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.person_id == person_id,
            RecoveryCodeRow.code_hash == code_hash,
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=moment)
        .returning(RecoveryCodeRow.id)
    )
    return db.scalar(used) is not None


def forget_recovery_codes(db: PersonSession, person_id: UUID) -> None:
    db.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person_id))


def forget_second_factors(db: PersonSession, person_id: UUID) -> None:
    forget_recovery_codes(db, person_id)
    db.execute(delete(PersonTotpRow).where(PersonTotpRow.person_id == person_id))


def forget_bootstrap_tokens(db: PersonSession) -> None:
    db.execute(delete(BootstrapTokenRow))


def use_bootstrap_token(db: PersonSession, token_hash: bytes, moment: datetime) -> bool:
    """Of several at once one finds it; False when it is unknown, used or expired."""
    used = (
        delete(BootstrapTokenRow)
        .where(BootstrapTokenRow.token_hash == token_hash, BootstrapTokenRow.expires_at > moment)
        .returning(BootstrapTokenRow.id)
    )
    return db.scalar(used) is not None


def find_administrator(db: PersonSession, person_id: UUID) -> AdministratorRow | None:
    return db.get(AdministratorRow, person_id)


def get_administrator(db: PersonSession, person_id: UUID) -> AdministratorRow:
    return db.scalars(select(AdministratorRow).where(AdministratorRow.person_id == person_id)).one()


def add_administrator(db: PersonSession, person_id: UUID) -> bool:
    """False where the person is one already."""
    statement = insert(AdministratorRow).values(person_id=person_id).on_conflict_do_nothing()
    return db.scalar(statement.returning(AdministratorRow.person_id)) is not None


def remove_administrator(db: PersonSession, person_id: UUID) -> bool:
    statement = delete(AdministratorRow).where(AdministratorRow.person_id == person_id)
    return db.scalar(statement.returning(AdministratorRow.person_id)) is not None


def list_administrators(
    db: PersonSession, *, cursor: str | None, limit: int
) -> tuple[list[tuple[AdministratorRow, PersonRow]], str | None]:
    """Those with the newest accounts first, and the cursor of the next page."""
    size = page_size(limit)
    statement = select(AdministratorRow, PersonRow).join(
        PersonRow, PersonRow.id == AdministratorRow.person_id
    )
    if cursor is not None:
        statement = statement.where(AdministratorRow.person_id < decode_cursor(cursor))
    rows = db.execute(statement.order_by(AdministratorRow.person_id.desc()).limit(size + 1)).all()
    items = [(row, person) for row, person in rows[:size]]
    return items, encode_cursor(items[-1][0].person_id) if len(rows) > size else None


def get_user(db: TenantSession, user_id: UUID, *, for_update: bool = False) -> UserRow:
    statement = select(UserRow).where(UserRow.id == user_id)
    return db.scalars(statement.with_for_update() if for_update else statement).one()


def find_user(db: TenantSession, user_id: UUID, *, for_update: bool = False) -> UserRow | None:
    statement = select(UserRow).where(UserRow.id == user_id)
    return db.scalars(statement.with_for_update() if for_update else statement).one_or_none()


def find_user_of_person(db: TenantSession, person_id: UUID) -> UserRow | None:
    return db.scalars(select(UserRow).where(UserRow.person_id == person_id)).one_or_none()


def persons_of_tenant(db: TenantSession) -> Sequence[UUID]:
    statement = select(UserRow.person_id).where(UserRow.person_id.is_not(None))
    return [person_id for person_id in db.scalars(statement) if person_id is not None]


def owners(db: TenantSession) -> Sequence[UUID]:
    """The users who are active owners."""
    return db.scalars(
        select(MembershipRow.user_id).where(
            MembershipRow.role == "owner", MembershipRow.status == "active"
        )
    ).all()


def erase_address(db: TenantSession, address: str, *, replacement: str) -> None:
    """In the invitations that were made to it."""
    db.execute(
        update(InvitationRow).where(InvitationRow.address == address).values(address=replacement)
    )


def erase_user(db: TenantSession, user_id: UUID, *, address: str) -> None:
    """What the tenant knows of somebody who is gone; the id stays where it stands."""
    db.execute(update(UserRow).where(UserRow.id == user_id).values(email=address, full_name=""))
    erased = {"address": None, "agent": None}
    db.execute(update(RefreshFamilyRow).where(RefreshFamilyRow.user_id == user_id).values(**erased))


def reassign_user(db: TenantSession, user_id: UUID, person_id: UUID | None) -> None:
    """Let the tenant's user be another person's from now on."""
    db.execute(update(UserRow).where(UserRow.id == user_id).values(person_id=person_id))


def remove_membership(db: TenantSession, user_id: UUID) -> None:
    db.execute(delete(MembershipRow).where(MembershipRow.user_id == user_id))


def list_users(db: TenantSession, *, cursor: str | None, limit: int) -> RowPage[UserRow]:
    """Those who are members now."""
    held = select(MembershipRow.user_id)
    statement = select(UserRow).where(UserRow.id.in_(held))
    return paginate(db, statement, UserRow, cursor=cursor, limit=limit)


def get_member(
    db: TenantSession, user_id: UUID, *, for_update: bool = False
) -> tuple[UserRow, MembershipRow]:
    """Raises MemberNotFound."""
    statement = select(MembershipRow).where(MembershipRow.user_id == user_id)
    row = db.scalars(statement.with_for_update() if for_update else statement).one_or_none()
    user = None if row is None else find_user(db, user_id)
    if row is None or user is None:
        raise MemberNotFound("Look up the id in the list of members (GET /api/v1/users).")
    return user, row


def memberships_of(db: TenantSession, user_ids: Sequence[UUID]) -> dict[UUID, MembershipRow]:
    rows = db.scalars(select(MembershipRow).where(MembershipRow.user_id.in_(user_ids)))
    return {row.user_id: row for row in rows}


def lock_owners(db: TenantSession) -> Sequence[UUID]:
    """The users who are owners now; nobody becomes or stops being one until this commits."""
    return db.scalars(
        select(MembershipRow.user_id)
        .where(MembershipRow.role == "owner", MembershipRow.status == "active")
        .order_by(MembershipRow.id)
        .with_for_update()
    ).all()


def open_invitations(db: TenantSession, *, address: str | None = None) -> Sequence[InvitationRow]:
    """Newest first."""
    statement = select(InvitationRow).where(InvitationRow.status == "open")
    if address is not None:
        statement = statement.where(InvitationRow.address == address)
    return db.scalars(statement.order_by(InvitationRow.id.desc())).all()


def find_invitation(
    db: TenantSession, token_hash: bytes, *, for_update: bool = False
) -> InvitationRow | None:
    statement = select(InvitationRow).where(InvitationRow.token_hash == token_hash)
    return db.scalars(statement.with_for_update() if for_update else statement).one_or_none()


def find_invitation_by_id(db: TenantSession, invitation_id: UUID) -> InvitationRow | None:
    return db.scalars(select(InvitationRow).where(InvitationRow.id == invitation_id)).one_or_none()


def get_invitation(
    db: TenantSession, invitation_id: UUID, *, for_update: bool = False
) -> InvitationRow:
    return get_or_raise(
        db,
        InvitationRow,
        invitation_id,
        InvitationNotFound,
        "Look up its id in the list of open invitations.",
        for_update=for_update,
    )


def tenants_inviting(db: PersonSession, address: str) -> list[tuple[UUID, UUID]]:
    """(tenant, invitation) of every open invitation of the address, newest first."""
    rows = db.scalars(
        select(InvitationDirectoryRow)
        .where(InvitationDirectoryRow.address == address)
        .order_by(InvitationDirectoryRow.invitation_id.desc())
    )
    return [(row.tenant_id, row.invitation_id) for row in rows]


def get_organization(db: TenantSession, *, for_update: bool = False) -> OrganizationRow:
    statement = select(OrganizationRow).order_by(OrganizationRow.id).limit(1)
    return db.scalars(statement.with_for_update() if for_update else statement).one()


def claim_tenant(db: TenantSession) -> bool:
    """Make the session's tenant; False where it is there already."""
    statement = insert(TenantRow).values(id=db.scope.tenant_id).on_conflict_do_nothing()
    return db.scalar(statement.returning(TenantRow.id)) is not None


def get_tenant(db: TenantSession) -> TenantRow:
    return db.scalars(select(TenantRow).where(TenantRow.id == db.scope.tenant_id)).one()


def lock_tenant_status(db: TenantSession) -> str:
    """Raises TenantNotFound."""
    status = db.scalar(
        select(TenantRow.status).where(TenantRow.id == db.scope.tenant_id).with_for_update()
    )
    if status is None:
        raise _no_such_tenant()
    return status


def set_tenant_status(db: TenantSession, status: str) -> None:
    db.execute(update(TenantRow).where(TenantRow.id == db.scope.tenant_id).values(status=status))


def list_tenants(
    db: PlatformSession, *, cursor: str | None, limit: int
) -> tuple[list[Tenant], str | None]:
    """Newest first, and the cursor of the next page."""
    size = page_size(limit)
    statement = _tenants()
    if cursor is not None:
        statement = statement.where(TenantRow.id < decode_cursor(cursor))
    rows = db.execute(statement.order_by(TenantRow.id.desc()).limit(size + 1)).all()
    items = [Tenant.model_validate(row) for row in rows[:size]]
    return items, encode_cursor(items[-1].id) if len(rows) > size else None


def active_tenant_ids(db: PlatformSession) -> list[UUID]:
    active = select(TenantRow.id).where(TenantRow.status == "active")
    return list(db.scalars(active.order_by(TenantRow.id)))


def get_tenant_as_platform(db: PlatformSession, tenant_id: UUID) -> Tenant:
    """Raises TenantNotFound."""
    row = db.execute(_tenants().where(TenantRow.id == tenant_id)).one_or_none()
    if row is None:
        raise _no_such_tenant()
    return Tenant.model_validate(row)


def _tenants() -> Select[UUID, str, datetime, str]:
    return select(
        TenantRow.id,
        TenantRow.status,
        TenantRow.created_at,
        OrganizationRow.name.label("organization"),
    ).join(OrganizationRow, OrganizationRow.tenant_id == TenantRow.id)


def _no_such_tenant() -> TenantNotFound:
    return TenantNotFound("Look up its id in the list of tenants (GET /api/v1/admin/tenants).")


def find_authority(db: TenantSession, user_id: UUID) -> Authority | None:
    row = db.execute(
        select(MembershipRow.role, TenantRow.status)
        .join(TenantRow, TenantRow.id == MembershipRow.tenant_id)
        .where(MembershipRow.user_id == user_id, MembershipRow.status == "active")
    ).one_or_none()
    return None if row is None else Authority(role=row.role, tenant_status=row.status)


def find_family(
    db: TenantSession, family_id: UUID, *, for_update: bool = False
) -> RefreshFamilyRow | None:
    statement = select(RefreshFamilyRow).where(RefreshFamilyRow.id == family_id)
    return db.scalars(statement.with_for_update() if for_update else statement).one_or_none()


def live_families(db: TenantSession, user_id: UUID, moment: datetime) -> Sequence[RefreshFamilyRow]:
    return db.scalars(
        select(RefreshFamilyRow).where(
            RefreshFamilyRow.user_id == user_id,
            RefreshFamilyRow.revoked_at.is_(None),
            RefreshFamilyRow.expires_at > moment,
        )
    ).all()


def find_refresh_token(db: TenantSession, token_hash: bytes) -> RefreshTokenRow | None:
    """Locked, so that two uses of one token take turns."""
    return db.scalars(
        select(RefreshTokenRow).where(RefreshTokenRow.token_hash == token_hash).with_for_update()
    ).one_or_none()


def use_one_time_token(
    db: TenantSession, token_hash: bytes, moment: datetime
) -> OneTimeTokenRow | None:
    """Mark the token used and return it; None when it is unknown, used or expired."""
    return db.scalars(
        update(OneTimeTokenRow)
        .where(
            OneTimeTokenRow.token_hash == token_hash,
            OneTimeTokenRow.used_at.is_(None),
            OneTimeTokenRow.expires_at > moment,
        )
        .values(used_at=moment)
        .returning(OneTimeTokenRow)
    ).one_or_none()


def find_attempts(db: SystemSession, address_hash: bytes) -> SignInAttemptRow | None:
    """Locked, so that parallel guesses at one address take turns."""
    return db.scalars(
        select(SignInAttemptRow)
        .where(SignInAttemptRow.address_hash == address_hash)
        .with_for_update()
    ).one_or_none()


def count_attempt(db: SystemSession, address_hash: bytes, moment: datetime) -> None:
    statement = insert(SignInAttemptRow).values(
        address_hash=address_hash, failures=1, last_failed_at=moment
    )
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[SignInAttemptRow.address_hash],
            set_={"failures": SignInAttemptRow.failures + 1, "last_failed_at": moment},
        )
    )


def clear_attempts(db: SystemSession, address_hash: bytes) -> None:
    db.execute(delete(SignInAttemptRow).where(SignInAttemptRow.address_hash == address_hash))


def forget_attempts(db: SystemSession, *, before: datetime) -> None:
    db.execute(delete(SignInAttemptRow).where(SignInAttemptRow.last_failed_at < before))


def find_key_tenant(db: SystemSession, public_id: str) -> UUID | None:
    """The one look-up across tenants, by a definer function that answers exact ids only."""
    return db.scalar(select(func.app.api_key_tenant(public_id)))


def find_key_authority(db: TenantSession, public_id: str) -> KeyAuthority | None:
    """None too when the key's maker is no longer a member, or a suspended one."""
    row = db.execute(
        select(ApiKeyRow, ApiKeySecretRow, MembershipRow.role, TenantRow.status)
        .join(ApiKeySecretRow, ApiKeySecretRow.key_id == ApiKeyRow.id)
        .join(MembershipRow, MembershipRow.user_id == ApiKeyRow.user_id)
        .join(TenantRow, TenantRow.id == ApiKeyRow.tenant_id)
        .where(ApiKeySecretRow.public_id == public_id, MembershipRow.status == "active")
    ).one_or_none()
    if row is None:
        return None
    key, secret, role, status = row
    return KeyAuthority(key=key, secret=secret, role=role, tenant_status=status)


def note_key_use(
    db: TenantSession, key_id: UUID, moment: datetime, *, unless_since: datetime
) -> None:
    """Only ever forward, and not again where another process has just noted it."""
    stale = or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at <= unless_since)
    db.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id, stale).values(last_used_at=moment))


def replace_key_digest(
    db: TenantSession, secret_id: UUID, digest: bytes, pepper_version: int
) -> None:
    db.execute(
        update(ApiKeySecretRow)
        .where(ApiKeySecretRow.id == secret_id)
        .values(digest=digest, pepper_version=pepper_version)
    )


def list_api_keys(db: TenantSession, *, cursor: str | None, limit: int) -> RowPage[ApiKeyRow]:
    return paginate(db, select(ApiKeyRow), ApiKeyRow, cursor=cursor, limit=limit)


def get_api_key(db: TenantSession, key_id: UUID, *, for_update: bool = False) -> ApiKeyRow:
    return get_or_raise(
        db,
        ApiKeyRow,
        key_id,
        ApiKeyNotFound,
        "Look up its id in the list of API keys (GET /api/v1/api-keys).",
        for_update=for_update,
    )


def unrevoked_keys(db: TenantSession, user_id: UUID) -> Sequence[ApiKeyRow]:
    return db.scalars(
        select(ApiKeyRow)
        .where(ApiKeyRow.user_id == user_id, ApiKeyRow.revoked_at.is_(None))
        .with_for_update()
    ).all()


def live_secrets(
    db: TenantSession, key_ids: Sequence[UUID], moment: datetime
) -> Sequence[ApiKeySecretRow]:
    """Oldest first."""
    return db.scalars(
        select(ApiKeySecretRow)
        .where(
            ApiKeySecretRow.key_id.in_(key_ids),
            or_(ApiKeySecretRow.expires_at.is_(None), ApiKeySecretRow.expires_at > moment),
        )
        .order_by(ApiKeySecretRow.id)
    ).all()


def take_requests(
    db: TenantSession, subject: str, *, quota: int, window_seconds: int, wanted: int
) -> tuple[int, float]:
    """How many of the wanted requests are granted, and seconds until the whole quota is back."""
    taken = func.app.take_requests(subject, quota, window_seconds, wanted)
    row = db.execute(select(taken.table_valued("granted", "backlog"))).one()
    return int(row.granted), float(row.backlog)
