"""Whatever the chunks guess, the chain that comes out is the true one."""

import bisect
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orchestra import Orchestra

from fanfold import limits
from fanfold.pipeline.context import CHUNK, FOLD
from fanfold.pipeline.messages import DatasetVersion, FoldTask, Link, Plan, SpanTask, Terms, from_wire, to_wire
from fanfold.pipeline.policy import RetryPolicy
from fanfold.pipeline.proof import close
from fanfold.pipeline.spans import carry_out_span, rounds_of


class World:
    """A dataset that is nothing but its record starts, read by chunks that may guess wrong.

    From a true start a chunk reads on truly; from a wrong one it goes on wrongly, here at every byte.
    """

    def __init__(self, starts: list[int], size: int, guesses: dict[int, int | None]) -> None:
        self.starts, self.size, self.guesses = starts, size, guesses
        self.lost: set[int] = set()
        self.computed: list[tuple[int, int]] = []

    def chunk(self, wire: Any) -> Any:
        task = from_wire(wire, SpanTask)
        start, stop = task.plan.offset(task.first), task.plan.offset(task.stop)
        if task.first in self.lost and (task.entry is None or task.entry < stop):
            return {"error": {"kind": "PipelineFault", "message": "lost", "retryable": False}}
        entry = task.entry if task.entry is not None else self.guesses.get(task.first, self._next(start))
        if entry is None or entry >= stop:
            return self._answer(task, start, stop, None, None)
        self.computed.append((task.first, entry))
        leave = self._next(stop) if entry in self.starts else stop
        return self._answer(task, start, stop, entry, leave)

    def fold(self, wire: Any) -> Any:
        task = from_wire(wire, FoldTask)
        name = "+".join(str(link.partial) for link in task.links)
        first, last = task.links[0], task.links[-1]
        link = Link(first=first.first, stop=last.stop, start_byte=0, stop_byte=0, partial=name)
        return {"ok": True, "value": to_wire(link)}

    def _next(self, offset: int) -> int:
        at = bisect.bisect_left(self.starts, offset)
        return self.starts[at] if at < len(self.starts) else self.size

    def _answer(self, task: SpanTask, start: int, stop: int, entry: int | None, leave: int | None) -> Any:
        partial = None if entry is None else f"{task.first}@{entry}"
        records = 0 if entry is None else sum(entry <= s < stop for s in self.starts)
        link = Link(
            first=task.first,
            stop=task.stop,
            start_byte=start,
            stop_byte=stop,
            entry=entry,
            exit=leave,
            partial=partial,
            records=records,
        )
        return {"ok": True, "value": to_wire(link)}


def whole(world: World, chunk_bytes: int) -> SpanTask:
    dataset = DatasetVersion(account="a", container="c", blob="b", etag="e", size=world.size)
    data_start = world.starts[0] if world.starts else world.size
    terms = Terms(tolerated=10**6)
    plan = Plan(run_id="r", dataset=dataset, chunk_bytes=chunk_bytes, data_start=data_start, work="r/x", terms=terms)
    return SpanTask(plan=plan, first=0, stop=plan.chunks, entry=data_start, width=64)


def play(world: World, task: SpanTask) -> tuple[Link, Orchestra]:
    orchestra = Orchestra(None, {CHUNK: world.chunk, FOLD: world.fold})
    return orchestra.play(carry_out_span(rounds_of(orchestra, RetryPolicy(), task), task)), orchestra


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, int]:
    size = draw(st.integers(1, 200))
    starts = sorted(draw(st.sets(st.integers(0, size - 1), max_size=40)))
    chunk_bytes = draw(st.integers(1, 40))
    chunks = -(-size // chunk_bytes)
    guess = st.one_of(st.none(), st.integers(0, size))
    guesses = {}
    for chunk in draw(st.sets(st.integers(0, chunks - 1), max_size=6)):
        low, high = chunk * chunk_bytes, min((chunk + 1) * chunk_bytes, size)
        found = draw(guess)
        guesses[chunk] = None if found is None else low + found % (high - low)
    return World(starts, size, guesses), chunk_bytes


@given(worlds(), st.sampled_from([2, 3, 64]))
@settings(deadline=None)
def test_wrong_guesses_never_change_what_is_folded(case: tuple[World, int], fan_out: int) -> None:
    world, chunk_bytes = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "FAN_OUT_MAX", fan_out)
        link, orchestra = play(world, whole(world, chunk_bytes))
    assert link.records == len(world.starts)
    assert orchestra.children_most <= fan_out
    folded = [] if link.partial is None else link.partial.split("+")
    owners = {start // chunk_bytes: start for start in reversed(world.starts)}
    assert folded == [f"{chunk}@{start}" for chunk, start in sorted(owners.items())]
    if world.starts:
        assert (link.entry, link.exit) == (world.starts[0], world.size)


@given(worlds())
def test_right_guesses_are_never_done_again(case: tuple[World, int]) -> None:
    world, chunk_bytes = case
    world.guesses = {}
    link, _ = play(world, whole(world, chunk_bytes))
    assert link.reprocessed == 0
    assert len(world.computed) == len(set(world.computed))


def test_one_wrong_guess_costs_one_chunk() -> None:
    world = World(list(range(0, 1000, 10)), 1000, {5: 507})
    link, _ = play(world, whole(world, 100))
    assert link.reprocessed == 1
    assert len(world.computed) == 11


def test_a_wrong_guess_at_the_head_of_a_span_does_not_spread_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAN_OUT_MAX", 4)
    world = World(list(range(0, 1600, 10)), 1600, {4: 407})
    link, _ = play(world, whole(world, 100))
    assert link.records == 160
    assert link.reprocessed == 1
    assert set(world.computed) >= {(4, 407), (4, 400)}
    assert all(entry % 10 == 0 for chunk, entry in world.computed if chunk != 4)


def test_a_record_longer_than_chunks_leaves_them_empty() -> None:
    world = World([0, 5, 95], 100, {3: 33, 4: None, 5: 51})
    link, _ = play(world, whole(world, 10))
    assert link.partial == "0@0+9@95"
    assert link.reprocessed == 0


def test_a_dataset_of_no_bytes_has_no_chunks() -> None:
    link, orchestra = play(World([], 0, {}), whole(World([], 0, {}), 10))
    assert link.partial is None
    assert orchestra.calls == []


@given(worlds(), st.sets(st.integers(0, 40), max_size=6), st.sampled_from([2, 3, 5]))
@settings(deadline=None)
def test_holes_are_the_same_whatever_the_tree(case: tuple[World, int], lost: set[int], fan_out: int) -> None:
    world, chunk_bytes = case
    world.lost = lost
    task = whole(world, chunk_bytes)
    flat = close(task.plan, play(world, task)[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "FAN_OUT_MAX", fan_out)
        tree = close(task.plan, play(world, task)[0])
    assert as_told(tree) == as_told(flat)
    assert tree.failed <= len(lost)


def as_told(link: Link) -> Any:
    return (link.partial, link.records, link.failed, link.failed_chunks, link.unread, link.unread_ranges)


@given(worlds(), st.sets(st.integers(0, 40), max_size=6))
@settings(deadline=None)
def test_with_right_guesses_every_record_outside_the_gaps_is_read(case: tuple[World, int], lost: set[int]) -> None:
    world, chunk_bytes = case
    world.guesses, world.lost = {}, lost
    task = whole(world, chunk_bytes)
    link = close(task.plan, play(world, task)[0])
    gaps = link.unread_ranges
    assert link.records == sum(not any(start <= one < stop for start, stop in gaps) for one in world.starts)
    assert link.unread == sum(stop - start for start, stop in gaps)
    assert all(left[1] <= right[0] for left, right in pairwise(gaps))


def test_a_hole_that_a_long_record_runs_over_loses_nothing() -> None:
    world = World([0, 5, 95], 100, {})
    world.lost = {3, 4}
    task = whole(world, 10)
    link = close(task.plan, play(world, task)[0])
    assert (link.records, link.failed, link.unread) == (3, 0, 0)
