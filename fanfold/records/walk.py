"""Where the records of a block end, when some of them do not end in time.

All goes by the state of the whole block, until a record does not end within its limit. Of that one the first line is
rejected, and the next line starts outside quotes. From there the state is the parity of the swaps since, up to the
next reset, and then again that of the whole block. So each such line costs a few look-ups, not another pass.
"""

import numpy as np

from fanfold.records.grammar import Bounds, Grammar
from fanfold.records.tokens import Mask, Positions, Tokens
from fanfold.records.verdicts import RECORD_TOO_LONG, UNTERMINATED_QUOTE

EVEN, ODD, WHOLE, NOTHING = range(4)
"""How the state of a piece goes: outside where the swaps before are even, or odd; that of the whole block; a rejected
line, in which nothing separates."""


class Walk:
    """Goes from record to record.

    `consumed`: where the first record starts that was not taken. `rejected_lines`: start -> verdict of those records
    of which only the first line was taken; `line_ends`: the offset of the newline of each. `over_long`: the record
    at `consumed` is such a reject, and its line goes on beyond the block.
    """

    def __init__(self, block: bytes, tokens: Tokens, grammar: Grammar, bounds: Bounds, *, at_end: bool) -> None:
        self.consumed = 0
        self.rejected_lines: dict[int, int] = {}
        self.line_ends: list[int] = []
        self.over_long = False
        self._pieces: list[tuple[int, int]] = [(0, WHOLE)]
        self._block = block
        self._tokens = tokens
        self._newline = bytes((grammar.newline,))
        self._record_max = bounds.record_max
        self._at_end = at_end
        self._inside = tokens.runs.inside_before(initially=False)
        self._ends = {WHOLE: tokens.separators[tokens.newlines & ~tokens.spread(self._inside)]}
        self._resets = tokens.runs.starts[tokens.runs.resets]

    def outside(self, taken: int) -> Mask:
        """Tell which of the first `taken` separators are outside quotes."""
        tokens = self._tokens
        outside = ~tokens.spread(self._inside)[:taken]
        if len(self._pieces) > 1:
            separators = tokens.separators[:taken]
            kinds = self._kinds_at(separators)
            outside = np.where(kinds == WHOLE, outside, kinds == tokens.spread(tokens.runs.swaps_before & 1)[:taken])
            outside[separators.searchsorted(np.array(self.line_ends, np.int64))] = True
        return outside

    def run_states(self) -> tuple[Mask, Mask]:
        """Tell which runs of quotes are in records that were taken, and which of them begin inside quotes."""
        starts, inside = self._tokens.runs.starts, self._inside[:-1]
        taken = starts < self.consumed
        if len(self._pieces) > 1:
            kinds = self._kinds_at(starts)
            inside = np.where(kinds == WHOLE, inside, kinds != self._tokens.runs.swaps_before[:-1] & 1)
            taken &= kinds != NOTHING
        return taken, inside

    def run_to(self, owned: int) -> None:
        """Take every record that starts before `owned` and can be decided."""
        stop = min(owned, len(self._block))
        start, progress = 0, True
        while start < stop and progress:
            after = self._take_many(start, owned) or self._take_one(start) or self._reject_line(start)
            progress = after > start
            start = max(start, after)
        self.consumed = start

    def _take_many(self, start: int, owned: int) -> int:
        """Take the records that go by one piece's state; returns where the next one starts, 0 if there are none."""
        kind, until = self._state_from(start)
        ends = self._ends_of(kind)
        first = int(ends.searchsorted(start))
        last = min(int(ends.searchsorted(until)), int(ends.searchsorted(owned - 1)) + 1)
        if len(self._block) > self._record_max and first < last:
            stops = np.minimum(ends[first:last] + 1, len(self._block))
            too_long = np.flatnonzero(np.diff(stops, prepend=start) > self._record_max)
            last = first + int(too_long[0]) if len(too_long) else last
        if first >= last:
            return 0
        self._add_piece(start, kind)
        return min(int(ends[last - 1]) + 1, len(self._block))

    def _take_one(self, start: int) -> int:
        """Take a record that ends after the next reset; returns where the next one starts, 0 if it does not."""
        kind, until = self._state_from(start)
        ends = self._ends_of(kind)
        place = int(ends.searchsorted(start))
        if kind == WHOLE or (place < len(ends) and ends[place] < until):
            return 0
        ends = self._ends_of(WHOLE)
        place = int(ends.searchsorted(until))
        if place == len(ends):
            return 0
        after = min(int(ends[place]) + 1, len(self._block))
        if after - start > self._record_max:
            return 0
        self._add_piece(start, kind)
        self._add_piece(until + 1, WHOLE)  # the reset itself still goes by the state before it
        return after

    def _reject_line(self, start: int) -> int:
        """Reject the line at `start`; returns where the next one starts, 0 if the block does not decide it."""
        size = len(self._block)
        if not self._at_end and size - start < self._record_max:
            return 0
        newline = self._block.find(self._newline, start)
        if newline < 0:
            if not self._at_end:
                self.over_long = True
                return 0
            newline = size
        within = self._at_end and size - start <= self._record_max
        self._add_piece(start, NOTHING)
        self.rejected_lines[start] = UNTERMINATED_QUOTE if within else RECORD_TOO_LONG
        self.line_ends.append(newline)
        return min(newline + 1, size)

    def _state_from(self, start: int) -> tuple[int, int]:
        """Tell how the state goes from the start of a record on, and until where."""
        beyond = len(self._block) + 1
        if self._pieces[-1][1] == WHOLE:
            return WHOLE, beyond
        run = int(self._tokens.runs.starts.searchsorted(start))
        place = int(self._resets.searchsorted(start))
        until = int(self._resets[place]) if place < len(self._resets) else beyond
        return int(self._tokens.runs.swaps_before[run]) & 1, until

    def _ends_of(self, kind: int) -> Positions:
        """Give the newlines outside quotes, as far as the state goes that way."""
        if kind not in self._ends:
            tokens = self._tokens
            parities = tokens.spread(tokens.runs.swaps_before & 1)
            self._ends[kind] = tokens.separators[tokens.newlines & (parities == kind)]
        return self._ends[kind]

    def _kinds_at(self, positions: Positions) -> Positions:
        """Give the kind of the piece that each position is in."""
        starts, kinds = np.array(self._pieces, np.int64).T
        at: Positions = kinds[starts.searchsorted(positions, "right") - 1]
        return at

    def _add_piece(self, start: int, kind: int) -> None:
        if kind == NOTHING or self._pieces[-1][1] != kind:
            self._pieces.append((start, kind))
