"""One JSON object per line, no secrets: only named extras are written, never whole requests."""

import json
import logging
import sys
from datetime import UTC, datetime

EXTRAS = ("request_id", "status", "milliseconds", "job", "tenant_id")
# Libraries whose INFO is noise for whoever runs an installation.
QUIET = ("procrastinate", "alembic", "uvicorn.access", "psycopg", "sqlalchemy.engine")


# What a caller can make us write for one request is bounded.
LONGEST_MESSAGE = 2_000
LONGEST_TRACEBACK = 8_000


def shortened(traceback: str) -> str:
    """Where it began and where it ended; what lies between in a deep recursion says nothing."""
    if len(traceback) <= LONGEST_TRACEBACK:
        return traceback
    half = LONGEST_TRACEBACK // 2
    left_out = len(traceback) - 2 * half
    return f"{traceback[:half]}\n… {left_out:,} characters left out …\n{traceback[-half:]}"


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:LONGEST_MESSAGE],
        }
        document |= {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        if record.exc_info:
            document["error"] = shortened(self.formatException(record.exc_info))
        return json.dumps(document, default=str, ensure_ascii=False)


def configure(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
