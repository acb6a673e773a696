from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.messages import DatasetVersion, Plan, SpanTask
from fanfold.pipeline.options import read_options
from fanfold.pipeline.planning import default_chunk_bytes, divide


def plan(size: int, chunk_bytes: int) -> Plan:
    dataset = DatasetVersion(account="a", container="c", blob="b", etag="e", size=size)
    return Plan(run_id="r", dataset=dataset, chunk_bytes=chunk_bytes, data_start=0, work="w")


@given(st.integers(0, 10**6), st.integers(1, 10**5))
def test_chunks_partition_the_file(size: int, chunk_bytes: int) -> None:
    made = plan(size, chunk_bytes)
    edges = [made.offset(chunk) for chunk in range(min(made.chunks, 50) + 1)]
    assert edges == sorted(set(edges)) or size == 0
    assert made.offset(made.chunks) == size


@given(st.integers(0, 1000), st.integers(1, 300_000))
def test_children_partition_their_span_and_are_at_most_the_fan_out(first: int, count: int) -> None:
    task = SpanTask(plan=plan(10**9, 1), first=first, stop=first + count, entry=7)
    children = divide(task)
    assert len(children) <= limits.FAN_OUT_MAX
    assert children[0].first == task.first
    assert children[-1].stop == task.stop
    assert all(a.stop == b.first for a, b in pairwise(children))
    assert [child.entry for child in children] == [7] + [None] * (len(children) - 1)


def test_a_terabyte_is_three_levels_deep() -> None:
    task = SpanTask(plan=plan(2**40, 64 * limits.MIB), first=0, stop=16_384)
    levels = 0
    while task.stop - task.first > 1:
        task = divide(task)[0]
        levels += 1
    assert levels == 3


@given(st.integers(0, 2**50))
def test_the_default_chunk_size_is_bounded(size: int) -> None:
    assert 1 * limits.MIB <= default_chunk_bytes(size) <= 32 * limits.MIB


@pytest.mark.parametrize(
    ("wire", "named"),
    [
        ({"chunk_size": 5}, "chunk_size"),
        ({"chunk_bytes": "5"}, "chunk_bytes"),
        ({"chunk_bytes": 0}, "chunk_bytes"),
        ({"chunk_bytes": 10**12}, "chunk_bytes"),
        ({"delimiter": ""}, "delimiter"),
        ({"delimiter": "\n"}, "delimiter"),
        ({"delimiter": "é"}, "delimiter"),
        ({"quote": ";", "delimiter": ";"}, "quote"),
        ({"header": "yes"}, "header"),
        ("{no json", "expected a JSON object, found '{no json'"),
        ([], "expected a JSON object"),
    ],
)
def test_a_wrong_option_is_refused_by_name(wire: object, named: str) -> None:
    with pytest.raises(RequestRefused, match=named):
        read_options(wire)
