"""Puts the built web app into the wheel: who installs it needs neither Node nor a checkout."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebAppHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version` is "editable" for a checkout, which serves `web/dist` as it is."""
        if version == "editable":
            return
        web = Path(self.root).parent / "web" / "dist"
        if not (web / "index.html").is_file():
            raise SystemExit("web/dist is missing: `make dist` builds it and then this wheel.")
        build_data["force_include"][str(web)] = "agentverse/web_app"
