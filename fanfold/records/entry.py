"""Guesses where the first record of a chunk starts, from a window around the cut.

Whether the cut is inside quotes cannot be known. Both states are tried on the window: after the first quotes one of
them needs misplaced quotes to explain what it sees, and the two readings run together. The reading with the fewest
misplaced quotes is believed; among equals, the one whose records have the right number of fields more often; then
the one that starts outside quotes.
"""

from dataclasses import dataclass

import numpy as np

from fanfold.records.grammar import CR, Bounds, Grammar
from fanfold.records.shadow import Texts
from fanfold.records.tokens import Tokens, tokenize

FIRST_WINDOW_BYTES = 4096
"""Enough for some tens of records: one small request decides nearly every cut."""

LOOK_BACK_BYTES = 64
"""Looked at before a cut for a byte that neither is nor follows a quote, so that no pair of quotes is cut in two."""

GROWTH = 4
"""An undecided window grows this many times."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A window read under one state at its start."""

    misplaced: int
    fitting: int
    first_end: int | None
    """The first newline outside quotes, at or after the cut."""

    @property
    def merit(self) -> tuple[int, int]:
        return -self.misplaced, self.fitting


def guess_entry(source: Texts, grammar: Grammar, bounds: Bounds, start: int, stop: int) -> int | None:
    """Guess the first record start among the units [start, stop), or None if there seems to be none."""
    if start >= stop:
        return None
    begin = max(0, start - 1 - LOOK_BACK_BYTES)
    width = min(FIRST_WINDOW_BYTES, bounds.window)
    while True:
        window = source.take(begin, start + width).shadow
        at_end = begin + len(window) < start + width
        outside, inside = _readings(window, grammar, start - 1 - begin, at_end=at_end)
        chosen = inside if inside.merit > outside.merit else outside
        decided = outside.merit != inside.merit and chosen.first_end is not None
        enough = width >= bounds.window and (chosen.first_end is not None or start + width >= stop)
        if decided or enough or at_end or width >= max(bounds.window, bounds.record_max):
            break
        width = min(width * GROWTH, max(bounds.window, bounds.record_max))
    if chosen.first_end is None:
        return None
    entry = begin + chosen.first_end + 1
    return entry if entry < stop else None


def _readings(window: bytes, grammar: Grammar, cut: int, *, at_end: bool) -> tuple[_Reading, _Reading]:
    """Read the window from the cut on, with the state at the cut outside and inside quotes."""
    origin = cut
    quotes = (grammar.quote, CR)
    while origin > 1 and (window[origin - 1] in quotes or window[origin] == grammar.quote):
        origin -= 1
    before = window[origin - 1] if origin else grammar.newline
    tokens = tokenize(window[origin:], grammar, at_end=at_end, before=before)
    outside = _read(tokens, grammar, cut - origin, len(window) - origin, inside=False)
    if grammar.quote is None:
        return _offset(outside, origin), _Reading(misplaced=1, fitting=0, first_end=None)
    inside = _read(tokens, grammar, cut - origin, len(window) - origin, inside=True)
    return _offset(outside, origin), _offset(inside, origin)


def _offset(reading: _Reading, origin: int) -> _Reading:
    end = None if reading.first_end is None else reading.first_end + origin
    return _Reading(reading.misplaced, reading.fitting, end)


def _read(tokens: Tokens, grammar: Grammar, cut: int, size: int, *, inside: bool) -> _Reading:
    """Read with the given state at the first byte."""
    runs = tokens.runs
    before = runs.inside_before(initially=inside)
    proper = np.where(before[:-1], runs.ends | ~runs.odd, runs.begins & (runs.ends | runs.odd))
    outside = ~tokens.spread(before)
    ends = np.flatnonzero(tokens.newlines[outside])
    newlines = tokens.separators[outside][ends]
    widths = np.diff(ends)
    fitting = 2 * int(np.count_nonzero(widths == grammar.columns)) - len(widths) if grammar.columns > 1 else 0
    candidates = newlines[(newlines >= cut) & (newlines < size)]
    return _Reading(int(np.count_nonzero(~proper)), fitting, int(candidates[0]) if len(candidates) else None)
