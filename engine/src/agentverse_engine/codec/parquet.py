"""The one untyped boundary to Arrow: row groups of columns and a tag, as zstd Parquet."""

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.codec.parts import Part, Source
from agentverse_engine.errors import CodecError
from agentverse_engine.optional import require

TAG: Final = b"agentverse.telemetry"
SEAL: Final = b"agentverse.telemetry.sha256"
LEVEL: Final = 3  # of zstd: higher ones gain a few percent and take several times as long
WAY_OUT: Final = "Read an intact copy, or run the scenario again: it gives the same bits."

Column = NDArray[Any] | Sequence[bytes]
Tag = dict[str, Any]


def arrow_of(column: Column) -> Any:
    """Return numbers as they are, int[rows, k] as lists of k, bytes as binary."""
    pa: Any = require("pyarrow", extra="tables")
    if not isinstance(column, np.ndarray):
        return pa.array(column, pa.binary())
    if column.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(pa.array(column.reshape(-1)), column.shape[1])
    return pa.array(column)


def write(
    groups: Iterable[Mapping[str, Column]], tag: Tag, *, empty: Mapping[str, Column]
) -> bytes:
    """Return one file, a row group per mapping; `empty` has their columns without rows.

    Equal columns and tags give equal bytes. Every page carries a checksum.
    """
    pa: Any = require("pyarrow", extra="tables")
    pq: Any = require("pyarrow.parquet", extra="tables")
    marked = json.dumps(tag, sort_keys=True, allow_nan=False).encode()
    none = pa.table({name: arrow_of(column) for name, column in empty.items()})
    schema = none.schema.with_metadata({TAG: marked, SEAL: sha256(marked).hexdigest().encode()})
    binary = [name for name, column in empty.items() if not isinstance(column, np.ndarray)]
    sink = BytesIO()
    with pq.ParquetWriter(
        sink,
        schema,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=[name for name in empty if name not in binary],
        write_statistics=["replicate", "tick"],
        write_page_checksum=True,
    ) as writer:
        for group in groups:
            arrays = [arrow_of(group[name]) for name in empty]
            table = pa.table(arrays, schema=schema)
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
    return sink.getvalue()


class StoredFile:
    """A Parquet file whose tag is read, and of whose rows only what is asked for."""

    def __init__(self, source: Source, part: Part) -> None:
        pa: Any = require("pyarrow", extra="tables")
        pq: Any = require("pyarrow.parquet", extra="tables")
        self.part: Part = part
        with reading(part):
            self._file: Any = pq.ParquetFile(
                pa.BufferReader(source) if isinstance(source, bytes) else source,
                page_checksum_verification=True,
            )
            self.tag = self._tag()

    def _tag(self) -> Tag:
        held: Mapping[bytes, bytes] = self._file.schema_arrow.metadata or {}
        if TAG not in held:
            raise CodecError("carries no telemetry tag.", field=self.part, fix=WAY_OUT)
        if SEAL in held and sha256(held[TAG]).hexdigest().encode() != held[SEAL]:
            raise CodecError("has a damaged tag.", field=self.part, fix=WAY_OUT)
        tag: Tag = json.loads(held[TAG])
        if tag["kind"] != self.part:
            raise CodecError(
                f"holds {tag['kind']}.", field=self.part, fix=f"Give the file of the {self.part}."
            )
        return tag

    def numbers(self, name: str, dtype: type[np.generic]) -> NDArray[Any]:
        """Return a column of all rows; lists of k numbers one after the other."""
        with reading(self.part):
            column: Any = self._file.read(columns=[name]).column(name).combine_chunks()
            flat: Any = column.flatten() if hasattr(column, "flatten") else column
            return np.asarray(flat.to_numpy(zero_copy_only=False)).astype(dtype, copy=False)

    def arrays(self, name: str, *, size: int, row_group: int | None = None) -> list[Any]:
        """Return uint8[size] per row, of one row group or of all."""
        with reading(self.part):
            whole = row_group is None
            read: Any = self._file.read if whole else self._file.read_row_group
            table: Any = read(columns=[name]) if whole else read(row_group, columns=[name])
            rows = [np.frombuffer(cell.as_buffer(), np.uint8) for cell in table.column(name)]
            if any(row.size != size for row in rows):
                raise CodecError(f"has rows other than {size} long.", field=self.part, fix=WAY_OUT)
            return rows


@contextmanager
def reading(part: Part) -> Generator[None]:
    """Turn whatever damaged bytes cause into a CodecError."""
    pa: Any = require("pyarrow", extra="tables")
    causes = (pa.ArrowException, ArithmeticError, LookupError, MemoryError, OSError, TypeError)
    try:
        yield
    except (*causes, ValueError, AttributeError) as cause:
        raise CodecError(f"cannot be read ({cause}).", field=part, fix=WAY_OUT) from cause
