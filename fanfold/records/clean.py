"""The fast path: polars reads the bytes, and a proof that it read them as the grammar does.

polars is fast and forgiving: it pads short records, and drops quotes where it should not. Both are excluded:

1. Every line is clean, as `tally` has it. Such bytes have one reading only, and polars has it.
2. Every field is accounted for: rows x columns = separators outside quotes. A missing field lacks its separator;
   nothing can make up for that, because polars refuses superfluous fields.

By the first, polars drops nothing either: what it would drop (a carriage return before a delimiter, a byte order
mark) is refused.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from fanfold.records.grammar import Grammar
from fanfold.records.tally import Tally, tally_lines

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

CUT_ATTEMPTS_MAX = 1_000
"""Newlines inside quotes are skipped a quoted field at a time; past this the exact path is as good."""


@dataclass(frozen=True, slots=True)
class Clean:
    """A table of all the records in the first `consumed` bytes of a run; none if no record ends in it."""

    frame: pl.DataFrame
    consumed: int


def read_clean(run: bytes, grammar: Grammar, record_max: int, *, at_end: bool, owned: int) -> Clean | None:
    """Read the records that start before `owned`, or None when the proof does not hold.

    The run begins with a record; the one it does not complete is left for the next run.
    """
    if run.startswith(BYTE_ORDER_MARK):  # polars skips one wherever its input begins
        return None
    size, newline = len(run), bytes((grammar.newline,))
    if at_end and not run.endswith(newline):
        if run.endswith(b"\r"):
            return None  # content by the grammar, but with the newline to be added it would be none
        run += newline  # without it polars lets superfluous empty fields pass in the last record
    tallies = [Tally()]
    cut = _cut(run, tallies, grammar, at_end=at_end, owned=owned if owned < size else None)
    if not cut:
        return None if cut is None else Clean(empty_table(grammar), 0)
    if not _records_fit(run, tallies, grammar, record_max, min(cut, size)):
        return None
    frame = parse(run[:cut], grammar, grammar.quote)
    if frame is None or frame.height * frame.width != tallies[-1].fields:
        return None
    return Clean(frame, min(cut, size))


def empty_table(grammar: Grammar) -> pl.DataFrame:
    """Make a table of no records."""
    return pl.DataFrame(schema=_schema(grammar))


def parse(part: bytes, grammar: Grammar, quote: int | None) -> pl.DataFrame | None:
    """Let polars read; None if it will not: for superfluous fields or invalid UTF-8, without saying where."""
    try:
        return pl.read_csv(
            part,
            has_header=False,
            separator=chr(grammar.delimiter),
            quote_char=None if quote is None else chr(quote),
            eol_char=chr(grammar.newline),
            schema=_schema(grammar),
            empty_string_is_null=False,
        )
    except pl.exceptions.PolarsError:
        return None


def _schema(grammar: Grammar) -> dict[str, type[pl.String]]:
    return {str(column): pl.String for column in range(grammar.columns)}


def _cut(run: bytes, tallies: list[Tally], grammar: Grammar, *, at_end: bool, owned: int | None) -> int | None:
    """Find where the last record ends that is to be read, and tally up to there; 0 if none ends.

    None if a line is not clean. Records that start before `owned` are to be read; all if that is None.
    """
    newline = bytes((grammar.newline,))
    cut = (run.rfind(newline) if owned is None else run.find(newline, owned - 1)) + 1
    if not tally_lines(run, tallies, cut, grammar):
        return None
    if not tallies[-1].inside:
        return cut
    if owned is None:
        cut = 0 if at_end else _newline_before(run, tallies, grammar, cut - 1) + 1
    else:
        cut = _newline_from(run, tallies, grammar, cut) + 1
    while tallies[-1].stop > cut:
        tallies.pop()
    return cut if tally_lines(run, tallies, cut, grammar) else None


def _newline_from(run: bytes, tallies: Sequence[Tally], grammar: Grammar, start: int) -> int:
    """Find the first newline outside quotes at or after `start`; -1 if there is none."""
    newline = bytes((grammar.newline,))
    for _ in range(CUT_ATTEMPTS_MAX):
        place = run.find(newline, start)
        if place < 0 or not _is_inside(run, tallies, grammar, place):
            return place
        start = run.find(grammar.quote or 0, place)
        if start < 0:
            break
    return -1


def _newline_before(run: bytes, tallies: Sequence[Tally], grammar: Grammar, stop: int) -> int:
    """Find the last newline outside quotes before `stop`; -1 if there is none."""
    newline = bytes((grammar.newline,))
    for _ in range(CUT_ATTEMPTS_MAX):
        place = run.rfind(newline, 0, stop)
        if place < 0 or not _is_inside(run, tallies, grammar, place):
            return place
        stop = run.rfind(grammar.quote or 0, 0, place)
    return -1


def _is_inside(run: bytes, tallies: Sequence[Tally], grammar: Grammar, place: int) -> bool:
    """Tell whether a newline is inside quotes: an odd number of them stands before it."""
    after = bisect_right(tallies, place, key=lambda tally: tally.stop)
    tally = tallies[after - 1]
    return tally.inside ^ (run.count(grammar.quote or 0, tally.stop, place) % 2 == 1)


def _records_fit(run: bytes, tallies: Sequence[Tally], grammar: Grammar, record_max: int, cut: int) -> bool:
    """Tell that no record is longer than allowed: the part is not, or one newline divides it into two that are not."""
    if cut <= record_max:
        return True
    middle = _newline_from(run, tallies, grammar, cut - record_max - 1)
    return 0 < middle + 1 <= record_max
