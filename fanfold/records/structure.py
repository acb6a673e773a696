"""A block of bytes -> its records and their verdicts, by the grammar alone.

Stretches whose quotes keep the rule are split in bulk; Python steps only from one misplaced quote to the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fanfold.records.grammar import CR, LF, Bounds, Grammar
from fanfold.records.tokens import Mask, Positions, Tokens, tokenize
from fanfold.records.verdicts import ACCEPTED, Spans, Verdicts, judge
from fanfold.records.walk import Walk


@dataclass(frozen=True, slots=True)
class Structure:
    """The records that start in a block, and end in it.

    `starts`, `stops` (without the newline), `verdicts`: per record. `fields_to_quote`: [start, stop) of unquoted
    fields in accepted records that only the grammar reads right. `consumed`: where the next record starts.
    `over_long`: that one is a reject whose line goes on beyond the block.
    """

    starts: Positions
    stops: Positions
    verdicts: Verdicts
    fields_to_quote: tuple[tuple[int, int], ...]
    consumed: int
    over_long: bool


def analyse(block: bytes, grammar: Grammar, bounds: Bounds, *, at_end: bool, owned: int) -> Structure:
    """Split a block that begins with a record into the records that start before `owned`.

    The last of them may need more bytes than the block has: then `consumed` is its start. It surely does not where
    the block covers `bounds.record_max` bytes from it, or reaches the end of the dataset (`at_end`).
    """
    tokens = tokenize(block, grammar, at_end=at_end, before=grammar.newline)
    walk = Walk(block, tokens, grammar, bounds, at_end=at_end)
    walk.run_to(owned)
    return _assemble(block, tokens, walk, grammar)


def _assemble(block: bytes, tokens: Tokens, walk: Walk, grammar: Grammar) -> Structure:
    """Turn the outside separators into records, and judge them."""
    octets = np.frombuffer(block, np.uint8)
    taken = tokens.separator_at(walk.consumed) if walk.consumed < len(block) else len(tokens.separators)
    outside = _outside(tokens, walk, taken)
    ends = np.flatnonzero(tokens.newlines[:taken] & outside)
    widths = np.diff(np.cumsum(outside)[ends], prepend=0)
    stops = tokens.separators[ends]
    starts = np.empty_like(stops)
    starts[:1] = 0
    starts[1:] = stops[:-1] + 1
    if grammar.newline == LF:
        stops -= (stops > starts) & (stops < len(block)) & (octets[stops - 1] == CR)
    verdicts = judge(block, walk, Spans(starts, stops, widths), grammar)
    fields = [*walk.unquoted_fields, *_fields_before_carriage(block, tokens, outside, grammar)]
    return Structure(
        starts=starts,
        stops=stops,
        verdicts=verdicts,
        fields_to_quote=_accepted(fields, starts, stops, verdicts),
        consumed=walk.consumed,
        over_long=walk.over_long,
    )


def _fields_before_carriage(block: bytes, tokens: Tokens, outside: Mask, grammar: Grammar) -> Iterator[tuple[int, int]]:
    """Find the unquoted fields that end in a carriage return which is content: polars would drop it.

    Before a line feed it is none; there polars drops one, as it should.
    """
    if grammar.newline != LF or b"\r" not in block:
        return
    octets = np.frombuffer(block, np.uint8)
    separators = tokens.separators[: len(outside)][outside]
    before_feed = (separators < len(block)) & (octets[np.minimum(separators, len(block) - 1)] == LF)
    for place in np.flatnonzero((octets[separators - 1] == CR) & ~before_feed).tolist():
        start, stop = (int(separators[place - 1]) + 1 if place else 0), int(separators[place])
        if stop > start:
            yield start, stop


def _accepted(
    fields: list[tuple[int, int]], starts: Positions, stops: Positions, verdicts: Verdicts
) -> tuple[tuple[int, int], ...]:
    """Keep the fields of accepted records, each once, in order, without the newline's carriage return."""
    if not fields:
        return ()
    spans = np.array(sorted(set(fields)), np.int64)
    records = starts.searchsorted(spans[:, 0], "right") - 1
    spans[:, 1] = np.minimum(spans[:, 1], stops[records])
    return tuple(map(tuple, spans[verdicts[records] == ACCEPTED].tolist()))


def _outside(tokens: Tokens, walk: Walk, taken: int) -> Mask:
    """Tell which of the first `taken` separators are outside quotes."""
    if not len(tokens.quotes) and not walk.rejected_lines:
        return np.ones(taken, np.bool_)
    edges = np.array([*walk.piece_separators, taken], np.int64)
    parities = np.repeat(np.array(walk.piece_parities, np.uint8), edges[1:] - edges[:-1])
    outside: Mask = tokens.parities[:taken] == parities
    outside[np.array(walk.rejected_line_ends, np.int64)] = True
    return outside
