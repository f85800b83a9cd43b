"""One JSON object per line, no secrets: only named extras are written, never whole requests."""

import json
import logging
import sys
from datetime import UTC, datetime

EXTRAS = ("request_id", "status", "milliseconds", "job", "tenant_id")
# Libraries whose INFO is noise for whoever runs an installation.
QUIET = ("procrastinate", "alembic", "uvicorn.access", "psycopg", "sqlalchemy.engine")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        document |= {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        if record.exc_info:
            document["error"] = self.formatException(record.exc_info)
        return json.dumps(document, default=str, ensure_ascii=False)


def configure(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
