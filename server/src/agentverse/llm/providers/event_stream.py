"""Splits a provider's event stream into events.

Our own, because aiohttp's line reader raises beyond 512 KiB: one event may hold a whole file.
"""

LARGEST_EVENT_BYTES = 8 * 1024 * 1024


class EventTooLarge(ValueError):
    """One event, or what lies before its end, is beyond the cap."""


class EventSplitter:
    """Feed it bytes as they arrive; it answers the `data` of each event that is complete.

    Comments and fields other than `data` are skipped. Lines end in LF, CR LF or CR.
    """

    def __init__(self, largest_event_bytes: int = LARGEST_EVENT_BYTES) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._largest = largest_event_bytes

    def feed(self, received: bytes) -> list[bytes]:
        """Raises EventTooLarge."""
        text, held = self._rest + received, b""
        if b"\r" in text:
            # A last CR may be half of a CR LF.
            text, held = (text[:-1], b"\r") if text.endswith(b"\r") else (text, b"")
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = text.split(b"\n")
        self._rest = lines.pop() + held
        events: list[bytes] = []
        for line in lines:
            self._take(line, events)
        if self._size + len(self._rest) > self._largest:
            raise EventTooLarge
        return events

    def end(self) -> list[bytes]:
        """What the end of the stream completes: a last event without its empty line."""
        events: list[bytes] = []
        if self._rest:
            self._take(self._rest.removesuffix(b"\r"), events)
            self._rest = b""
        self._take(b"", events)
        return events

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if line.startswith(b"data:"):
            part = line[6:] if line[5:6] == b" " else line[5:]
            self._data.append(part)
            self._size += len(part)
            if self._size > self._largest:
                raise EventTooLarge
        elif not line and self._data:
            events.append(b"\n".join(self._data))
            self._data.clear()
            self._size = 0
