"""Where the separators and quotes of a run of bytes stand, and which quotes break the rule.

Quotes alternate between opening and closing. So once it is known whether the first quote opens, the state at every
byte is the parity of the quotes before it, as long as every opening quote begins a field and every closing one ends
it. A doubled quote closes and opens again, which keeps both the parity and the content right. A quote that breaks
the rule is *misplaced*: from it to the next separator the bytes belong to one unquoted field, and there the
alternation starts afresh.

"Parity" below is the number of quotes, modulo 2, before a byte outside quotes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fanfold.records.grammar import CR, LF, Grammar

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Parities = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Positions are offsets in the run, in ascending order.

    `separators`: delimiters and newlines, in and outside quotes, and the end of the dataset where no newline stands
    there. `newlines` is True for those of them that end a record when they are outside quotes. `parities`: the
    quotes before each separator, modulo 2. `record_ends[parity]`: the newlines outside quotes under that parity.
    `misplaced[parity]`: indices of the quotes that break the rule under that parity.
    """

    separators: Positions
    newlines: Mask
    parities: Parities
    quotes: Positions
    record_ends: tuple[Positions, Positions]
    misplaced: tuple[Positions, Positions]

    def separator_at(self, position: int) -> int:
        """Index of the first separator at or after a position."""
        return int(self.separators.searchsorted(position))

    def quote_at(self, position: int) -> int:
        """Index of the first quote at or after a position, which is also the number of quotes before it."""
        return int(self.quotes.searchsorted(position))

    def misplaced_from(self, quote: int) -> int | None:
        """Index of the first misplaced quote at or after `quote`, where `quote` opens a field."""
        suspects = self.misplaced[quote & 1]
        place = suspects.searchsorted(quote)
        return int(suspects[place]) if place < len(suspects) else None


def tokenize(run: bytes, grammar: Grammar, *, at_end: bool, before: int) -> Tokens:
    """Find the tokens of a run; `at_end`: the dataset ends with it; `before`: the byte before its first."""
    octets = np.frombuffer(run, np.uint8)
    separators = np.flatnonzero((octets == grammar.delimiter) | (octets == grammar.newline))
    newlines = octets[separators] == grammar.newline
    if at_end and run and run[-1] != grammar.newline:
        # The end closes the last record. After a newline it would only add an empty one, in the same quote state.
        separators = np.append(separators, len(run))
        newlines = np.append(newlines, np.True_)
    quotes = np.flatnonzero(octets == grammar.quote) if grammar.quote is not None else np.empty(0, np.int64)
    parities = _parities(separators, quotes)
    return Tokens(
        separators=separators,
        newlines=newlines,
        parities=parities,
        quotes=quotes,
        record_ends=(separators[newlines & (parities == 0)], separators[newlines & (parities == 1)]),
        misplaced=_misplaced(octets, quotes, grammar, at_end=at_end, before=before),
    )


def _parities(separators: Positions, quotes: Positions) -> Parities:
    """Count the quotes before each separator, modulo 2."""
    followers = separators.searchsorted(quotes)
    # Between two quotes there mostly is no separator: only runs of an odd number of quotes change the parity.
    changes = np.flatnonzero(np.append(followers[1:] != followers[:-1], np.True_)) if len(quotes) else followers
    odd = followers[changes[np.diff(changes, prepend=-1) & 1 == 1]]
    edges = np.concatenate(([0], odd, [len(separators)]))
    pattern = np.arange(len(edges) - 1, dtype=np.uint8) & 1
    return np.repeat(pattern, edges[1:] - edges[:-1])


def _misplaced(
    octets: npt.NDArray[np.uint8], quotes: Positions, grammar: Grammar, *, at_end: bool, before: int
) -> tuple[Positions, Positions]:
    """Find the quotes that may not stand where they do, under either parity.

    A quote at the very end of a run that is not the dataset's end gets the benefit of the doubt: no record ends
    after it, so whoever asks will ask again with a longer run.
    """
    if not len(quotes):
        return quotes, quotes
    doubled = np.diff(quotes) == 1
    no_quote = np.zeros(1, np.bool_)
    may_open = fits_before(octets, quotes, grammar, before=before) | np.concatenate((no_quote, doubled))
    may_close = fits_after(octets, quotes, grammar, at_end=at_end) | np.concatenate((doubled, no_quote))
    wrong_even, wrong_odd = ~may_open, ~may_close
    wrong_even[1::2] = ~may_close[1::2]
    wrong_odd[1::2] = ~may_open[1::2]
    return np.flatnonzero(wrong_even), np.flatnonzero(wrong_odd)


def fits_before(octets: npt.NDArray[np.uint8], quotes: Positions, grammar: Grammar, *, before: int) -> Mask:
    """Tell which quotes follow a delimiter or a newline."""
    previous = octets[quotes - 1]
    if len(quotes) and quotes[0] == 0:
        previous[0] = before
    fits: Mask = (previous == grammar.delimiter) | (previous == grammar.newline)
    return fits


def fits_after(octets: npt.NDArray[np.uint8], quotes: Positions, grammar: Grammar, *, at_end: bool) -> Mask:
    """Tell which quotes stand before a delimiter, a newline or the end of the run."""
    last = len(octets) - 1
    following = octets[np.minimum(quotes + 1, last)]
    fits: Mask = (following == grammar.delimiter) | (following == grammar.newline) | (quotes == last)
    if grammar.newline == LF:
        carriage = (following == CR) & ~fits
        if carriage.any():
            after = quotes[carriage] + 2
            fits[carriage] = np.where(after <= last, octets[np.minimum(after, last)] == LF, not at_end)
    return fits
