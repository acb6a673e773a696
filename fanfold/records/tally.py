"""Counts the fields of clean lines, and tells where lines are not clean.

Goes some hundred KiB at a time, which stay in a core's cache, and 64 bytes at a time in that: what holds at each byte
is one bit of a word. A stretch ends after a newline, be it inside quotes, so none has to look at another's bytes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fanfold.records.grammar import CR, LF, Grammar
from fanfold.records.tokens import Mask, Octets

STRETCH_BYTES = 768 << 10
"""Shorter ones cost more in calls, longer ones no longer fit the cache."""

Words = npt.NDArray[np.uint64]
"""One bit a byte, that of the first byte the lowest."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was found up to `stop`, which follows a newline: `fields` ended, and that newline is `inside` quotes."""

    stop: int = 0
    fields: int = 0
    inside: bool = False


def tally_lines(run: bytes, tallies: list[Tally], stop: int, grammar: Grammar) -> bool:
    """Add tallies, one a stretch, up to `stop`, which follows a newline; False where the lines are not clean.

    Clean lines have no NUL, no carriage return that ends an unquoted field, and quotes that open and close in turn,
    each where it may: an opening one begins a field, a closing one ends it; a doubled quote closes and opens again.
    A stretch that ends outside quotes has whole records, so its fields are a multiple of the columns: where records
    are broken now and then, that shows soon, and little is tried in vain.
    """
    newline = bytes((grammar.newline,))
    while (start := tallies[-1].stop) < stop:
        end = run.rfind(newline, start, min(start + STRETCH_BYTES, stop)) + 1
        tally = _add_stretch(run, tallies[-1], end or run.index(newline, start) + 1, grammar)
        if tally is None or (not tally.inside and tally.fields % grammar.columns):
            return False
        tallies.append(tally)
    return True


def _add_stretch(run: bytes, tally: Tally, stop: int, grammar: Grammar) -> Tally | None:
    """Tally up to `stop`; None if a line there is not clean."""
    start = tally.stop
    if run.find(b"\0", start, stop) >= 0:
        return None
    octets = np.frombuffer(run, np.uint8, stop - start, start)
    carriages = grammar.newline == LF and run.find(CR, start, stop) >= 0
    if grammar.quote is not None and run.find(grammar.quote, start, stop) >= 0:
        return _add_quoted(octets, tally, stop, grammar, carriages=carriages)
    if tally.inside:
        return Tally(stop, tally.fields, inside=True)
    separators = octets == grammar.delimiter
    if carriages and _after_carriages(octets, separators).any():
        return None
    separators |= octets == grammar.newline
    return Tally(stop, tally.fields + int(np.count_nonzero(separators)))


def _add_quoted(octets: Octets, tally: Tally, stop: int, grammar: Grammar, *, carriages: bool) -> Tally | None:
    """Tally a stretch with quotes in it."""
    quotes = _words(octets == grammar.quote)
    inside = _odd_until(quotes, initially=tally.inside)
    separates = octets == grammar.delimiter
    if carriages and np.any(_words(_after_carriages(octets, separates)) & ~inside):
        return None
    separates |= octets == grammar.newline
    separators = _words(separates)
    ends = _ahead(separators)
    if carriages:
        ends |= _ahead(_ahead(_words(_after_carriages(octets, octets == LF))))
    if not _fit(quotes, inside, _behind(separators, first=True), ends):
        return None
    fields = int(np.bitwise_count(separators & ~inside).sum(dtype=np.int64))
    return Tally(stop, tally.fields + fields, inside=bool(inside[-1] >> np.uint64(63)))


def _fit(quotes: Words, inside: Words, begins: Words, ends: Words) -> bool:
    """Tell that every quote is where it may be: one that opens where a field begins, one that closes where it ends.

    `inside`: the state after each byte, by which quotes open and close in turn.
    """
    fits = begins ^ ends
    fits &= inside
    fits ^= ends
    fits &= quotes
    if np.array_equal(fits, quotes):
        return True
    opening = quotes & inside
    reopening = opening & _behind(quotes ^ opening, first=False)
    fits |= reopening | (quotes & _ahead(reopening))
    return np.array_equal(fits, quotes)


def _after_carriages(octets: Octets, mask: Mask) -> Mask:
    """Keep of a mask what follows a carriage return."""
    after = np.zeros_like(mask)
    np.equal(octets[:-1], CR, out=after[1:])
    after &= mask
    return after


def _words(mask: Mask) -> Words:
    """Pack truth values into bits, at least one bit more than there are values."""
    bits = np.packbits(mask, bitorder="little")
    words = np.zeros(len(mask) // 64 + 1, "<u8")
    words.view(np.uint8)[: len(bits)] = bits
    return words


def _odd_until(bits: Words, *, initially: bool) -> Words:
    """Tell at each byte whether the number of bits up to there, its own included, is odd: sums without carry.

    Doubles the distance summed over until it is a word, then goes from word to word.
    """
    odd = bits ^ (bits << np.uint64(1))
    for distance in (2, 4, 8, 16, 32):
        odd ^= odd << np.uint64(distance)
    whole = np.bitwise_xor.accumulate(odd.view("<i8") >> 63).view("<u8")  # a word's last bit, spread over all of it
    odd[1:] ^= whole[:-1]
    return ~odd if initially else odd


def _behind(bits: Words, *, first: bool) -> Words:
    """Tell at each byte what holds at the one before it."""
    moved = bits << np.uint64(1)
    moved[1:] |= bits[:-1] >> np.uint64(63)
    moved[0] |= np.uint64(first)
    return moved


def _ahead(bits: Words) -> Words:
    """Tell at each byte what holds at the one after it."""
    moved = bits >> np.uint64(1)
    moved[:-1] |= bits[1:] << np.uint64(63)
    return moved
