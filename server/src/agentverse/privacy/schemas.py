"""Wire types of privacy, and the payloads of its jobs."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from agentverse.platform.wire import RequestModel, WireModel
from agentverse.tasks import TaskPayload

RequestKind = Literal["export", "deletion"]
Subject = Literal["organization", "user"]


class OrganizationDelete(RequestModel):
    name: str = Field(max_length=120, description="The organization's name, to be sure.")


class OwnDataDelete(RequestModel):
    current_password: str = Field(max_length=200)


class PrivacyRequest(WireModel):
    id: UUID
    kind: RequestKind
    subject: Subject
    user_id: UUID = Field(description="Who asked.")
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    created_at: datetime
    size_bytes: int | None = Field(description="Of a finished export.")
    expires_at: datetime | None = Field(description="When a finished export is deleted.")
    problem: dict[str, object] | None = Field(description="RFC 9457 problem when failed.")


class DataCategory(WireModel):
    """What one table keeps, from the same catalogue that exports and deletions follow."""

    table: str
    holds: str
    of_user: bool = Field(description="Has rows about a single member.")
    after_deletion: Literal["erased", "kept without words"]


Resource = Literal["audit_words"]


class RetentionUpdate(RequestModel):
    days: int | None = Field(ge=30, le=3650, description="null: kept for good.")


class RetentionPolicy(WireModel):
    resource: Resource = Field(
        description="`audit_words`: what was typed and from which address; the entries stay."
    )
    days: int | None = Field(description="null: kept for good.")


class BuildExport(TaskPayload):
    """Job: write the file of an export."""


class EraseOrganization(TaskPayload):
    """Job: end the organization and erase what it kept."""


class EraseUser(TaskPayload):
    """Job: erase what an organization knows of somebody who left."""
