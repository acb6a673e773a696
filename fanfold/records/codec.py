"""The encodings that are read: how their bytes make code units, and how their text becomes UTF-8."""

import codecs
from dataclasses import dataclass

import numpy as np

CONTINUES = 0x80
"""A byte of UTF-8 that begins no character, but for its lowest six bits."""

LEADS_FOUR = 0xF0
"""This byte and higher ones begin characters of four bytes: pairs of surrogates in UTF-16."""


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoding whose code units tell ASCII apart from everything else.

    `name` is Python's and the report's name; `unit` is the number of bytes of a code unit, 1 or 2, and `units` the
    numpy type that reads them.
    """

    name: str
    unit: int = 1
    units: str = "u1"

    def is_valid(self, raw: bytes) -> bool:
        """Tell whether the bytes are whole characters of this encoding."""
        try:
            raw.decode(self.name)
        except UnicodeDecodeError:
            return False
        return True

    def to_utf8(self, raw: bytes) -> bytes | None:
        """Transcode whole characters; None where some are invalid. UTF-8 is returned as it is, valid or not."""
        if self is UTF_8 or (self.unit == 1 and raw.isascii()):
            return raw
        try:
            return raw.decode(self.name).encode()
        except UnicodeDecodeError:
            return None

    def count(self, text: bytes) -> int:
        """Count the units that whole characters of UTF-8 text have in this encoding."""
        if self is UTF_8:
            return len(text)
        octets = np.frombuffer(text, np.uint8)
        pairs = int(np.count_nonzero(octets >= LEADS_FOUR)) if self.unit > 1 else 0
        return int(np.count_nonzero((octets & 0xC0) != CONTINUES)) + pairs

    def whole(self, raw: bytes) -> bytes:
        """Cut off a character of which only a part is there."""
        if self.unit == 1:
            return raw
        decode = codecs.utf_16_le_decode if self is UTF_16_LE else codecs.utf_16_be_decode
        return raw[: decode(raw, "replace", False)[1]]


UTF_8 = Codec("utf-8")
UTF_16_LE = Codec("utf-16-le", 2, "<u2")
UTF_16_BE = Codec("utf-16-be", 2, ">u2")
WINDOWS_1252 = Codec("windows-1252")
LATIN_1 = Codec("latin-1")

CODECS = {codec.name: codec for codec in (UTF_8, UTF_16_LE, UTF_16_BE, WINDOWS_1252, LATIN_1)} | {"utf-8-sig": UTF_8}
"""By the name that a layout has for it; "utf-8-sig" is UTF-8 after a byte order mark."""
