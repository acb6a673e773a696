"""The fast path for any encoding and policy: text that it suits, as UTF-8, with the proof of fanfold.records.clean."""

from dataclasses import replace

import polars as pl

from fanfold.records.clean import Clean, read_clean
from fanfold.records.codec import UTF_8
from fanfold.records.grammar import Grammar
from fanfold.records.shadow import Text


def read_proven(run: Text, grammar: Grammar, record_max: int, *, at_end: bool, owned: int) -> Clean | None:
    """Read the records that start before `owned`, all in units, or None when they must be read exactly."""
    if grammar.sequence or run.marked:
        return None
    if grammar.escapes and grammar.quote is not None and bytes((grammar.quote,)) * 2 in run.shadow:
        return None  # perhaps only an empty field in quotes, but a doubled one would be read as such
    clean = _read(run, grammar, record_max, at_end=at_end, owned=owned)
    if clean is None or not grammar.keeps_extra:
        return clean
    return Clean(clean.frame.with_columns(pl.lit("").alias(str(grammar.columns))), clean.consumed)


def _read(run: Text, grammar: Grammar, record_max: int, *, at_end: bool, owned: int) -> Clean | None:
    if grammar.codec is UTF_8 or (run.raw is run.shadow and run.raw.isascii()):
        return read_clean(run.raw, grammar, record_max, at_end=at_end, owned=owned)
    text = grammar.codec.to_utf8(run.raw if at_end else grammar.codec.whole(run.raw))
    if text is None:
        return None
    # No record has fewer bytes in UTF-8 than it has units, so none that fits there is too long.
    limit = len(text) if owned >= len(run) else _utf8_size(run.raw_part(0, owned), grammar)
    clean = read_clean(text, replace(grammar, codec=UTF_8), record_max, at_end=at_end, owned=limit)
    return None if clean is None else Clean(clean.frame, grammar.codec.count(text[: clean.consumed]))


def _utf8_size(raw: bytes, grammar: Grammar) -> int:
    """Give where in the UTF-8 text a place is that may cut a pair of surrogates in two: between the two characters."""
    return len(raw.decode(grammar.codec.name, "surrogatepass").encode("utf-8", "surrogatepass"))
