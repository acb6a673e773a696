"""Lists of Python values as Arrow arrays, as ``pyarrow.array`` makes them.

That one first imports pandas, where there is one, to see whether it was given something of its own: a quarter of a
second in every process, for nothing.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

LISTS = pa.list_(pa.large_string())

_WIDE = {pa.large_string(), pa.large_binary()}
"""Types whose offsets have 64 bits; those of the others have 32."""


def integers(values: Sequence[int]) -> pa.Array:
    """An array of int64."""
    return _array(pa.int64(), len(values), [None, np.array(values, np.int64).tobytes()])


def texts(values: Sequence[str | bytes | None], kind: pa.DataType) -> pa.Array:
    """An array of texts or of bytes, some of them missing."""
    written = [value.encode() if isinstance(value, str) else value for value in values]
    content = [value or b"" for value in written]
    offsets = _offsets(content, np.int64 if kind in _WIDE else np.int32)
    return _array(kind, len(values), [_present(values), offsets, b"".join(content)])


def lists(values: Sequence[Sequence[str] | None]) -> pa.Array:
    """An array of lists of texts, some of them missing."""
    content = [value or () for value in values]
    inside = texts([*chain.from_iterable(content)], LISTS.value_type)
    return _array(LISTS, len(values), [_present(values), _offsets(content, np.int32)], [inside])


def _array(kind: pa.DataType, size: int, parts: Sequence[bytes | None], inside: Sequence[pa.Array] = ()) -> pa.Array:
    buffers = [None if part is None else pa.py_buffer(part) for part in parts]
    return pa.Array.from_buffers(kind, size, buffers, children=[*inside])


def _offsets(content: Sequence[Sequence[object] | bytes], kind: type[np.signedinteger[Any]]) -> bytes:
    """Where each begins, and the last ends."""
    sizes = np.fromiter(map(len, content), np.int64, len(content))
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]).astype(kind).tobytes()


def _present(values: Sequence[object]) -> bytes | None:
    """A bit for each that is there, None where all are."""
    there = [value is not None for value in values]
    return None if all(there) else np.packbits(there, bitorder="little").tobytes()
