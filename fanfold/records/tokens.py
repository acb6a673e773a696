"""Where the separators and quotes of a block stand, and which separators are outside quotes.

Quotes side by side make a *run*. What a run does depends on two things only: whether it begins a field (it follows
a separator), and whether it has an odd number of quotes.

| run | outside quotes | inside quotes |
|---|---|---|
| begins a field, odd | opens: now inside | closes: now outside |
| begins no field, odd | is content of an unquoted field: still outside | closes: now outside |
| even | opens and closes, or is content: still outside | doubled quotes: still inside |

So the first kind *swaps* the state, the second *resets* it to outside, the third leaves it. The state at any byte is
the parity of the swaps since the last reset: two cumulative sums instead of a state machine. Where a backslash escapes,
quotes are not doubled: each is a run of its own.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from fanfold.records.grammar import CR, LF, Grammar

Octets = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Values = TypeVar("Values", Mask, Positions)


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of quotes, in order: `starts` are offsets in the block, the rest one value a run.

    `begins`: it begins a field. `odd`: it has an odd number of quotes. `ends`: a field may end after it.
    `swaps_before`: the number of swaps before it; one value more, for the end.
    """

    starts: Positions
    begins: Mask
    odd: Mask
    ends: Mask
    swaps_before: Positions

    @property
    def resets(self) -> Mask:
        """The runs after which the state is outside, whatever it was."""
        return self.odd & ~self.begins

    def inside_before(self, *, initially: bool) -> Mask:
        """Tell the state before each run, and after the last one, by the state before the first."""
        swaps = self.swaps_before
        resets = np.maximum.accumulate(np.concatenate(([0], np.where(self.resets, np.arange(1, len(swaps)), 0))))
        inside: Mask = (swaps - swaps[resets] + (initially & (resets == 0))) & 1 == 1
        return inside


@dataclass(frozen=True, slots=True)
class Tokens:
    """Separators and runs of quotes of a block.

    `separators`: offsets of delimiters (of the last unit of each) and newlines, in and outside quotes, and of the
    dataset's end where no newline stands there; `newlines` is True for those that end a record when they are outside
    quotes. `followers`: for each run of quotes, the index of the first separator after it.
    """

    separators: Positions
    newlines: Mask
    runs: Runs
    followers: Positions

    def spread(self, values: Values) -> Values:
        """Give each separator the value that holds there: `values` has one before each run, and one for the end."""
        edges = np.concatenate(([0], self.followers, [len(self.separators)]))
        return np.repeat(values, edges[1:] - edges[:-1])


def tokenize(block: bytes, grammar: Grammar, *, at_end: bool, before: int) -> Tokens:
    """Find the tokens of a block's shadow; `at_end`: the dataset ends with it; `before`: the byte before its first."""
    octets = np.frombuffer(block, np.uint8)
    separators = np.flatnonzero((octets == grammar.delimiter) | (octets == grammar.newline))
    newlines = octets[separators] == grammar.newline
    if at_end and block and block[-1] != grammar.newline:
        # The end closes the last record. After a newline it would only add an empty one, in the same state.
        separators = np.append(separators, len(block))
        newlines = np.append(newlines, np.True_)
    quotes = np.flatnonzero(octets == grammar.quote) if grammar.quote is not None else np.empty(0, np.int64)
    runs = _runs(octets, quotes, grammar, at_end=at_end, before=before)
    return Tokens(separators, newlines, runs, separators.searchsorted(runs.starts))


def _runs(octets: Octets, quotes: Positions, grammar: Grammar, *, at_end: bool, before: int) -> Runs:
    """Group the quotes."""
    firsts = np.arange(len(quotes)) if grammar.escapes else np.flatnonzero(np.diff(quotes, prepend=-2) != 1)
    starts = quotes[firsts]
    lengths = np.diff(firsts, append=len(quotes))
    odd = lengths & 1 == 1
    begins = fits_before(octets, starts, grammar, before=before)
    ends = fits_after(octets, starts + lengths - 1, grammar, at_end=at_end)
    return Runs(starts, begins, odd, ends, np.concatenate(([0], np.cumsum(odd & begins))))


def fits_before(octets: Octets, quotes: Positions, grammar: Grammar, *, before: int) -> Mask:
    """Tell which quotes follow a delimiter or a newline."""
    previous = octets[quotes - 1]
    if len(quotes) and quotes[0] == 0:
        previous[0] = before
    fits: Mask = (previous == grammar.delimiter) | (previous == grammar.newline)
    return fits


def fits_after(octets: Octets, quotes: Positions, grammar: Grammar, *, at_end: bool) -> Mask:
    """Tell which quotes stand before a delimiter, a newline or the end.

    At the very end of a block that is not the dataset's, a quote gets the benefit of the doubt: no record ends
    after it, so whoever asks will ask again with a longer block.
    """
    last = len(octets) - 1
    following = octets[np.minimum(quotes + 1, last)]
    fits: Mask = (following == grammar.opener) | (following == grammar.newline) | (quotes == last)
    if grammar.newline == LF:
        carriage = (following == CR) & ~fits
        if carriage.any():
            after = quotes[carriage] + 2
            fits[carriage] = np.where(after <= last, octets[np.minimum(after, last)] == LF, not at_end)
    return fits
