"""The way through a block, from one misplaced quote to the next: where each record ends."""

import numpy as np

from fanfold.records.grammar import Bounds, Grammar
from fanfold.records.tokens import Tokens
from fanfold.records.verdicts import RECORD_TOO_LONG, UNTERMINATED_QUOTE

NOTHING = 2
"""The parity of a rejected line: none of its separators separates anything."""


class Walk:
    """Finds which separators are outside quotes, piece by piece; a piece has one parity.

    `piece_separators`, `piece_parities`: index of each piece's first separator, its parity. `rejected_lines`: start
    -> verdict of records that do not end in time, of which only the first line is taken; `rejected_line_ends`: the
    index of the newline of each. `texts_after_quote`: starts of records with text after a closing quote.
    `unquoted_fields`: [start, stop) of fields that have quotes without being quoted.
    """

    def __init__(self, block: bytes, tokens: Tokens, grammar: Grammar, bounds: Bounds, *, at_end: bool) -> None:
        self.piece_separators: list[int] = []
        self.piece_parities: list[int] = []
        self.rejected_lines: dict[int, int] = {}
        self.rejected_line_ends: list[int] = []
        self.texts_after_quote: list[int] = []
        self.unquoted_fields: list[tuple[int, int]] = []
        self.consumed = 0
        self.over_long = False
        self._block = block
        self._tokens = tokens
        self._newline = bytes((grammar.newline,))
        self._record_max = bounds.record_max
        self._at_end = at_end
        self._dead_ends: dict[int, int] = {}

    def run_to(self, owned: int) -> None:
        """Take every record that starts before `owned` and can be decided."""
        stop = min(owned, len(self._block))
        start, progress = 0, True
        while start < stop and progress:
            after = self._take_regular(start, owned)
            if after == start:
                after = self._take_troubled(start)
            progress = after > start
            start = after
        self.consumed = start

    def _take_regular(self, start: int, owned: int) -> int:
        """Take the records up to the first misplaced quote at once; returns where the next one starts."""
        tokens = self._tokens
        quote = tokens.quote_at(start)
        ends = tokens.record_ends[quote & 1]
        trouble = tokens.misplaced_from(quote)
        first = int(ends.searchsorted(start))
        last = len(ends) if trouble is None else int(ends.searchsorted(tokens.quotes[trouble]))
        last = min(last, int(ends.searchsorted(owned - 1)) + 1)
        if len(self._block) > self._record_max and first < last:
            stops = np.minimum(ends[first:last] + 1, len(self._block))
            too_long = np.flatnonzero(np.diff(stops, prepend=start) > self._record_max)
            last = first + int(too_long[0]) if len(too_long) else last
        if first >= last:
            return start
        self._add_piece(start, quote & 1)
        return min(int(ends[last - 1]) + 1, len(self._block))

    def _take_troubled(self, start: int) -> int:
        """Take one record step by step; returns where the next one starts, or `start` when the block is too short."""
        pieces, text_after_quote, end = self._trace(start, shortcuts=True)
        size = len(self._block)
        if end is None or min(end + 1, size) - start > self._record_max:
            if not self._at_end and size - start < self._record_max:
                return start
            self._dead_ends.update(dict.fromkeys(pieces[1:], pieces[-1]))
            within = self._at_end and size - start <= self._record_max
            return self._reject_line(start, UNTERMINATED_QUOTE if within else RECORD_TOO_LONG)
        if self._dead_ends:
            pieces, text_after_quote, _ = self._trace(start, shortcuts=False)
        for piece in pieces:
            self._add_piece(piece, self._tokens.quote_at(piece) & 1)
        if text_after_quote:
            self.texts_after_quote.append(start)
        else:
            self.unquoted_fields += map(self._field_before, pieces[1:])
        return min(end + 1, size)

    def _trace(self, start: int, *, shortcuts: bool) -> tuple[list[int], bool, int | None]:
        """Follow one record from misplaced quote to misplaced quote: its pieces, and its end if there is one.

        Records that never end are tried again line by line, and soon run into the trace of an earlier try. The
        shortcuts lead from there to where that trace got stuck: without them a hostile file costs quadratic time.
        """
        tokens = self._tokens
        position, text_after_quote, pieces = start, False, [start]
        while True:
            quote = tokens.quote_at(position)
            ends = tokens.record_ends[quote & 1]
            place = int(ends.searchsorted(position))
            end = int(ends[place]) if place < len(ends) else None
            trouble = tokens.misplaced_from(quote)
            if trouble is None:
                return pieces, text_after_quote, end
            reached = int(tokens.quotes[trouble])
            if end is not None and end < reached:
                return pieces, text_after_quote, end
            separator = tokens.separator_at(reached)
            if separator == len(tokens.separators) or reached - start >= self._record_max:
                return pieces, text_after_quote, None
            text_after_quote |= bool((trouble - quote) & 1)
            position = int(tokens.separators[separator])
            pieces.append(position)
            while shortcuts and self._dead_ends.get(position, position) != position:
                position = self._dead_ends[position]
                pieces.append(position)

    def _field_before(self, separator: int) -> tuple[int, int]:
        """Give the unquoted field that ends at a separator."""
        place = self._tokens.separator_at(separator)
        return (int(self._tokens.separators[place - 1]) + 1 if place else 0), separator

    def _add_piece(self, start: int, parity: int) -> None:
        self.piece_separators.append(self._tokens.separator_at(start))
        self.piece_parities.append(parity)

    def _reject_line(self, start: int, verdict: int) -> int:
        """Reject the line that starts at `start`; returns where the next one does."""
        newline = self._block.find(self._newline, start)
        if newline < 0:
            if not self._at_end:
                self.over_long = True
                return start
            newline = len(self._block)
        self._add_piece(start, NOTHING)
        self.rejected_lines[start] = verdict
        self.rejected_line_ends.append(self._tokens.separator_at(newline))
        return min(newline + 1, len(self._block))
