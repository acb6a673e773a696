"""Text and its shadow: one byte per code unit, in which the kernels find structure whatever the encoding is.

An ASCII character casts itself, any other unit 0x80. In the encodings of one byte a unit, where delimiters, quotes and
newlines are ASCII, the raw bytes are their own shadow. What only looks like structure casts 0x80, too: an escaped
character. An escaping backslash and a delimiter of several characters cast marks that no text does. So places in the
dataset are places in the shadow times the unit's size, and nothing ever has to be mapped back.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fanfold.records.codec import Codec
from fanfold.records.grammar import DELIMITER_FIRST, DELIMITER_LAST, Grammar
from fanfold.records.lookahead import Lookahead

OTHER = 0x80
"""Casts no structure."""

ESCAPE = 0xFD
"""Marks a backslash that escapes."""

BACKSLASH = ord("\\")

_ASCII_OR_OTHER = bytes(range(128)) + bytes((OTHER,)) * 128

Units = npt.NDArray[np.uint8 | np.uint16]


@dataclass(frozen=True, slots=True)
class Text:
    """Raw bytes and their shadow. `marked`: the shadow may hold marks of escapes."""

    raw: bytes
    shadow: bytes
    codec: Codec
    marked: bool = False

    def __len__(self) -> int:
        """Count units."""
        return len(self.shadow)

    def part(self, start: int, stop: int) -> "Text":
        """Give units [start, stop)."""
        shadow = self.shadow[start:stop]
        raw = shadow if self.raw is self.shadow else self.raw_part(start, stop)
        return Text(raw, shadow, self.codec, self.marked)

    def raw_part(self, start: int, stop: int) -> bytes:
        """Give the bytes of units [start, stop)."""
        unit = self.codec.unit
        return self.raw[start * unit : stop * unit]

    def units(self) -> Units:
        """Give the units as numbers; half a unit at the end is completed with a zero."""
        missing = -len(self.raw) % self.codec.unit
        return np.frombuffer(self.raw + bytes(missing) if missing else self.raw, self.codec.units)


def cast(raw: bytes, grammar: Grammar, *, at_end: bool, escaped: bool = False) -> Text:
    """Give text its shadow; `escaped`: its first unit is escaped by what comes before.

    At the end of the dataset a backslash has nothing left to escape, and half a unit may be left over: it casts
    0x80, and no valid text has one.
    """
    codec = grammar.codec
    if codec.unit == 1 and not grammar.sequence and not (grammar.escapes and (escaped or b"\\" in raw)):
        return Text(raw, raw, codec)
    shadow = raw.translate(_ASCII_OR_OTHER) if codec.unit == 1 else _narrowed(raw, codec)
    marked = grammar.escapes and (escaped or b"\\" in shadow)
    if marked:
        shadow = _escaped(shadow, at_end=at_end, escaped=escaped)
    if grammar.sequence:
        between = bytes((OTHER,)) * (len(grammar.sequence) - 2)
        shadow = shadow.replace(grammar.sequence, bytes((DELIMITER_FIRST,)) + between + bytes((DELIMITER_LAST,)))
    return Text(raw, shadow, codec, marked)


def _narrowed(raw: bytes, codec: Codec) -> bytes:
    whole = len(raw) // codec.unit
    shadow: bytes = np.minimum(np.frombuffer(raw, codec.units, whole), OTHER).astype(np.uint8).tobytes()
    return shadow if whole * codec.unit == len(raw) else shadow + bytes((OTHER,))


def _escaped(shadow: bytes, *, at_end: bool, escaped: bool) -> bytes:
    """Mark the backslashes that escape, and take the meaning from what they escape; NUL stays what it is."""
    octets = np.frombuffer(shadow, np.uint8).copy()
    if escaped and octets[0]:
        octets[0] = OTHER
    backslashes = np.flatnonzero(octets == BACKSLASH)
    # In a run of backslashes every other one escapes, beginning with the first.
    firsts = np.flatnonzero(np.diff(backslashes, prepend=-2) != 1)
    lengths = np.diff(firsts, append=len(backslashes))
    places = np.arange(len(backslashes)) - np.repeat(firsts, lengths)
    active = backslashes[places & 1 == 0]
    if at_end:
        active = active[active < len(octets) - 1]
    octets[active] = ESCAPE
    following = active[active < len(octets) - 1] + 1
    octets[following[octets[following] != 0]] = OTHER
    return octets.tobytes()


class Texts:
    """A dataset as text: ranges of units, each with its shadow. A range has to begin with a record, or nearly so."""

    def __init__(self, source: Lookahead, size: int, grammar: Grammar) -> None:
        self._source = source
        self._bytes = size
        self._grammar = grammar
        self.size = self.to_units(size)

    def to_units(self, offset: int) -> int:
        """Give the first unit that starts at or after a byte offset."""
        return -(-offset // self._grammar.codec.unit)

    def to_bytes(self, place: int) -> int:
        """Give the byte offset of a unit, or of the end."""
        return min(place * self._grammar.codec.unit, self._bytes)

    def take(self, start: int, stop: int, *, escaped: bool = False) -> Text:
        """Give units [start, stop), cut at the end."""
        raw = self._source.take(self.to_bytes(start), self.to_bytes(stop))
        return cast(raw, self._grammar, at_end=stop >= self.size, escaped=escaped)
