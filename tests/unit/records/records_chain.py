"""Reads a dataset chunk by chunk, each entered where the one before it ended, into the oracle's rows."""

from collections import Counter
from dataclasses import dataclass

from records_reference import Row, Rules

from fanfold.records.batch import Batch
from fanfold.records.dialect import Dialect
from fanfold.records.grammar import Bounds
from fanfold.records.layout import Layout
from fanfold.records.policy import Policy
from fanfold.records.reader import RecordReader


def layout_of(data: bytes, rules: Rules) -> Layout:
    quote = None if rules.quote is None else chr(rules.quote)
    escape = "backslash" if rules.escapes else quote and "doubled"
    dialect = Dialect(rules.delimiter.decode(), quote, escape, chr(rules.newline), header=False)
    policy = Policy("pad" if rules.pads else "reject", "keep_extra" if rules.keeps_extra else "reject")
    columns = tuple(f"c{number}" for number in range(rules.columns + rules.keeps_extra))
    return Layout(dialect, rules.encoding, columns, 0, len(data), policy)


def rules_of(layout: Layout) -> Rules:
    """The reference reader's form of a layout."""
    dialect, policy = layout.dialect, layout.policy
    return Rules(
        delimiter=dialect.delimiter.encode(),
        quote=None if dialect.quote is None else ord(dialect.quote),
        newline=ord(dialect.newline[-1]),
        columns=len(layout.columns) - policy.keeps_extra,
        record_max=policy.record_bytes_max,
        escapes=dialect.escape == "backslash",
        encoding="utf-8" if layout.encoding == "utf-8-sig" else layout.encoding,
        pads=policy.pads,
        keeps_extra=policy.keeps_extra,
    )


@dataclass(frozen=True, slots=True)
class Chain:
    rows: list[tuple[tuple[str, ...] | None, int | None, str | None, bytes]]
    batches: list[Batch]
    stop: int


def read_chain(data: bytes, rules: Rules, cuts: list[int], bounds: Bounds) -> Chain:
    chain = read_from(data, layout_of(data, rules), 0, [*cuts, len(data)], bounds)
    assert chain.stop == len(data)
    return chain


def read_from(data: bytes, layout: Layout, entry: int, stops: list[int], bounds: Bounds) -> Chain:
    """Read chunk by chunk from a true entry, each entered where the one before it ended."""
    rows, everything = [], []
    for stop in stops:
        reader = RecordReader(layout, lambda start, stop: data[start:stop], bounds)
        batches = list(reader.batches(entry, stop))
        if batches:
            assert entry == batches[0].start < stop <= batches[-1].stop
            entry = batches[-1].stop
        else:
            assert entry >= stop
        rows += _rows(batches)
        everything += batches
    return Chain(rows, everything, entry)


def _rows(batches: list[Batch]) -> list[tuple[tuple[str, ...] | None, int | None, str | None, bytes]]:
    """Put values and rejects in the order the ordinals tell."""
    rejects = {reject.ordinal: reject for batch in batches for reject in batch.rejects}
    values = iter([row for batch in batches for row in batch.frame.rows()])
    total = sum(batch.frame.height + batch.rejected for batch in batches)
    rows = []
    for ordinal in range(total):
        reject = rejects.get(ordinal)
        rows.append((None, reject.offset, reject.reason, reject.text) if reject else (next(values), None, None, b""))
    for batch in batches:
        assert batch.reasons == Counter(reject.reason for reject in batch.rejects)
    return rows


def expected(rows: list[Row]) -> list[tuple[tuple[str, ...] | None, int | None, str | None, bytes]]:
    return [(row.values, row.start if row.reason else None, row.reason, row.text) for row in rows]
