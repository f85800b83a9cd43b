"""The one untyped boundary to Arrow: columns and a tag to zstd Parquet bytes, and back."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Column = NDArray[Any] | Sequence[bytes]


def write(columns: Mapping[str, Column], tag: Mapping[bytes, bytes]) -> bytes:
    """Equal columns and tags give equal bytes."""
    arrays = {
        name: column if isinstance(column, np.ndarray) else pa.array(column, pa.binary())
        for name, column in columns.items()
    }
    table = pa.table(arrays).replace_schema_metadata(dict(tag))
    sink = BytesIO()
    pq.write_table(table, sink, compression="zstd", compression_level=3)
    return sink.getvalue()


def read(data: bytes) -> tuple[dict[str, Column], dict[bytes, bytes]]:
    """Number columns as arrays, binary columns as bytes."""
    table = pq.read_table(BytesIO(data))
    columns: dict[str, Column] = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        binary = pa.types.is_binary(column.type)
        columns[name] = column.to_pylist() if binary else column.to_numpy(zero_copy_only=False)
    return columns, dict(table.schema.metadata or {})
