"""Named failures of reading the audit."""

from agentverse.platform.errors import InvalidInput, NotFound


class AuditEntryNotFound(NotFound):
    code = "audit_entry_not_found"
    title = "No such audit entry"


class AuditFilterInvalid(InvalidInput):
    code = "audit_filter_invalid"
    title = "A filter cannot be used"


class AuditChainBroken(InvalidInput):
    code = "audit_chain_broken"
    title = "The audit does not agree with what was sealed"


class AuditStreamNotFound(NotFound):
    code = "audit_stream_not_found"
    title = "No such tenant"
