"""The base of every type that travels over HTTP or the queue."""

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """Frozen, refuses unknown fields, readable from rows."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)
