"""Values of every kind, odd ones included, and frames made of them."""

from dataclasses import replace

import polars as pl
from hypothesis import strategies as st

from fanfold.profile import order
from fanfold.profile.caps import Caps
from fanfold.profile.model import Profile

SMALL = Caps(exact_values=6, hashes=5, table_width=8, records=4)
"""So small that a dozen values reach every mode."""

EXTREMES = [
    "0", "-0", "00", "007", "-07", "+1", " 1", "1 ", "1_0", "0x1", "1e5", "-1E+05", "1.", ".5", "-.5", ".", "-", "-.",
    "1e", "e1", "1e400", "-1e400", "1e-400", "-1e-400", "1e308", "-1e308", "1.7976931348623157e308", "5e-324",
    "-5e-324", "2.2250738585072011e-308", "-0.0", "0.0", "0.1", "0.30", "1.0", "inf", "-inf", "nan", "NaN", "infinity",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1" * 20, "9" * 308,
    "-" + "9" * 308, "1" + "0" * 308, "9" * 309, "7" * 400, "0." + "1" * 400, "0." + "1" * 318, "9007199254.740991",
    "9007199254.740993", "123456789.123456", "123456789.1234567", "1e22", "4503599627370497.5", "true", "True", "FALSE",
    "fAlSe", "truth", "false ", "tru", "falsy", "T",
    "\u017false", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29",
    "0000-01-01", "0000-02-29", "0000-00-00", "9999-12-31", "9999-12-32", "2024-13-01", "2024-1-1", "20240101",
    "2024-01-01x", "1969-12-31", "2024-01-01T00:00", "2024-01-01 23:59", "2024-01-01T24:00", "2024-01-01T12:60",
    "2024-01-01 12:34:56", "2024-01-01 12:34:60", "2024-01-01T12:34:56Z", "2024-01-01T12:34Z", "2024-01-01T12:34+01:00",
    "2024-01-01T12:34-0130", "2024-01-01T12:34:56.", "2024-01-01T12:34:56.5", "2024-01-01T12:34:56.123456789",
    "2024-01-01T12:34:56.1234567890", "2024-01-01T12:34:56.000000001Z", "2024-01-01T12:34:56.5+05:30",
    "2024-01-01T12:34:56.123456789-23:59", "2024-01-01T12:34:56+24:00", "2024-01-01T12:34:56+05:60",
    "2024-01-01t12:34:56", "2024-01-01T12:34:56z", "2024-01-01T12:34:5", "2024-01-01T12-34", "2024-01-01T12:34:56+5:30",
    "0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999999-23:59", "1969-12-31T23:59:59.5", "2024-01-01T12:34 Z",
    "2024-01-01  12:34",
    "\uff12\uff10\uff12\uff14-01-01", "١٢", "é", "e\u0301", "😀", "\u202eabc", "\0", "1\0", "\ufeff1", "a" * 12,
    "a" * 13, "é" * 6, "é" * 40, "😀" * 81, "x" * 81, "x" * 512, "x" * 513, "x" * 512 + "y", "é" * 300, "x" * 1024,
    "x" * 1025, "1" * 513, "N/A", "null", " ", "\t", "\n", '"', "a,b",
]  # fmt: skip


def colliding(beginning: str, end: str) -> tuple[str, str]:
    """Two texts of one hash: after ``beginning``, of 4 + 8n letters, a word takes back what the one before changed."""
    start = 0x9FB21C651E98DF25

    def after(state: int, word: bytes) -> int:
        state = (state ^ int.from_bytes(word, "little")) * 0xD6E8FEB86659FD93 & 2**64 - 1
        return state ^ state >> 32

    for place in range(4, len(beginning), 8):
        start = after(start, beginning[place : place + 8].encode())
    first, second = b"00000000", b"constant"
    for place in range(1, 10**6):
        other = (b"%08d" % place)[::-1]  # its first byte decides the lowest bits, so that one varies
        change = after(start, first) ^ after(start, other)
        repaired = (int.from_bytes(second, "little") ^ change).to_bytes(8, "little")
        if repaired.isascii() and b"\0" not in repaired:
            return beginning + (first + second).decode() + end, beginning + (other + repaired).decode() + end
    raise AssertionError("one word in 256 is ASCII")


digits = st.integers(0, 10**6).map(str)
decimals = st.decimals(-(10**7), 10**7, allow_nan=False, allow_infinity=False, places=2).map(str)
doubles = st.floats(allow_nan=False, allow_infinity=False).map(repr)
integers = st.integers(-(2**70), 2**70).map(str)
small = st.integers(-3, 3).map(str)
dates = st.dates().map(str)
datetimes = st.datetimes().map(str)
zoned = st.builds(lambda when, zone: when.isoformat() + zone, st.datetimes(), st.sampled_from(["Z", "+01:00", "-0930"]))
texts = st.text(st.characters(codec="utf-8"), max_size=20)
like_numbers = st.text("0159+-.eE", max_size=6)
like_dates = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?(Z|\.[0-9]+)?)?", fullmatch=True
)
extremes = st.sampled_from(EXTREMES)
kinds = [digits, decimals, doubles, integers, small, dates, datetimes, zoned, texts, like_numbers, like_dates, extremes]
values = st.one_of(*kinds)


@st.composite
def columns(draw: st.DrawFn, min_size: int = 0, max_size: int = 40) -> list[str]:
    """Draw a column of one kind, or of two, or of anything, with empty values among them."""
    chosen = draw(st.one_of(st.sampled_from(kinds), st.just(values)))
    return draw(
        st.lists(
            st.one_of(chosen, st.just("")) if draw(st.booleans()) else chosen, min_size=min_size, max_size=max_size
        )
    )


@st.composite
def frames(draw: st.DrawFn, max_width: int = 3, max_height: int = 40) -> pl.DataFrame:
    """Draw a frame."""
    height = draw(st.integers(0, max_height))
    width = draw(st.integers(1, max_width))
    return frame_of(*(draw(columns(height, height)) for _ in range(width)))


def without_order(profile: Profile) -> Profile:
    """Leave out the one thing that depends on the order of the records."""
    return replace(profile, columns=tuple(replace(column, order=order.NONE) for column in profile.columns))


def frame_of(*columns: list[str]) -> pl.DataFrame:
    """Make a frame of columns given as lists of text."""
    return pl.DataFrame({str(place): pl.Series(column, dtype=pl.String) for place, column in enumerate(columns)})
