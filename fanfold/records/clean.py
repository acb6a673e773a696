"""The fast path: polars reads the bytes, and a proof that it read them as the grammar does.

polars is fast and forgiving: it pads short records, and drops quotes where it should not. Both are excluded:

1. Every quote keeps the rule of `tokens`. Such bytes have one reading only, and polars has it.
2. Every byte is accounted for: bytes = field bytes + one separator per field + quotes that are no content
   + carriage returns of newlines. A missing field lacks its separator in the bytes; nothing can make up for that,
   because polars refuses superfluous fields and drops nothing else (what it might drop is refused beforehand).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from fanfold.records.grammar import CR, LF, Grammar
from fanfold.records.tokens import Positions, fits_after, fits_before

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
    # polars takes NUL for content and skips a byte order mark wherever its input begins.
    if b"\0" in run or run.startswith(BYTE_ORDER_MARK):
        return None
    quotes = _quotes(run, grammar)
    cut = _cut(run, quotes, grammar, at_end=at_end, owned=owned)
    if cut == 0:
        return Clean(empty_table(grammar), 0)
    quotes = quotes[: quotes.searchsorted(cut)]
    doubled = _doubled(run, quotes, grammar)
    if doubled is None or not _records_fit(run, quotes, grammar, record_max, cut):
        return None
    part = run[:cut]
    if part[-1] != grammar.newline:
        if part[-1] == CR:
            return None  # content by the grammar, but with the newline to be added it would be none
        part += bytes((grammar.newline,))  # without it polars lets superfluous empty fields pass in the last record
    frame = parse(part, grammar, grammar.quote)
    if frame is None or not _accounted(part, frame, quotes, doubled, grammar):
        return None
    return Clean(frame, cut)


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


def _quotes(run: bytes, grammar: Grammar) -> Positions:
    if grammar.quote is None or bytes((grammar.quote,)) not in run:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.frombuffer(run, np.uint8) == grammar.quote)


def _cut(run: bytes, quotes: Positions, grammar: Grammar, *, at_end: bool, owned: int) -> int:
    """Find where the last record ends that is to be read, if the quotes keep the rule; 0 if none ends."""
    if owned < len(run):
        newline = _newline_from(run, quotes, grammar, owned - 1)
    else:
        newline = None if at_end else _newline_before(run, quotes, grammar, len(run))
    if newline is not None:
        return newline + 1
    return len(run) if at_end and len(quotes) % 2 == 0 else 0


def _newline_from(run: bytes, quotes: Positions, grammar: Grammar, start: int) -> int | None:
    """Find the first newline outside quotes at or after `start`."""
    newline = bytes((grammar.newline,))
    for _ in range(CUT_ATTEMPTS_MAX):
        place = run.find(newline, start)
        if place < 0:
            return None
        before = int(quotes.searchsorted(place))
        if before % 2 == 0:
            return place
        if before == len(quotes):
            return None
        start = int(quotes[before])
    return None


def _newline_before(run: bytes, quotes: Positions, grammar: Grammar, stop: int) -> int | None:
    """Find the last newline outside quotes before `stop`."""
    newline = bytes((grammar.newline,))
    for _ in range(CUT_ATTEMPTS_MAX):
        place = run.rfind(newline, 0, stop)
        if place < 0:
            return None
        before = int(quotes.searchsorted(place))
        if before % 2 == 0:
            return place
        stop = int(quotes[before - 1])
    return None


def _records_fit(run: bytes, quotes: Positions, grammar: Grammar, record_max: int, cut: int) -> bool:
    """Tell that no record is longer than allowed: the part is not, or one newline divides it into two that are not."""
    if cut <= record_max:
        return True
    middle = _newline_from(run, quotes, grammar, cut - record_max - 1)
    return middle is not None and middle + 1 <= record_max


def _doubled(run: bytes, quotes: Positions, grammar: Grammar) -> int | None:
    """Count the doubled quotes, where the quotes open and close in turn, each where it may; None where not.

    A doubled quote closes and opens again at once.
    """
    if len(quotes) % 2:
        return None
    octets = np.frombuffer(run, np.uint8)
    opening, closing = quotes[::2], quotes[1::2]
    opens = fits_before(octets, opening, grammar, before=grammar.newline)
    closes = fits_after(octets, closing, grammar, at_end=True)
    if opens.all() and closes.all():
        return 0  # a field begins where each opens, so none opens right after another closed
    doubled = closing[:-1] + 1 == opening[1:]
    opens[1:] |= doubled
    closes[:-1] |= doubled
    return int(np.count_nonzero(doubled)) if opens.all() and closes.all() else None


def _accounted(part: bytes, frame: pl.DataFrame, quotes: Positions, doubled: int, grammar: Grammar) -> bool:
    """Tell that every byte of the part is accounted for."""
    contents: int = sum(frame.select(pl.all().str.len_bytes().sum()).row(0))
    separators = frame.height * frame.width
    rest = len(part) - contents - separators - (len(quotes) - doubled)
    if grammar.newline != LF or bytes((CR,)) not in part:
        return rest == 0
    if _drops_carriage(part, quotes, grammar):
        return False
    # At most one for each newline: if all of them are there, no separator is missing.
    all_there: bool = rest == frame.height
    return all_there or rest == _carriages(part, quotes)


def _drops_carriage(part: bytes, quotes: Positions, grammar: Grammar) -> bool:
    """Tell whether an unquoted field ends in a carriage return before a delimiter: polars drops that one, too."""
    places = _pairs(part, CR, grammar.delimiter)
    return bool(np.any(quotes.searchsorted(places) % 2 == 0))


def _carriages(part: bytes, quotes: Positions) -> int:
    """Count the carriage returns that belong to newlines outside quotes."""
    return int(np.count_nonzero(quotes.searchsorted(_pairs(part, CR, LF)) % 2 == 0))


def _pairs(part: bytes, first: int, second: int) -> Positions:
    """Find where one byte follows another."""
    octets = np.frombuffer(part, np.uint8)
    return np.flatnonzero((octets[:-1] == first) & (octets[1:] == second))
