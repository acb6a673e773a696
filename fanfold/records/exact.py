"""The exact path: every record gets its verdict, then the clean ones are read as fast as if they had been alone.

Works block by block, which bounds the memory for token positions and keeps them in the caches.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from fanfold.errors import PipelineFault
from fanfold.records.clean import BYTE_ORDER_MARK, empty_table, parse
from fanfold.records.grammar import Bounds, Grammar
from fanfold.records.structure import Structure, analyse
from fanfold.records.tokens import Octets, Positions
from fanfold.records.verdicts import ACCEPTED, Verdicts

UNUSED_QUOTE = 0
"""Quotes fields where the dialect has no quote: accepted records contain no NUL."""


@dataclass(frozen=True, slots=True)
class Exact:
    """All the records in the first `consumed` bytes of a run, accepted or not.

    `starts`, `stops` (without the newline), `verdicts`: per record. `over_long`: the record at `consumed` is a
    reject whose line goes on beyond the run.
    """

    frame: pl.DataFrame
    starts: Positions
    stops: Positions
    verdicts: Verdicts
    consumed: int
    over_long: bool


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    structure: Structure


def read_exact(run: bytes, grammar: Grammar, bounds: Bounds, *, at_end: bool, owned: int) -> Exact:
    """Read the records that start before `owned`, from a run that begins with a record."""
    blocks = _blocks(run, grammar, bounds, at_end=at_end, owned=owned)
    return Exact(
        frame=_table(run, blocks, grammar),
        starts=np.concatenate([block.structure.starts + block.start for block in blocks]),
        stops=np.concatenate([block.structure.stops + block.start for block in blocks]),
        verdicts=np.concatenate([block.structure.verdicts for block in blocks]),
        consumed=blocks[-1].start + blocks[-1].structure.consumed,
        over_long=blocks[-1].structure.over_long,
    )


def _blocks(run: bytes, grammar: Grammar, bounds: Bounds, *, at_end: bool, owned: int) -> list[_Block]:
    """Analyse block by block; where one gets little further, as its records are long, all later ones are larger."""
    blocks: list[_Block] = []
    position, size = 0, bounds.block
    while True:
        last = position + size >= len(run)
        structure = analyse(
            run[position : position + size], grammar, bounds, at_end=at_end and last, owned=owned - position
        )
        if structure.consumed or last:
            blocks.append(_Block(position, structure))
        position += structure.consumed
        if last or position >= owned:
            return blocks
        if 2 * structure.consumed < size:
            size *= 2


def _table(run: bytes, blocks: list[_Block], grammar: Grammar) -> pl.DataFrame:
    """Read the accepted records, joined, with the fast path's parser; the blocks' structure is the proof."""
    text = b"".join(piece for block in blocks for piece in _accepted_pieces(run, block, grammar))
    height = sum(int(np.count_nonzero(block.structure.verdicts == ACCEPTED)) for block in blocks)
    frame = _parse(text, grammar) if height else empty_table(grammar)
    if frame is None or frame.height != height:
        raise PipelineFault(f"the parser disagrees with the structure of {height} records")
    return frame


def _parse(text: bytes, grammar: Grammar) -> pl.DataFrame | None:
    """Parse records that are known to be accepted."""
    if text[-1] != grammar.newline:
        text += bytes((grammar.newline,))
    if not text.startswith(BYTE_ORDER_MARK):
        return parse(text, grammar, grammar.quote or UNUSED_QUOTE)
    # Here it is content, but polars would skip it at the beginning: an empty record goes before it.
    empty_record = bytes((grammar.delimiter,)) * (grammar.columns - 1) + bytes((grammar.newline,))
    frame = parse(empty_record + text, grammar, grammar.quote or UNUSED_QUOTE)
    return None if frame is None else frame[1:]


def _accepted_pieces(run: bytes, block: _Block, grammar: Grammar) -> Iterator[bytes]:
    """Cut the accepted records out, neighbours in one piece; fields that only the grammar reads right get quotes."""
    structure = block.structure
    edges = np.flatnonzero(np.diff(structure.verdicts == ACCEPTED, prepend=False, append=False))
    offsets = np.append(structure.starts, structure.consumed)[edges]
    text = memoryview(run)[block.start : block.start + structure.consumed]
    if len(structure.fields_to_quote):
        inserts = _quotes_to_insert(np.frombuffer(text, np.uint8), structure.fields_to_quote, grammar)
        # What is inserted at the start of a record belongs to it, what is inserted at the end of all to the last.
        offsets += inserts.searchsorted(offsets) + (offsets == len(text)) * np.count_nonzero(inserts == len(text))
        text = np.insert(np.frombuffer(text, np.uint8), inserts, grammar.quote or UNUSED_QUOTE).data
    pairs = zip(offsets[::2].tolist(), offsets[1::2].tolist(), strict=True)
    return (bytes(text[start:stop]) for start, stop in pairs)


def _quotes_to_insert(octets: Octets, fields: Positions, grammar: Grammar) -> Positions:
    """Find the places to insert quotes at: around the fields, and before each quote in them, to double it."""
    starts, stops = fields.T
    quotes = np.flatnonzero(octets == (grammar.quote or UNUSED_QUOTE))
    around = starts.searchsorted(quotes, "right") - 1
    inside = quotes[(around >= 0) & (quotes < stops[around])]
    return np.sort(np.concatenate((starts, stops, inside)))
