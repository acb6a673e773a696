"""A partial is read by the version that wrote it, or refused."""

import numpy as np
import pyarrow as pa
import pytest
from profile_examples import frame_of, without_order

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.profile import codec, folding
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import empty, merge
from fanfold.profile.model import Profile, Summary

PROFILE = profile_frame(frame_of(["1", "2", ""], ["a", "b", "c"]))


def test_the_same_profile_makes_the_same_bytes() -> None:
    other = profile_frame(frame_of(["", "2", "1"], ["c", "b", "a"]))
    assert codec.encode(without_order(PROFILE)) == codec.encode(without_order(other))


def test_a_partial_of_another_format_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "FORMAT_VERSION", "0-9")
    monkeypatch.setattr(codec, "_SCHEMA", codec._SCHEMA.with_metadata({codec._STAMP: codec.FORMAT_VERSION}))
    foreign = codec.encode(PROFILE)
    monkeypatch.undo()
    with pytest.raises(PipelineFault, match=f"format version 0-9, expected {codec.FORMAT_VERSION}"):
        codec.decode(foreign)


def test_an_arrow_stream_of_somebody_else_is_refused() -> None:
    batch = pa.record_batch({"a": [1]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    with pytest.raises(PipelineFault, match="format version none"):
        codec.decode(sink.getvalue().to_pybytes())


def test_a_partial_cut_short_anywhere_is_refused() -> None:
    data = codec.encode(PROFILE)
    for size in range(0, len(data) - 16, 7):
        with pytest.raises(PipelineFault, match="cannot be read"):
            codec.decode(data[:size])


@pytest.mark.parametrize("columns", [0, 1, 3])
def test_the_profile_of_no_records_survives_being_carried_as_bytes(columns: int) -> None:
    carried = codec.decode(codec.encode(empty(columns)))
    assert (carried.records, len(carried.columns)) == (0, columns)
    assert codec.encode(carried) == codec.encode(empty(columns))


def test_profiles_of_different_widths_are_not_merged() -> None:
    with pytest.raises(PipelineFault, match=r"profiles of \[1, 2\] columns"):
        merge([PROFILE, empty(1)])


def wide(start: int) -> Profile:
    """Some columns, every other one of more values than are counted each."""
    many = [str(value) for value in range(start, start + 2_500)]
    few = [str(value % 7) for value in range(2_500)]
    return profile_frame(frame_of(*[many, few] * 4))


WIDE = [wide(0), wide(1_000), wide(9_000)]


def test_tables_and_counts_of_hashes_are_small_at_rest() -> None:
    carried = [codec.decode(codec.encode(profile)) for profile in WIDE]
    for profile in [*WIDE, *carried, merge(WIDE), merge(carried)]:
        values = profile.columns[0].values
        assert isinstance(values, Summary)
        assert values.table.dtype == np.uint8
        assert values.smallest.counts.dtype == np.uint8


@pytest.mark.parametrize("largest", [0, 255, 256, 2**16, 2**32 - 1, 2**32, 2**62, -1])
def test_integers_of_any_size_survive_being_packed(largest: int) -> None:
    values = np.array([0, largest, 1])
    assert codec._unpack(codec._pack(values)).tolist() == values.tolist()


def test_folded_bytes_are_those_of_the_merged_profiles() -> None:
    parts = [*WIDE, empty(8), empty(0)]
    assert folding.fold(list(map(codec.encode, parts))) == codec.encode(merge(parts))
    assert folding.fold([codec.encode(empty(0))] * 2) == folding.fold([]) == codec.encode(empty(0))
    with pytest.raises(PipelineFault, match=r"profiles of \[2, 8\] columns"):
        folding.fold([codec.encode(WIDE[0]), codec.encode(PROFILE)])


def test_a_fold_holds_few_columns_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PROFILE_COLUMNS_AT_ONCE", 2)
    parts = list(map(codec.encode, WIDE))
    steps: list[str] = []
    read, pack = codec._unpack_column, codec._pack_column
    monkeypatch.setattr(codec, "_unpack_column", lambda row: steps.append("read") or read(row))
    monkeypatch.setattr(codec, "_pack_column", lambda column: steps.append("write") or pack(column))
    folding.fold(parts)
    assert steps == ["read", "read", "read", "write"] * 8
    with pa.ipc.open_stream(parts[0]) as stream:
        assert [batch.num_rows for batch in stream] == [2, 2, 2, 2, 1]


def test_a_partial_of_many_batches_cut_short_between_or_inside_them_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PROFILE_COLUMNS_AT_ONCE", 1)
    data = codec.encode(WIDE[0])
    with pa.BufferReader(data) as source, pa.ipc.open_stream(source) as stream:
        ends = [source.tell() for _ in stream]
    for size in [*ends[:-2], *range(0, len(data) - 16, 997)]:
        with pytest.raises(PipelineFault, match="cannot be read"):
            codec.decode(data[:size])
