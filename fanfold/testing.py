"""For who writes a processor: checks it against the laws that make its section the same for every chunking."""

import json
import random
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from fanfold.processors.contract import Chunk, Processor
from fanfold.processors.sections import checked, to_text

_SEED = 20260101
_CUTS = 50


def check_processor(
    processor: Processor, frame: pd.DataFrame, options: Mapping[str, Any] | None = None, *, cuts: int = _CUTS
) -> dict[str, Any]:
    """Raise AssertionError, naming the law and the records, where the processor breaks one; give its section.

    ``frame`` holds some records that are typical, and some that are not, all as texts. It is cut into up to four parts
    in ``cuts`` ways, the same at every call. The laws:

    1. What is made of the same records is the same, and leaves the frame as it is.
    2. A partial is JSON.
    3. ``merge`` is associative, and changes neither of the partials it is given.
    4. The partial of no records changes nothing.
    5. The section of the whole is the section of its parts, merged.
    """
    laws = _Laws(processor, frame.astype(str), dict(options or {}))
    laws.check_process()
    for places in _cuts(len(frame), cuts):
        laws.check_cut(places)
    return laws.section


class _Laws:
    def __init__(self, processor: Processor, frame: pd.DataFrame, options: dict[str, Any]) -> None:
        self._processor = processor
        self._frame = frame
        self._options = options
        self._whole = self._process(0, len(frame))
        self.section = self._report(self._whole)

    def check_process(self) -> None:
        before = self._frame.copy(deep=True)
        again = self._process(0, len(self._frame))
        _expect(again == self._whole, f"process gave {again} and, of the same records, {self._whole}")
        _expect(before.equals(self._frame), "process changed its frame")

    def check_cut(self, places: list[int]) -> None:
        edges = [0, *places, len(self._frame)]
        parts = [self._process(start, stop) for start, stop in pairwise(edges)]
        left = right = parts[0]
        for part in parts[1:]:
            left = self._merge(left, part)
        right = parts[-1]
        for part in reversed(parts[:-1]):
            right = self._merge(part, right)
        where = f"records cut at {places}"
        _expect(self._report(left) == self._report(right), f"merge is not associative, {where}: {left} or {right}")
        merged = self._report(left)
        _expect(merged == self.section, f"{where}: the merged section is {merged}, that of the whole {self.section}")

    def _process(self, start: int, stop: int) -> str:
        chunk = Chunk(columns=tuple(self._frame.columns), start=start, stop=stop, options=self._options)
        return _text("process", self._processor.process(self._frame.iloc[start:stop].reset_index(drop=True), chunk))

    def _merge(self, a: str, b: str) -> str:
        one, other = json.loads(a), json.loads(b)
        return _text("merge", self._processor.merge(one, other))

    def _report(self, partial: str) -> dict[str, Any]:
        section = checked(self._processor.report(json.loads(partial)))
        made: dict[str, Any] = json.loads(_text("report", section))
        return made


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def _text(function: str, value: object) -> str:
    try:
        return to_text(value)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"{function} gave what is not JSON: {error}") from error


def _cuts(size: int, count: int) -> Iterator[list[int]]:
    """Ways to cut: with empty parts at either end and in the middle, then anywhere."""
    yield from ([0], [size], [size // 2, size // 2])
    rng = random.Random(_SEED)  # noqa: S311 - the same cuts at every call, nothing secret
    for _ in range(count):
        yield sorted(rng.randint(0, size) for _ in range(rng.randint(1, 3)))
