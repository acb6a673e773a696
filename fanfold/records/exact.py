"""The exact path: every record gets its verdict, then the accepted ones are read as fast as if they had been alone.

Works block by block, which bounds the memory for token positions and keeps them in the caches.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from fanfold.errors import PipelineFault
from fanfold.records.clean import BYTE_ORDER_MARK, empty_table, parse
from fanfold.records.fields import parser_delimiter, parser_quote
from fanfold.records.grammar import Bounds, Grammar
from fanfold.records.rewriting import accepted_pieces
from fanfold.records.shadow import Text
from fanfold.records.structure import Structure, analyse
from fanfold.records.tokens import Mask, Positions
from fanfold.records.verdicts import ACCEPTED, Verdicts


@dataclass(frozen=True, slots=True)
class Exact:
    """All the records in the first `consumed` units of a run, accepted or not.

    `starts`, `stops` (without the newline), `verdicts`: per record. `padded`, `extended`: accepted records that had too
    few fields, or too many. `over_long`: the record at `consumed` is a reject whose line goes on beyond the run.
    """

    frame: pl.DataFrame
    starts: Positions
    stops: Positions
    verdicts: Verdicts
    padded: int
    extended: int
    consumed: int
    over_long: bool


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    structure: Structure

    def accepted(self, mask: Mask) -> int:
        """Count the accepted records among those of the mask."""
        return int(np.count_nonzero(mask & (self.structure.verdicts == ACCEPTED)))


def read_exact(run: Text, grammar: Grammar, bounds: Bounds, *, at_end: bool, owned: int) -> Exact:
    """Read the records that start before `owned`, from a run that begins with a record."""
    blocks = _blocks(run, grammar, bounds, at_end=at_end, owned=owned)
    return Exact(
        frame=_table(run, blocks, grammar),
        starts=np.concatenate([block.structure.starts + block.start for block in blocks]),
        stops=np.concatenate([block.structure.stops + block.start for block in blocks]),
        verdicts=np.concatenate([block.structure.verdicts for block in blocks]),
        padded=sum(block.accepted(block.structure.widths < grammar.columns) for block in blocks),
        extended=sum(block.accepted(block.structure.widths > grammar.columns) for block in blocks),
        consumed=blocks[-1].start + blocks[-1].structure.consumed,
        over_long=blocks[-1].structure.over_long,
    )


def _blocks(run: Text, grammar: Grammar, bounds: Bounds, *, at_end: bool, owned: int) -> list[_Block]:
    """Analyse block by block; where one gets little further, as its records are long, all later ones are larger."""
    blocks: list[_Block] = []
    position, size = 0, bounds.block
    while True:
        last = position + size >= len(run)
        block = run.part(position, position + size)
        structure = analyse(block, grammar, bounds, at_end=at_end and last, owned=owned - position)
        if structure.consumed or last:
            blocks.append(_Block(position, structure))
        position += structure.consumed
        if last or position >= owned:
            return blocks
        if 2 * structure.consumed < size:
            size *= 2


def _table(run: Text, blocks: list[_Block], grammar: Grammar) -> pl.DataFrame:
    """Read the accepted records, joined, with the fast path's parser; the blocks' structure is the proof."""
    parsed = replace(grammar, delimiter=parser_delimiter(grammar), quote=parser_quote(grammar), columns=grammar.width)
    height = sum(int(np.count_nonzero(block.structure.verdicts == ACCEPTED)) for block in blocks)
    if not height:
        return empty_table(parsed)
    text = b"".join(piece for block in blocks for piece in _pieces(run, block, grammar))
    utf8 = grammar.codec.to_utf8(text)
    frame = None if utf8 is None else _parse(utf8, parsed)
    if frame is None or frame.height != height:
        raise PipelineFault(f"the parser disagrees with the structure of {height} records")
    return frame


def _pieces(run: Text, block: _Block, grammar: Grammar) -> Iterator[bytes]:
    text = run.part(block.start, block.start + block.structure.consumed)
    return accepted_pieces(text, block.structure, grammar)


def _parse(text: bytes, grammar: Grammar) -> pl.DataFrame | None:
    """Parse records that are known to be accepted."""
    if text[-1] != grammar.newline:
        text += bytes((grammar.newline,))
    if not text.startswith(BYTE_ORDER_MARK):
        return parse(text, grammar, grammar.quote)
    # Here it is content, but polars would skip it at the beginning: an empty record goes before it.
    empty_record = bytes((grammar.delimiter,)) * (grammar.columns - 1) + bytes((grammar.newline,))
    frame = parse(empty_record + text, grammar, grammar.quote)
    return None if frame is None else frame[1:]
