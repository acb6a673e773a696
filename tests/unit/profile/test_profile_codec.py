"""A partial is read by the version that wrote it, or refused."""

import pyarrow as pa
import pytest
from profile_examples import frame_of

from fanfold.errors import PipelineFault
from fanfold.profile import codec
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import empty, merge

PROFILE = profile_frame(frame_of(["1", "2", ""], ["a", "b", "c"]))


def test_the_same_profile_makes_the_same_bytes() -> None:
    assert codec.encode(PROFILE) == codec.encode(profile_frame(frame_of(["", "2", "1"], ["c", "b", "a"])))


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
