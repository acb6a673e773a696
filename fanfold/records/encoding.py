"""Tells text that can be read from what cannot, by its first bytes."""

from fanfold.errors import DatasetRejected

BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32 (little-endian)"),
    (b"\x00\x00\xfe\xff", "UTF-32 (big-endian)"),
    (b"\xff\xfe", "UTF-16 (little-endian)"),
    (b"\xfe\xff", "UTF-16 (big-endian)"),
)

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

ZERO_SHARE_MAX = 0.1
"""UTF-16 text in any Latin script is nearly half zeros; a text with some stray ones has far fewer."""

CONTROL_SHARE_MAX = 0.05
"""Random bytes are a tenth control characters."""

INVALID_SHARE_MAX = 0.3
"""Latin-1 prose has up to a tenth bytes that are not UTF-8, random bytes nearly half."""

SURROGATES = "".join(map(chr, range(0xDC80, 0xDD00)))
"""What stands for invalid bytes after decoding with "surrogateescape"."""

CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1b") + b"\x7f"


def check_encoding(head: bytes) -> None:
    """Raise DatasetRejected unless the head is UTF-8 text, up to some invalid bytes."""
    expected = "expected UTF-8 text"
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            raise DatasetRejected(f"found the byte order mark of {name} at byte 0, {expected}")
    for signature, name in SIGNATURES:
        if head.startswith(signature) and (len(head.translate(None, CONTROLS)) < len(head) or not _is_utf8(head)):
            raise DatasetRejected(f"found {name} at byte 0, {expected}")
    zeros = head.count(0)
    if zeros > ZERO_SHARE_MAX * len(head):
        raise DatasetRejected(f"found {_zeros_name(head)} from byte {head.find(0)} on, {expected}")
    controls = len(head) - len(head.translate(None, CONTROLS))
    if controls > CONTROL_SHARE_MAX * len(head):
        first = next(place for place, byte in enumerate(head) if byte in CONTROLS)
        raise DatasetRejected(
            f"found binary data ({controls} control bytes of {len(head)}, the first at byte {first}), {expected}"
        )
    invalid = _invalid_bytes(head)
    if invalid > INVALID_SHARE_MAX * len(head):
        raise DatasetRejected(
            f"found {invalid} bytes of {len(head)} that are not UTF-8, the first at byte "
            f"{_first_invalid(head)}, {expected}"
        )


def _zeros_name(head: bytes) -> str:
    """Name what a text full of zeros probably is."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 8 * even:
        return "UTF-16 (little-endian, without a byte order mark)"
    if even > 8 * odd:
        return "UTF-16 (big-endian, without a byte order mark)"
    return "binary data (zero bytes)"


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
