"""A block of text -> its records and their verdicts, by the grammar alone.

Stretches whose quotes keep the rule are split in bulk; Python steps only from one misplaced quote to the next.
"""

from dataclasses import dataclass

import numpy as np

from fanfold.records.fields import Fields
from fanfold.records.grammar import CR, LF, Bounds, Grammar
from fanfold.records.shadow import Text
from fanfold.records.tokens import Positions, Tokens, tokenize
from fanfold.records.verdicts import ACCEPTED, Findings, Spans, Verdicts, judge
from fanfold.records.walk import Walk


@dataclass(frozen=True, slots=True)
class Structure:
    """The records that start in a block, and end in it; all places are in its units.

    `starts`, `stops` (without the newline), `widths` (fields), `verdicts`: per record. `fields_to_quote`: (n, 2), start
    and stop of unquoted fields in accepted records that only the grammar reads right, in order. `delimiters`: where the
    delimiters of accepted records end, if one has several units. `extras`: (n, 2), what is beyond the last column,
    where that is kept. `consumed`: where the next record starts. `over_long`: that one is a reject whose line goes on
    beyond the block.
    """

    starts: Positions
    stops: Positions
    widths: Positions
    verdicts: Verdicts
    fields_to_quote: Positions
    delimiters: Positions
    extras: Positions
    consumed: int
    over_long: bool


def analyse(block: Text, grammar: Grammar, bounds: Bounds, *, at_end: bool, owned: int) -> Structure:
    """Split a block that begins with a record into the records that start before `owned`.

    The last of them may need more units than the block has: then `consumed` is its start. It surely does not where
    the block covers `bounds.record_max` units from it, or reaches the end of the dataset (`at_end`).
    """
    tokens = tokenize(block.shadow, grammar, at_end=at_end, before=grammar.newline)
    walk = Walk(block.shadow, tokens, grammar, bounds, at_end=at_end)
    walk.run_to(owned)
    return _assemble(block, tokens, walk, grammar)


def _assemble(block: Text, tokens: Tokens, walk: Walk, grammar: Grammar) -> Structure:
    """Turn the outside separators into records, and judge them."""
    octets = np.frombuffer(block.shadow, np.uint8)
    within = walk.consumed < len(block)
    taken = int(tokens.separators.searchsorted(walk.consumed)) if within else len(tokens.separators)
    outside = walk.outside(taken)
    ends = np.flatnonzero(tokens.newlines[:taken] & outside)
    widths = np.diff(np.cumsum(outside)[ends], prepend=0)
    stops = tokens.separators[ends]
    starts = np.empty_like(stops)
    starts[:1] = 0
    starts[1:] = stops[:-1] + 1
    if grammar.newline == LF:
        stops -= (stops > starts) & (stops < len(block)) & (octets[stops - 1] == CR)
    strays = _strays(tokens, walk)
    findings = Findings(walk.rejected_lines, strays.after_quotes, walk.consumed)
    verdicts = judge(block, findings, Spans(starts, stops, widths), grammar)
    fields = Fields(octets, tokens.separators[:taken][outside], widths, starts, stops, verdicts == ACCEPTED, grammar)
    return Structure(
        starts=starts,
        stops=stops,
        widths=widths,
        verdicts=verdicts,
        fields_to_quote=fields.to_quote(strays.in_fields, marked=block.marked),
        delimiters=fields.delimiters(),
        extras=fields.extras(),
        consumed=walk.consumed,
        over_long=walk.over_long,
    )


@dataclass(frozen=True, slots=True)
class _Strays:
    """Quotes that are not where quotes should be: followed by text though they close, or inside unquoted fields."""

    after_quotes: Positions
    in_fields: Positions


def _strays(tokens: Tokens, walk: Walk) -> _Strays:
    """Find the stray quotes in the records that were taken."""
    runs = tokens.runs
    taken, inside = walk.run_states()
    closes = np.where(inside, runs.odd, runs.begins & ~runs.odd)
    return _Strays(runs.starts[taken & closes & ~runs.ends], runs.starts[taken & ~inside & ~runs.begins])
