"""How a child process finds the test's own database."""

from agentverse.platform.db.engines import DatabaseUrls


def database_environment(urls: DatabaseUrls) -> dict[str, str]:
    """The variables that name the owner and every role's login."""
    logins = {role.variable: url for role, url in urls.logins.items()}
    return {
        name: url.render_as_string(hide_password=False)
        for name, url in {"DATABASE_URL": urls.owner, **logins}.items()
    }
