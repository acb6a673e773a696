"""Decides the encoding of a dataset by its first bytes, and tells text that can be read from what cannot."""

import codecs
import re
from dataclasses import dataclass

from fanfold.errors import DatasetRejected
from fanfold.records.charset import EVIDENCE_BYTES_MIN, foreign_charset
from fanfold.records.codec import LATIN_1, UTF_8, UTF_16_BE, UTF_16_LE, WINDOWS_1252, Codec

ENCODINGS = {
    "utf-8": UTF_8,
    "utf-16-le": UTF_16_LE,
    "utf-16-be": UTF_16_BE,
    "utf-16": UTF_16_LE,
    "windows-1252": WINDOWS_1252,
    "latin-1": LATIN_1,
}
"""What the option may ask for. "utf-16" goes by the byte order mark, or by the zeros in the text."""

OTHER_NAMES = {"utf-8-sig": "utf-8", "cp1252": "windows-1252", "iso8859-1": "latin-1"}
"""What Python, which knows all their names, calls some of them."""

EXPECTED = "expected text in UTF-8, UTF-16 or Windows-1252"

BYTE_ORDER_MARKS = {UTF_8: b"\xef\xbb\xbf", UTF_16_LE: b"\xff\xfe", UTF_16_BE: b"\xfe\xff"}

UTF_32_MARKS = ((b"\xff\xfe\x00\x00", "UTF-32 (little-endian)"), (b"\x00\x00\xfe\xff", "UTF-32 (big-endian)"))

SIGNATURES = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "a zip archive (an Excel workbook is one)"),
    (b"PAR1", "Parquet"),
    (b"%PDF-", "PDF"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"BZh", "bzip2"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"SQLite format 3\0", "an SQLite database"),
)

ZERO_SHARE_MIN = 0.02
"""UTF-16 without a byte order mark has zeros at one parity: half of it in a Latin script, delimiters in any other."""

ZERO_SHARE_MAX = 0.1
"""A text with some stray zeros has far fewer."""

ZERO_ASYMMETRY = 8
"""UTF-16 has this many times more zeros at one parity than at the other."""

CONTROL_SHARE_MAX = 0.05
"""Random bytes are a tenth control characters."""

CONTROLS_STRAY = 3
"""So few are strays, however short the text is: each spoils one record."""

INVALID_SHARE_MAX = 0.3
"""Latin-1 prose has up to a tenth bytes that are not UTF-8, random bytes nearly half."""

STRAY_RATIO_MAX = 5
"""UTF-8 with a few stray bytes has a character beyond ASCII to so many of them; other text hits on one rarely."""

INVALID_RATIO_MAX = 0.25
"""UTF-8 with more than a few has many more characters than those; Korean text reads as half of them, by accident."""

SURROGATES = "".join(map(chr, range(0xDC80, 0xDD00)))
"""What stands for invalid bytes after decoding with "surrogateescape"."""

BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")

CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1b") + b"\x7f"


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec, and the length of the byte order mark before the text."""

    codec: Codec
    mark: int

    @property
    def name(self) -> str:
        """The name that a layout has for it."""
        return "utf-8-sig" if self.codec is UTF_8 and self.mark else self.codec.name


def known_name(wanted: str) -> str | None:
    """Give the name in ENCODINGS of an encoding that is asked for by any of its names; None when it is not read."""
    try:
        name = codecs.lookup(wanted).name
    except (LookupError, ValueError):
        return None
    name = OTHER_NAMES.get(name, name)
    return name if name in ENCODINGS else None


def detect_encoding(head: bytes, wanted: str | None) -> Encoding:
    """Give the wanted encoding, or the one the head has; raise DatasetRejected when that is none we read."""
    codec = _detected(head) if wanted is None else ENCODINGS[wanted]
    if wanted == "utf-16":
        codec = UTF_16_BE if head.startswith(BYTE_ORDER_MARKS[UTF_16_BE]) else _by_zeros(head) or codec
    mark = BYTE_ORDER_MARKS.get(codec, b"")
    return Encoding(codec, len(mark) if head.startswith(mark) else 0)


def _detected(head: bytes) -> Codec:
    for mark, name in UTF_32_MARKS:
        if head.startswith(mark):
            raise DatasetRejected(f"found the byte order mark of {name} at byte 0, {EXPECTED}")
    for codec in (UTF_16_LE, UTF_16_BE):
        if head.startswith(BYTE_ORDER_MARKS[codec]) and _reads(head, codec):
            return codec
    for signature, name in SIGNATURES:
        if head.startswith(signature) and (len(head.translate(None, CONTROLS)) < len(head) or not _is_utf8(head)):
            raise DatasetRejected(f"found {name} at byte 0, {EXPECTED}")
    wide = _by_zeros(head)
    if wide is not None:
        return wide
    _check_binary(head)
    return UTF_8 if _is_mostly_utf8(head) else _western(head)


def _reads(head: bytes, codec: Codec) -> bool:
    """Tell that UTF-16 text is in there: hardly a unit is half of a pair without the other half."""
    text = head.decode(codec.name, "replace")
    return text.count("\N{REPLACEMENT CHARACTER}") <= CONTROL_SHARE_MAX * len(text) + 1


def _by_zeros(head: bytes) -> Codec | None:
    """Recognise UTF-16 that does not say so."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd <= ZERO_SHARE_MIN * len(head):
        return None
    if even + odd < len(head) / 4 and _is_plain(head.replace(b"\0", b"")):
        return None
    codec = UTF_16_LE if odd > ZERO_ASYMMETRY * even else UTF_16_BE if even > ZERO_ASYMMETRY * odd else None
    if codec is None or not _reads(head, codec):
        return None
    text = head.decode(codec.name, "replace")
    return codec if any(sign in text for sign in "\r\n,;\t| ") else None


def _is_plain(text: bytes) -> bool:
    """Tell ASCII without control characters; units of UTF-16 but for those of a Latin script have others, too."""
    return text.isascii() and len(text.translate(None, CONTROLS)) == len(text)


def _check_binary(head: bytes) -> None:
    zeros = head.count(0)
    if zeros > max(CONTROLS_STRAY, ZERO_SHARE_MAX * len(head)):
        raise DatasetRejected(f"found binary data (zero bytes) from byte {head.find(0)} on, {EXPECTED}")
    controls = len(head) - len(head.translate(None, CONTROLS))
    if controls > max(CONTROLS_STRAY, CONTROL_SHARE_MAX * len(head)):
        first = next(place for place, byte in enumerate(head) if byte in CONTROLS)
        raise DatasetRejected(
            f"found binary data ({controls} control bytes of {len(head)}, the first at byte {first}), {EXPECTED}"
        )


def _is_mostly_utf8(head: bytes) -> bool:
    """Tell UTF-8, up to some stray bytes, from text in which valid characters beyond ASCII are accidents."""
    invalid = _invalid_bytes(head)
    if not invalid:
        return True
    text = head.decode("utf-8", "surrogateescape")
    ratio = STRAY_RATIO_MAX if invalid < EVIDENCE_BYTES_MIN else INVALID_RATIO_MAX
    return sum(1 for _ in BEYOND_ASCII.finditer(text)) * ratio >= invalid


def _western(head: bytes) -> Codec:
    name = foreign_charset(head)
    if name is not None:
        raise DatasetRejected(f"found text in {name}, as it seems, from byte {_first_invalid(head)} on, {EXPECTED}")
    invalid = _invalid_bytes(head)
    if invalid > INVALID_SHARE_MAX * len(head):
        raise DatasetRejected(
            f"found {invalid} bytes of {len(head)} that are not UTF-8, the first at byte "
            f"{_first_invalid(head)}, {EXPECTED}"
        )
    return WINDOWS_1252


def _is_utf8(head: bytes) -> bool:
    return _invalid_bytes(head) == 0


def _invalid_bytes(head: bytes) -> int:
    """Count bytes that are not UTF-8; a character cut off at the end of the head is not counted."""
    if head.isascii():
        return 0
    text = head.decode("utf-8", "surrogateescape")
    cut_off = 0 if len(text) < 3 else len(text[-3:]) - len(text[-3:].rstrip(SURROGATES))
    return sum(map(text.count, SURROGATES)) - cut_off


def _first_invalid(head: bytes) -> int:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(head)
