"""Counts the bytes of clean lines that are no content, and tells where lines are not clean.

Goes some hundred KiB at a time, which stay in a core's cache, and 64 bytes at a time in that: what holds at each byte
is one bit of a word. A stretch ends after a newline, be it inside quotes, so none has to look at another's bytes.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fanfold.records.grammar import CR, LF, Grammar
from fanfold.records.tokens import Mask, Octets

STRETCH_BYTES = 1 << 19

Words = npt.NDArray[np.uint64]
"""One bit a byte, that of the first byte the lowest."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was found up to `stop`, which follows a newline.

    `inside`: that newline is inside quotes. `quotes`: how many there are. `doubled`: how many pairs of them stand for
    one. `carriages`: how many carriage returns belong to newlines outside quotes.
    """

    stop: int = 0
    inside: bool = False
    quotes: int = 0
    doubled: int = 0
    carriages: int = 0


def tally_lines(run: bytes, tallies: list[Tally], stop: int, grammar: Grammar) -> bool:
    """Add tallies, one a stretch, up to `stop`, which follows a newline; False where the lines are not clean.

    Clean lines have no NUL, no carriage return that ends an unquoted field, and quotes that open and close in turn,
    each where it may: an opening one begins a field, a closing one ends it; a doubled quote closes and opens again.
    """
    newline = bytes((grammar.newline,))
    while (start := tallies[-1].stop) < stop:
        end = run.rfind(newline, start, min(start + STRETCH_BYTES, stop)) + 1
        tally = _add_stretch(run, tallies[-1], end or run.index(newline, start) + 1, grammar)
        if tally is None:
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
        tally_on = _add_quoted(octets, tally, grammar, carriages=carriages)
    elif carriages and not tally.inside:
        tally_on = _add_unquoted(octets, tally, grammar)
    else:
        tally_on = tally
    return None if tally_on is None else replace(tally_on, stop=stop)


def _add_unquoted(octets: Octets, tally: Tally, grammar: Grammar) -> Tally | None:
    """Tally lines without quotes, but with carriage returns."""
    ending_fields, ending_lines = _carriages(octets, grammar)
    if ending_fields.any():
        return None
    return replace(tally, carriages=tally.carriages + int(np.count_nonzero(ending_lines)))


def _add_quoted(octets: Octets, tally: Tally, grammar: Grammar, *, carriages: bool) -> Tally | None:
    """Tally lines with quotes."""
    quotes = _words(octets == grammar.quote, len(octets))
    inside = _odd_until(quotes, initially=tally.inside)
    separates = octets == grammar.delimiter
    separates |= octets == grammar.newline
    separators = _words(separates, len(octets))
    ends, paired = separators, 0
    if carriages:
        lost, feeds = (_words(mask, len(octets)) & ~inside for mask in _carriages(octets, grammar))
        if lost.any():
            return None
        ends, paired = separators | feeds, _count(feeds)
    doubled = _doubled(quotes, inside, _behind(separators, first=True), _ahead(ends))
    if doubled is None:
        return None
    return Tally(
        inside=bool(inside[-1] >> np.uint64(63)),
        quotes=tally.quotes + _count(quotes),
        doubled=tally.doubled + doubled,
        carriages=tally.carriages + paired,
    )


def _doubled(quotes: Words, inside: Words, opens: Words, closes: Words) -> int | None:
    """Count the doubled quotes, where all quotes are where they may be; None where not.

    `inside`: the state after each byte. `opens`: where one may open. `closes`: where one may close.
    """
    fits = opens ^ closes
    fits &= inside
    fits ^= closes
    fits &= quotes
    if np.array_equal(fits, quotes):
        return 0  # a field begins where each opens, so none opens right after another closed
    opening = quotes & inside
    reopening = opening & _behind(quotes ^ opening, first=False)
    fits |= reopening | (_ahead(reopening) & quotes)
    return _count(reopening) if np.array_equal(fits, quotes) else None


def _carriages(octets: Octets, grammar: Grammar) -> tuple[Mask, Mask]:
    """Find the carriage returns before delimiters, and those before line feeds."""
    carriages, following = octets[:-1] == CR, octets[1:]
    before_delimiters, before_feeds = following == grammar.delimiter, following == LF
    before_delimiters &= carriages
    before_feeds &= carriages
    return before_delimiters, before_feeds


def _words(mask: Mask, size: int) -> Words:
    """Pack truth values into bits, and room for `size` of them."""
    bits = np.packbits(mask, bitorder="little")
    words = np.zeros(size // 64 + 1, "<u8")
    words.view(np.uint8)[: len(bits)] = bits
    return words


def _count(words: Words) -> int:
    return int(np.bitwise_count(words).sum(dtype=np.int64))


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
