"""HTTP door of identity: sign up, sign in, refresh, sign out, who am I, API keys."""

from uuid import UUID

from fastapi import BackgroundTasks, Depends, Request, Response

from agentverse import tasks
from agentverse.identity import (
    address_verification,
    administrators,
    api_keys,
    devices,
    invitations,
    members,
    organizations,
    password_changes,
    repository,
    second_factors,
    sessions,
    signing_in,
    tenant_administration,
)
from agentverse.identity.authentication import authenticate
from agentverse.identity.errors import SessionEnded
from agentverse.identity.permissions import (
    Platform,
    ReadApiKeys,
    ReadMembers,
    ReadQuotas,
    ReadTenants,
    Self,
    WriteApiKeys,
    WriteMembers,
    WriteOrganization,
)
from agentverse.identity.schemas import (
    AddressVerification,
    Administrator,
    AdministratorCreate,
    ApiKey,
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyRotate,
    BootstrapRedeem,
    Invitation,
    InvitationCreate,
    InvitationCreated,
    InvitationOffer,
    InvitationSignUp,
    InvitationToken,
    LoginRequest,
    Me,
    Member,
    MemberUpdate,
    OneTimeSignInRequest,
    Organization,
    OrganizationCreate,
    OrganizationUpdate,
    OwnOrganization,
    PasswordChange,
    PasswordForgotten,
    PasswordReset,
    PlatformEnter,
    PlatformToken,
    QuotaLimits,
    RecoveryCodes,
    RegisterRequest,
    SecondFactorCode,
    SecondFactors,
    SignInSession,
    SwitchRequest,
    Tenant,
    TenantSuspend,
    TokenResponse,
    TotpBegin,
    TotpRemove,
    TotpSetup,
    UserUpdate,
)
from agentverse.identity.sessions import Client, SignedIn
from agentverse.identity.tenants import normalise_email
from agentverse.identity.users import describe_actor, update_own_name
from agentverse.platform.clock import now
from agentverse.platform.http.authorization import LONGEST_AGENT, address_of
from agentverse.platform.http.context_router import ContextRouter, audits, public, stores_nothing
from agentverse.platform.http.headers import IdempotencyKey, IfMatch, tagged
from agentverse.platform.http.places import password_places, places
from agentverse.platform.http.problems import request_id_of
from agentverse.platform.outgoing.mail import Mail, post
from agentverse.platform.pagination import DEFAULT_LIMIT, Page
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings, get_settings
from agentverse.tasks import Quota

router = ContextRouter("identity")

# A flood of sign-ins waits in line outside the threads, which everybody else needs.
one_of_few = Depends(places(password_places), scope="function")


@router.post("/auth/register", status_code=201, dependencies=[one_of_few])
@audits("tenant.create")
@public
def register(
    body: RegisterRequest, request: Request, response: Response, later: BackgroundTasks
) -> TokenResponse:
    """A known address is answered like any other: its sign-up is apart until it is verified."""
    client = client_of(request)
    signed_in = signing_in.register(
        email=body.email,
        password=body.password,
        full_name=body.full_name,
        organization_name=body.organization_name,
        client=client,
    )
    later.add_task(_mail_verification, signed_in)
    return _answer(response, signed_in)


@router.post("/auth/login", dependencies=[one_of_few])
@audits("session.start")
@public
def login(body: LoginRequest, request: Request, response: Response) -> TokenResponse:
    signed_in = signing_in.sign_in(
        email=body.email,
        password=body.password,
        tenant_id=body.tenant_id,
        second_factor=body.second_factor,
        invitation=body.invitation,
        client=client_of(request),
    )
    _remember_device(request, response, body.email)
    return _answer(response, signed_in)


@router.post("/auth/one-time")
@audits("session.start")
@public
def one_time(body: OneTimeSignInRequest, request: Request, response: Response) -> TokenResponse:
    signed_in = signing_in.exchange_one_time_token(body.token, client=client_of(request))
    return _answer(response, signed_in)


@router.post("/auth/refresh")
@audits("session.refresh")
@public
def refresh(request: Request, response: Response) -> TokenResponse:
    token = request.cookies.get(cookie_name(get_settings()))
    if token is None:
        raise SessionEnded("You are not signed in here. Sign in first.")
    return _answer(response, sessions.refresh(token, request_id=request_id_of(request)))


@router.post("/auth/logout", status_code=204)
@audits("session.end")
@public
def logout(request: Request, response: Response) -> None:
    settings = get_settings()
    sessions.sign_out(request.cookies.get(cookie_name(settings)), request_id=request_id_of(request))
    _drop_cookie(response)


@router.post("/auth/logout-everywhere", status_code=204)
@audits("session.end")
def logout_everywhere(scope: Self, response: Response) -> None:
    """End every sign-in of yours, in all organizations, this one too."""
    sessions.end_everywhere(scope, because="sign_out")
    _drop_cookie(response)


@router.get("/auth/me")
def me(scope: Self) -> Me:
    return describe_actor(scope)


@router.post("/auth/password", status_code=204, dependencies=[one_of_few])
@audits("person.change_password")
def change_password(scope: Self, body: PasswordChange) -> None:
    """Ends your other sign-ins."""
    password_changes.change_password(scope, current=body.current_password, new=body.new_password)


@router.post("/auth/password/forgotten", status_code=202)
@audits("person.ask_to_reset")
@public
def ask_to_reset_password(
    body: PasswordForgotten, request: Request, later: BackgroundTasks
) -> None:
    """Mails a link to the address if it is somebody's. The answer does not tell."""
    email = normalise_email(body.email)
    later.add_task(password_changes.mail_reset, email, client_of(request))


@router.post("/auth/password/reset", status_code=204, dependencies=[one_of_few])
@audits("person.change_password")
@public
def reset_password(body: PasswordReset, request: Request) -> None:
    """Choose a new password by the mailed link. Ends every sign-in of yours."""
    password_changes.reset_password(body.token, body.new_password, client_of(request))


@router.get("/auth/second-factors")
def get_second_factors(scope: Self) -> SecondFactors:
    return second_factors.describe(scope)


@router.post("/auth/totp", dependencies=[one_of_few])
@audits("person.begin_totp")
def begin_totp(scope: Self, body: TotpBegin, response: Response) -> TotpSetup:
    """A secret for an authenticator app; begun again, another one."""
    response.headers["Cache-Control"] = "no-store"
    return second_factors.begin_totp(scope, body.current_password)


@router.post("/auth/totp/confirm")
@audits("person.confirm_totp")
def confirm_totp(scope: Self, body: SecondFactorCode, response: Response) -> RecoveryCodes:
    """From now on signing in takes a code of the app too."""
    response.headers["Cache-Control"] = "no-store"
    return second_factors.confirm_totp(scope, body.code)


@router.post("/auth/totp/remove", status_code=204, dependencies=[one_of_few])
@audits("person.remove_totp")
def remove_totp(scope: Self, body: TotpRemove) -> None:
    """The password alone signs in again; the recovery codes end."""
    second_factors.remove_totp(scope, body.current_password, body.code)


@router.post("/auth/recovery-codes")
@audits("person.renew_recovery_codes")
def renew_recovery_codes(scope: Self, body: SecondFactorCode, response: Response) -> RecoveryCodes:
    """Ten others; the earlier ones end."""
    response.headers["Cache-Control"] = "no-store"
    return second_factors.renew_recovery_codes(scope, body.code)


@router.post("/auth/address/verification", status_code=202)
@audits("person.ask_to_verify")
def ask_to_verify_address(scope: Self, later: BackgroundTasks) -> None:
    """Mails a link; open it where you are signed in."""
    _post_later(later, address_verification.ask_to_verify(scope))


@router.post("/auth/address/verify", status_code=204)
@audits("person.verify")
def verify_address(scope: Self, body: AddressVerification) -> None:
    """Make the address yours, or join this sign-up to the account that had verified it."""
    address_verification.verify(scope, body.token)


@router.post("/auth/platform")
@audits("administrator.enter")
def enter_platform(scope: Self, body: PlatformEnter, response: Response) -> PlatformToken:
    """For administrators of the installation: a token of the platform realm, by a code."""
    response.headers["Cache-Control"] = "no-store"
    return administrators.enter(scope, body.second_factor)


@router.post("/auth/platform/bootstrap", status_code=204)
@audits("administrator.bootstrap")
def redeem_bootstrap_token(scope: Self, body: BootstrapRedeem) -> None:
    """You are an administrator of the installation from now on; the token is used up."""
    administrators.bootstrap(scope, body.token)


@router.get("/sessions")
def list_sessions(scope: Self) -> Page[SignInSession]:
    """Where you are signed in now, in every organization of yours, newest first."""
    return Page(items=sessions.list_sessions(scope))


@router.delete("/sessions/{session_id}", status_code=204)
@audits("session.end")
def end_session(scope: Self, session_id: UUID) -> None:
    sessions.end_session(scope, session_id)


@router.get("/users/me")
def get_own_user(scope: Self, response: Response) -> Me:
    return tagged(response, describe_actor(scope))


@router.patch("/users/me")
@audits("user.update")
def update_own_user(
    scope: Self, body: UserUpdate, response: Response, if_match: IfMatch = None
) -> Me:
    return tagged(response, update_own_name(scope, body, if_match=if_match))


@router.get("/users")
def list_users(
    db: ReadMembers, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Member]:
    return members.list_members(db, cursor=cursor, limit=limit)


@router.get("/users/{user_id}")
def get_user(db: ReadMembers, user_id: UUID, response: Response) -> Member:
    return tagged(response, members.get_member(db, user_id))


@router.patch("/users/{user_id}")
@audits("member.update")
def update_user(
    db: WriteMembers,
    user_id: UUID,
    body: MemberUpdate,
    response: Response,
    if_match: IfMatch = None,
) -> Member:
    """In force with the member's next request, and for their running work within seconds."""
    return tagged(response, members.update_member(db, user_id, body, if_match=if_match))


@router.delete("/users/{user_id}", status_code=204)
@audits("member.remove")
def remove_user(db: WriteMembers, user_id: UUID) -> None:
    """Ends their sign-ins, API keys and running work here; what they made stays."""
    members.remove_member(db, user_id)


@router.get("/organizations")
def list_organizations(scope: Self) -> Page[OwnOrganization]:
    """Yours, the one of the last sign-in first."""
    return Page(items=organizations.list_organizations(scope))


@router.post("/organizations", status_code=201)
@audits("tenant.create")
def create_organization(
    scope: Self, body: OrganizationCreate, idempotency_key: IdempotencyKey = None
) -> OwnOrganization:
    """You become its owner; switch to it to work there."""
    return organizations.create_organization(scope, body, idempotency_key=idempotency_key)


@router.get("/organizations/current")
def get_current_organization(scope: Self, response: Response) -> Organization:
    return tagged(response, organizations.get_current(scope))


@router.get("/organizations/current/quotas")
def list_own_quotas(db: ReadQuotas) -> Page[Quota]:
    """How much work the organization may have, and has."""
    return Page(items=tasks.quotas_of(db, now()))


@router.patch("/organizations/current")
@audits("organization.update")
def update_current_organization(
    db: WriteOrganization,
    body: OrganizationUpdate,
    response: Response,
    if_match: IfMatch = None,
) -> Organization:
    return tagged(response, organizations.update_current(db, body, if_match=if_match))


@router.post("/organizations/current/leave", status_code=204)
@audits("member.remove")
def leave_organization(scope: Self, response: Response) -> None:
    """Everybody may; ends your sign-ins, API keys and running work here. What you made stays."""
    members.leave_own(scope)
    _drop_cookie(response)


@router.get("/organizations/current/invitations")
def list_invitations(db: ReadMembers) -> Page[Invitation]:
    """Those still open, newest first."""
    return invitations.list_invitations(db)


@router.post("/organizations/current/invitations", status_code=201)
@audits("invitation.create")
def create_invitation(
    db: WriteMembers,
    body: InvitationCreate,
    response: Response,
    later: BackgroundTasks,
    idempotency_key: IdempotencyKey = None,
) -> InvitationCreated:
    """Mailed to the address; the token is answered too, to be handed over in another way."""
    response.headers["Cache-Control"] = "no-store"
    created = invitations.invite(db, body, idempotency_key=idempotency_key)
    _post_later(later, invitations.mail_of(db, created))
    return created


@router.delete("/organizations/current/invitations/{invitation_id}", status_code=204)
@audits("invitation.revoke")
def revoke_invitation(db: WriteMembers, invitation_id: UUID) -> None:
    invitations.revoke(db, invitation_id)


@router.get("/invitations/pending")
def list_pending_invitations(scope: Self) -> Page[InvitationOffer]:
    """What your verified address is offered, in every organization."""
    return Page(items=invitations.pending(scope))


@router.post("/invitations/by-token")
@public
@stores_nothing
def look_at_invitation(body: InvitationToken) -> InvitationOffer:
    """By POST, so that no address holds the token."""
    return invitations.look_at(body.token)


@router.post("/invitations/by-token/sign-up", status_code=201, dependencies=[one_of_few])
@public
@audits("invitation.accept")
def sign_up_by_invitation(
    body: InvitationSignUp, request: Request, response: Response, later: BackgroundTasks
) -> TokenResponse:
    """For somebody new: a person at the invited address joins and is signed in."""
    signed_in = invitations.sign_up(body, client_of(request))
    later.add_task(_mail_verification, signed_in)
    return _answer(response, signed_in)


@router.post("/invitations/by-token/accept")
@audits("invitation.accept")
def accept_invitation_by_token(
    scope: Self, body: InvitationToken, request: Request, response: Response
) -> TokenResponse:
    """You join and are signed in there."""
    return _answer(response, invitations.accept_by_token(scope, body.token, client_of(request)))


@router.post("/invitations/{invitation_id}/accept")
@audits("invitation.accept")
def accept_invitation(
    scope: Self, invitation_id: UUID, request: Request, response: Response
) -> TokenResponse:
    """For the verified address it was made to: you join and are signed in there."""
    return _answer(response, invitations.accept(scope, invitation_id, client_of(request)))


@router.post("/invitations/{invitation_id}/decline", status_code=204)
@audits("invitation.decline")
def decline_invitation(scope: Self, invitation_id: UUID) -> None:
    invitations.decline(scope, invitation_id)


@router.get("/admin/administrators")
def list_administrators(
    scope: Platform, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Administrator]:
    items, next_cursor = administrators.list_administrators(scope, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@router.post("/admin/administrators", status_code=201)
@audits("administrator.create")
def name_administrator(scope: Platform, body: AdministratorCreate) -> Administrator:
    """They enter with their own sign-in and a code of their authenticator app."""
    return administrators.name_administrator(scope, body.email)


@router.delete("/admin/administrators/{person_id}", status_code=204)
@audits("administrator.remove")
def remove_administrator(scope: Platform, person_id: UUID) -> None:
    """In force with their next request."""
    administrators.remove_administrator(scope, person_id)


@router.get("/admin/tenants")
def list_tenants(
    db: ReadTenants, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Tenant]:
    return tenant_administration.list_tenants(db, cursor=cursor, limit=limit)


@router.get("/admin/tenants/{tenant_id}")
def get_tenant(db: ReadTenants, tenant_id: UUID) -> Tenant:
    return repository.get_tenant_as_platform(db, tenant_id)


@router.post("/admin/tenants/{tenant_id}/suspend", status_code=204)
@audits("tenant.suspend")
def suspend_tenant(scope: Platform, tenant_id: UUID, body: TenantSuspend) -> None:
    """Nobody of it gets in, and its queued and running work ends, within seconds."""
    tenant_administration.suspend(scope, tenant_id, body)


@router.post("/admin/tenants/{tenant_id}/resume", status_code=204)
@audits("tenant.resume")
def resume_tenant(scope: Platform, tenant_id: UUID) -> None:
    tenant_administration.resume(scope, tenant_id)


@router.get("/admin/tenants/{tenant_id}/quotas")
def get_quotas(scope: Platform, tenant_id: UUID, response: Response) -> QuotaLimits:
    return tagged(response, tenant_administration.quotas_of(scope, tenant_id))


@router.patch("/admin/tenants/{tenant_id}/quotas")
@audits("tenant.set_quotas")
def set_quotas(
    scope: Platform,
    tenant_id: UUID,
    body: QuotaLimits,
    response: Response,
    if_match: IfMatch = None,
) -> QuotaLimits:
    """In force with the organization's next task."""
    changed = tenant_administration.set_quotas(scope, tenant_id, body, if_match=if_match)
    return tagged(response, changed)


@router.post("/organizations/switch")
@audits("session.start")
def switch_organization(
    scope: Self, body: SwitchRequest, request: Request, response: Response
) -> TokenResponse:
    """Sign in to another of your organizations; the sign-in you have stays until it ends."""
    return _answer(response, signing_in.switch(scope, body.tenant_id, client_of(request)))


@router.post("/api-keys", status_code=201)
@audits("api_key.create")
def create_api_key(db: WriteApiKeys, body: ApiKeyCreate, response: Response) -> ApiKeyCreated:
    response.headers["Cache-Control"] = "no-store"
    return api_keys.create_api_key(db, body)


@router.get("/api-keys")
def list_api_keys(
    db: ReadApiKeys, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ApiKey]:
    return api_keys.list_api_keys(db, cursor=cursor, limit=limit)


@router.get("/api-keys/{key_id}")
def get_api_key(db: ReadApiKeys, key_id: UUID) -> ApiKey:
    return api_keys.get_api_key(db, key_id)


@router.post("/api-keys/{key_id}/rotate", status_code=201)
@audits("api_key.rotate")
def rotate_api_key(
    db: WriteApiKeys, key_id: UUID, body: ApiKeyRotate, response: Response
) -> ApiKeyCreated:
    response.headers["Cache-Control"] = "no-store"
    return api_keys.rotate_api_key(db, key_id, body)


@router.delete("/api-keys/{key_id}", status_code=204)
@audits("api_key.revoke")
def revoke_api_key(db: WriteApiKeys, key_id: UUID) -> None:
    api_keys.revoke_api_key(db, key_id)


def cookie_name(settings: Settings) -> str:
    """`__Host-` lets no subdomain and no plain connection set it; browsers demand Secure for it."""
    return "__Host-agentverse-refresh" if settings.secure_cookies else "agentverse-refresh"


def device_cookie(settings: Settings) -> str:
    return "__Host-agentverse-device" if settings.secure_cookies else "agentverse-device"


def client_of(request: Request) -> Client:
    settings = get_settings()
    return Client(
        address=None if request.client is None else request.client.host,
        agent=request.headers.get("user-agent", "")[:LONGEST_AGENT] or None,
        request_id=request_id_of(request),
        network=address_of(request),
        device=devices.recognise(request.cookies.get(device_cookie(settings)), settings),
    )


def _mail_verification(signed_in: SignedIn) -> None:
    scope = authenticate(signed_in.access_token)
    mail = address_verification.ask_to_verify(scope) if isinstance(scope, Scope) else None
    if mail is not None:
        post(mail)


def _post_later(later: BackgroundTasks, mail: Mail | None) -> None:
    if mail is not None:
        later.add_task(post, mail)


def _remember_device(request: Request, response: Response, email: str) -> None:
    """So that guessing elsewhere slows nobody here; it signs nobody in."""
    settings = get_settings()
    device = devices.recognise(request.cookies.get(device_cookie(settings)), settings)
    response.set_cookie(
        device_cookie(settings),
        devices.remember(email, settings, device=device),
        max_age=int(devices.LIFETIME.total_seconds()),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )


def _drop_cookie(response: Response) -> None:
    settings = get_settings()
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )


def _answer(response: Response, signed_in: SignedIn) -> TokenResponse:
    settings = get_settings()
    response.set_cookie(
        cookie_name(settings),
        signed_in.refresh_token,
        max_age=settings.refresh_token_days * 24 * 3600,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )
    response.headers["Cache-Control"] = "no-store"
    return TokenResponse(
        access_token=signed_in.access_token, expires_in_seconds=signed_in.expires_in_seconds
    )
