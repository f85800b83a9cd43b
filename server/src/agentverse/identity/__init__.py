"""Identity: tenants, organizations, users, memberships, signing in."""
