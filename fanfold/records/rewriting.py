"""Accepted records, written so that the fast path's parser reads in them what the grammar says.

Most are cut out as they are. Where fields need help, or records more or fewer of them, the block is rewritten unit by
unit: units are replaced, dropped and inserted, in one pass each.
"""

from collections.abc import Iterator

import numpy as np

from fanfold.records.fields import parser_delimiter, parser_quote
from fanfold.records.grammar import Grammar
from fanfold.records.shadow import ESCAPE, Text, Units
from fanfold.records.structure import Structure
from fanfold.records.tokens import Mask, Octets, Positions
from fanfold.records.verdicts import ACCEPTED


def accepted_pieces(text: Text, structure: Structure, grammar: Grammar) -> Iterator[bytes]:
    """Give the accepted records of a block in raw units, neighbours in one piece."""
    accepted = structure.verdicts == ACCEPTED
    edges = np.flatnonzero(np.diff(accepted, prepend=False, append=False))
    offsets = np.append(structure.starts, structure.consumed)[edges]
    missing = np.maximum(grammar.width - structure.widths, 0) * accepted
    if _reads_alike(text, structure, missing):
        pairs = zip(offsets[::2].tolist(), offsets[1::2].tolist(), strict=True)
        yield from (text.raw_part(start, stop) for start, stop in pairs)
    elif len(edges):
        kept = np.repeat(accepted, np.diff(structure.starts, append=structure.consumed))
        yield _rewritten(text, structure, grammar, missing, kept)


def _reads_alike(text: Text, structure: Structure, missing: Positions) -> bool:
    """Tell that the parser reads the records as the grammar does."""
    helped = structure.fields_to_quote.size or structure.delimiters.size or structure.extras.size
    return not (helped or text.marked or missing.any())


def _rewritten(text: Text, structure: Structure, grammar: Grammar, missing: Positions, kept: Mask) -> bytes:
    """Rewrite a block; `kept` tells which of its units are in accepted records, `missing` how many fields each lacks.

    Escapes go, and escaped quotes are doubled; fields are put in quotes; a delimiter of several units becomes one.
    """
    units = text.units()[: structure.consumed].copy()
    shadow = np.frombuffer(text.shadow, np.uint8)[: structure.consumed]
    quote = parser_quote(grammar)
    if text.marked:
        escapes = np.flatnonzero(shadow == ESCAPE)
        escapes = escapes[(escapes < len(units) - 1) & ~_within(escapes, structure.extras)]
        doubled = units[np.minimum(escapes + 1, len(units) - 1)] == quote
        units[escapes[doubled]] = quote
        kept[escapes[~doubled]] = False
    if grammar.sequence:
        units[structure.delimiters] = parser_delimiter(grammar)
        for before in range(1, len(grammar.sequence)):
            kept[structure.delimiters - before] = False
    spans = np.concatenate((structure.fields_to_quote, structure.extras))
    quotes = _quotes_to_insert(shadow, units, spans, structure.extras, quote)
    completed = np.repeat(structure.stops, missing)
    # At one place the quote that closes a field comes before the delimiters that follow it.
    inserts = np.concatenate((quotes, completed))
    values = np.repeat(np.array((quote, parser_delimiter(grammar)), units.dtype), (len(quotes), len(completed)))
    units = np.insert(units, inserts, values)
    if not kept.all():
        units = units[np.insert(kept, inserts, np.True_)]
    return units.tobytes()


def _quotes_to_insert(
    shadow: Octets,
    units: Units,
    spans: Positions,
    extras: Positions,
    quote: int,
) -> Positions:
    """Find the places to insert quotes at: around the spans, and before each quote in them, to double it.

    An escaped quote casts no shadow, its backslash has become the other one; but what is kept raw keeps its escapes.
    """
    quotes = np.flatnonzero(shadow == quote)
    inside = quotes[_within(quotes, spans)]
    if len(extras):
        escaped = np.flatnonzero((units == quote) & (shadow != quote))
        inside = np.concatenate((inside, escaped[_within(escaped, extras)]))
    return np.sort(np.concatenate((spans[:, 0], spans[:, 1], inside)))


def _within(places: Positions, spans: Positions) -> Mask:
    """Tell which places are in one of the spans."""
    starts, stops = spans[np.argsort(spans[:, 0], kind="stable")].T
    around = starts.searchsorted(places, "right") - 1
    within: Mask = (around >= 0) & (places < np.append(stops, 0)[around])
    return within
