"""Arrow arrays that are built without pyarrow.array are those that it would have built."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanfold.profile import arrow

TEXTS = st.lists(st.none() | st.text(max_size=4), max_size=20)
MANY = settings(max_examples=60)


def stream(array: pa.Array) -> bytes:
    """As it is stored."""
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([array], ["x"])
    with pa.ipc.new_stream(sink, batch.schema) as written:
        written.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def same(ours: pa.Array, values: list[Any], kind: pa.DataType) -> bool:
    ours.validate(full=True)
    theirs = pa.array(values, kind)
    return bool(ours.equals(theirs)) and stream(ours) == stream(theirs)


@MANY
@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20))
def test_integers_are_stored_as_pyarrow_stores_them(values: list[int]) -> None:
    assert same(arrow.integers(values), values, pa.int64())


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@MANY
@given(TEXTS)
def test_texts_are_stored_as_pyarrow_stores_them(kind: pa.DataType, values: list[str | None]) -> None:
    assert same(arrow.texts(values, kind), values, kind)


@MANY
@given(st.lists(st.none() | st.binary(max_size=4), max_size=20))
def test_bytes_are_stored_as_pyarrow_stores_them(values: list[bytes | None]) -> None:
    assert same(arrow.texts(values, pa.large_binary()), values, pa.large_binary())


@MANY
@given(st.lists(st.none() | st.lists(st.text(max_size=4), max_size=4), max_size=20))
def test_lists_are_stored_as_pyarrow_stores_them(values: list[list[str] | None]) -> None:
    assert same(arrow.lists(values), values, arrow.LISTS)
