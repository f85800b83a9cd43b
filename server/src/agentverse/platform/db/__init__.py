"""PostgreSQL: sessions bound to a tenant, row security, the embedded server."""
