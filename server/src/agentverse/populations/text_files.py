"""A text file as UTF-8 bytes, whatever it is written in and whether or not it is compressed."""

import codecs
import gzip
import io
import re
import zlib
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

from agentverse.populations.errors import CorruptArchive, FileTooLarge, NotUtf8
from agentverse.populations.limits import LARGEST_UNPACKED_BYTES, MEBIBYTE

Encoding = Literal["utf-8", "utf-16", "windows-1252"]
GZIP: Final = b"\x1f\x8b"
LOOKED_AT_BYTES: Final = MEBIBYTE
ODD_WORD: Final = re.compile(r"[^\W\d_]*[^\x00-\x7f\ufeff][^\W\d_]*")
MOST_ODD_WORDS: Final = 12
# Bytes that Windows-1252 does not define: a file that holds one is written in something else.
UNDEFINED: Final = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))


class TextFile:
    """Opens as UTF-8 from any place on. encoding: as said, or as its first bytes show."""

    def __init__(self, path: Path, encoding: Encoding | None = None) -> None:
        self.path = path
        with path.open("rb") as file:
            self.is_packed = file.read(2) == GZIP
        self.encoding: Encoding = encoding or _encoding_of(self._head())

    @property
    def is_plain(self) -> bool:
        """Whether the bytes on disk are the bytes that are read."""
        return not self.is_packed and self.encoding == "utf-8"

    @property
    def ratio(self) -> float:
        """Bytes that are read for each byte on disk, as the beginning of the file has it."""
        if self.is_plain:
            return 1.0
        with self.path.open("rb") as raw:
            source = gzip.GzipFile(fileobj=raw) if self.is_packed else raw
            read = len(source.read(LOOKED_AT_BYTES))
            return read / max(1, raw.tell())

    def odd_words(self) -> tuple[str, ...]:
        """Return words with letters beyond ASCII, where the encoding is a guess or a choice."""
        if self.encoding == "utf-8":
            return ()
        with self.open() as file:
            text = file.read(LOOKED_AT_BYTES).decode("utf-8", "ignore")
        words = dict.fromkeys(match.group() for match in ODD_WORD.finditer(text))
        return tuple(islice(words, MOST_ODD_WORDS))

    def open(self, offset: int = 0) -> BinaryIO:
        """Return the UTF-8 bytes from `offset` on."""
        if self.is_plain:
            file = self.path.open("rb")
            file.seek(offset)
            return file
        stream = io.BufferedReader(_Utf8(self._unpacked(), self.encoding), MEBIBYTE)
        while offset:
            skipped = len(stream.read(min(offset, MEBIBYTE)))
            if not skipped:
                break
            offset -= skipped
        return cast("BinaryIO", stream)

    def _unpacked(self) -> BinaryIO:
        raw = self.path.open("rb")
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if self.is_packed else raw

    def _head(self) -> bytes:
        with self._unpacked() as file:
            try:
                return file.read(LOOKED_AT_BYTES)
            except (OSError, EOFError, zlib.error) as error:
                raise _damaged() from error


class _Utf8(io.RawIOBase):
    """Decodes and encodes again block by block; refuses what unpacks beyond the limit."""

    def __init__(self, source: BinaryIO, encoding: Encoding) -> None:
        self._source = source
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
        self._held = b""
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        while not self._held:
            block = self._block(len(buffer))
            if not block and self._decoder is None:
                return 0
            if self._decoder is not None:
                self._held = self._decoded(block)
                if not block and not self._held:
                    return 0
            else:
                self._held = block
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def _block(self, size: int) -> bytes:
        try:
            block = self._source.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged() from error
        self._read += len(block)
        if self._read > LARGEST_UNPACKED_BYTES:
            raise FileTooLarge(
                f"Unpacked the file takes more than {LARGEST_UNPACKED_BYTES // MEBIBYTE:,} MiB. "
                "Keep only the columns you need or draw a random sample of the rows."
            )
        return block

    def _decoded(self, block: bytes) -> bytes:
        assert self._decoder is not None  # noqa: S101 - only called where there is one
        try:
            return self._decoder.decode(block, final=not block).encode()
        except UnicodeDecodeError as error:
            raise NotUtf8(
                "The file is not text in the encoding that was chosen. Choose another one.", line=1
            ) from error

    def close(self) -> None:
        self._source.close()
        super().close()


def _encoding_of(head: bytes) -> Encoding:
    """UTF-8 where the bytes are; else what Windows programs write, if they can be that."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < LOOKED_AT_BYTES)
    except UnicodeDecodeError:
        # What is no text at all is refused with its line, as UTF-8.
        is_text = not any(byte in UNDEFINED for byte in head) and b"\0" not in head
        return "windows-1252" if is_text else "utf-8"
    return "utf-8"


def _damaged() -> CorruptArchive:
    return CorruptArchive(
        "The compressed file is damaged or cut off. Compress it again, or upload it as it is."
    )
