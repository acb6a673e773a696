"""Reads the records of a chunk: exactly, wherever the chunk was cut."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from fanfold.records.batch import Batch, Reject
from fanfold.records.clean import Clean, empty_table
from fanfold.records.entry import guess_entry
from fanfold.records.exact import Exact, read_exact
from fanfold.records.grammar import CR, LF, Bounds, Grammar
from fanfold.records.layout import Layout
from fanfold.records.lookahead import Lookahead, ReadRange
from fanfold.records.proven import read_proven
from fanfold.records.shadow import ESCAPE, Text, Texts
from fanfold.records.verdicts import ACCEPTED, REASONS, RECORD_TOO_LONG


class RecordReader:
    """Reads records through a function that reads byte ranges.

    A chunk [start, stop) owns the records that start inside it. `batches` is exact from a true entry; `find_entry`
    guesses one. A guess is proved by the exit of the chunk before: the first record start at or after its stop.
    Chunks, entries and batches are in bytes; inside, all is in code units.
    """

    def __init__(self, layout: Layout, read: ReadRange, bounds: Bounds | None = None) -> None:
        self._layout = layout
        self._grammar = Grammar.of(layout)
        bounds = bounds or Bounds(record_max=layout.policy.record_bytes_max)
        self._bounds = bounds.in_units(self._grammar.codec.unit)
        self._source = Texts(Lookahead(read, layout.size), layout.size, self._grammar)

    def find_entry(self, start: int, stop: int) -> int | None:
        """Guess where the first record starts in [start, stop); None when it seems that none does.

        Looks at a window around `start` only.
        """
        stop = min(stop, self._layout.size)
        if start <= self._layout.data_start:
            return self._layout.data_start if self._layout.data_start < stop else None
        units = self._source.to_units
        entry = guess_entry(self._source, self._grammar, self._bounds, units(start), units(stop))
        return None if entry is None else self._source.to_bytes(entry)

    def batches(self, entry: int, stop: int) -> Iterator[Batch]:
        """Read every record that starts in [entry, stop), `entry` being the start of a record.

        Holds at most a batch and a record's maximum of bytes at a time. Yields nothing if no record starts there.
        """
        units = self._source.to_units
        return _Passage(self._source, self._grammar, self._bounds).batches(units(entry), units(stop))


class _Passage:
    """One call of `batches`; places are in units, but for those in what it yields."""

    def __init__(self, source: Texts, grammar: Grammar, bounds: Bounds) -> None:
        self._source = source
        self._grammar = grammar
        self._bounds = bounds
        self._size = source.size
        self._ordinal = 0
        self._kept = 0

    def batches(self, entry: int, stop: int) -> Iterator[Batch]:
        position, reach, stop = entry, 0, min(stop, self._size)
        while position < stop:
            end = min(max(self._end_of_run(position, stop), reach), self._size)
            batch, line_goes_on = self._read(position, end, stop)
            if line_goes_on:
                batch = self._skip_line(position)
            if batch is not None:
                yield batch
                position = self._source.to_units(batch.stop)
            reach = self._next_reach(position, end, stop)

    def _end_of_run(self, position: int, stop: int) -> int:
        """Read to the chunk's end and a little on, when that makes no more than a batch and a quarter."""
        if stop - position <= self._bounds.batch + self._bounds.batch // 4:
            return stop + self._bounds.tail
        return position + self._bounds.batch

    def _next_reach(self, position: int, end: int, stop: int) -> int:
        """Read further, twice as far each time, when what is left was not enough to decide the record there."""
        left = end - position
        if left * 2 <= self._bounds.batch and end < stop:
            return 0
        return min(end + max(left, self._bounds.tail), position + self._bounds.record_max + self._bounds.batch)

    def _read(self, start: int, end: int, stop: int) -> tuple[Batch | None, bool]:
        """Read the records of a run that ends at `end`, if it completes any.

        Also tells whether its first record is a reject that goes on beyond the run.
        """
        run = self._source.take(start, end)
        owned, at_end = stop - start, end == self._size
        clean = read_proven(run, self._grammar, self._bounds.record_max, at_end=at_end, owned=owned)
        if clean is not None and clean.consumed:
            return self._proven(clean, start), False
        exact = read_exact(run, self._grammar, self._bounds, at_end=at_end, owned=owned)
        if exact.consumed == 0:
            return None, exact.over_long
        return self._judged(run, exact, start), False

    def _proven(self, clean: Clean, start: int) -> Batch:
        self._ordinal += clean.frame.height
        start, stop = self._source.to_bytes(start), self._source.to_bytes(start + clean.consumed)
        return Batch(clean.frame, start, stop, (), {}, 0, proven=True)

    def _judged(self, run: Text, exact: Exact, start: int) -> Batch:
        refused = np.flatnonzero(exact.verdicts != ACCEPTED)
        reasons = Counter(REASONS[verdict] for verdict in exact.verdicts[refused].tolist())
        kept = refused[: self._bounds.rejects_kept - self._kept].tolist()
        rejects = tuple(
            Reject(
                offset=self._source.to_bytes(start + int(exact.starts[place])),
                ordinal=self._ordinal + place,
                reason=REASONS[exact.verdicts[place]],
                text=self._text(run, int(exact.starts[place]), int(exact.stops[place])),
            )
            for place in kept
        )
        self._kept += len(kept)
        self._ordinal += len(exact.starts)
        return Batch(
            frame=exact.frame,
            start=self._source.to_bytes(start),
            stop=self._source.to_bytes(start + exact.consumed),
            rejects=rejects,
            reasons=dict(reasons),
            rejected=len(refused),
            proven=False,
            padded=exact.padded,
            extended=exact.extended,
        )

    def _skip_line(self, start: int) -> Batch:
        """Reject a line that is longer than any record may be, holding one batch of it at a time."""
        newline = bytes((self._grammar.newline,))
        position, place, last, escaped = start, -1, 0, False
        while place < 0 and position < self._size:
            run = self._source.take(position, position + self._bounds.batch, escaped=escaped)
            place = run.shadow.find(newline)
            content = len(run) if place < 0 else place
            last = run.shadow[content - 1] if content else last
            escaped = run.marked and run.shadow[-1] == ESCAPE
            position += len(run) if place < 0 else place + 1
        content = position - (place >= 0)
        if place >= 0 and self._grammar.newline == LF and last == CR and content > start:
            content -= 1
        reason = REASONS[RECORD_TOO_LONG]
        keeps = self._kept < self._bounds.rejects_kept
        rejects = (self._reject_at(start, content, reason),) if keeps else ()
        self._kept += len(rejects)
        self._ordinal += 1
        begin, end = self._source.to_bytes(start), self._source.to_bytes(position)
        return Batch(self._empty(), begin, end, rejects, {reason: 1}, 1, proven=False)

    def _reject_at(self, start: int, stop: int, reason: str) -> Reject:
        text = self._source.take(start, min(stop, start + self._bounds.reject_text)).raw
        return Reject(self._source.to_bytes(start), self._ordinal, reason, text)

    def _empty(self) -> pl.DataFrame:
        return empty_table(replace(self._grammar, columns=self._grammar.width))

    def _text(self, run: Text, start: int, stop: int) -> bytes:
        return run.raw_part(start, min(stop, start + self._bounds.reject_text))
