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
    "x" * 1025, "1" * 513, "N/A", "null", " ", "\t", "\n", '"', "a,b", "\xa0", "\xa0 \r\n", "NA", "-", "?", "None",
    "1,5", "1,234", "1.234", "12,34", "1,234.5", "1.234,5", "1.234.567", "1,234,567", "0,125", ",5", "-,5", "5,",
    "1,5e3", "1,5E+10", "1,5e100", "1 234", "1\xa0234,5", "1\u202f234.5", "1'234", "1\u2019234,50", "1 234'567",
    "1,23", "01,5", "0.123", "999.999", "1000.000", "-1.234", "$5", "$ 5", "$  5", "-$5", "$-5", "-$-5", "+$5", "5 €",
    "5€", "-5 €", "+5 €", "$5€", "5 %", "5%", "+1.5 %", "-1,5 %", "% 5", "(5)", "($5)", "$(5)", "$ (5.00)", "(5 €)",
    "(5 %)", "(-5)", "-(5)", "$($5)", "()", "$", "€ 1.234,50", "£1,234.50", "1,234 ¥", "1" * 38+" €", "1" * 37+" €",
    "01/02/2024", "1/2/2024", "13/01/2024", "01/13/2024", "31/02/2024", "29/02/2023", "2/29/2024", "05/05/2024",
    "01.02.2024", "01.13.2024", "13-01-2024", "01-13-2024", "01/02-2024", "01/02/24", "1/2/2024 3:04",
    "1/2/2024 03:04:05", "1/2/2024T3:04", "1/2/2024 3:4", "1/2/2024 24:00", "1/2/2024 ", "1/2/2024 03:04:05.5",
    "001/2/2024", "12/12/0000", "00/01/2024",
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
marks = st.sampled_from([("", "."), (",", "."), (".", ","), ("", ","), (" ", ","), ("'", "."), ("\xa0", ".")])
written = st.builds(
    lambda cents, form, marks: form.format(
        f"{cents / 100:,.2f}".translate(str.maketrans({",": marks[0], ".": marks[1]}))
    ),
    st.integers(-(10**9), 10**9),
    st.sampled_from(["{}", "${}", "{} €", "{}%", "({})"]),
    marks,
)
"""Amounts in any of the forms."""
grouped = st.builds(lambda number, mark: f"{number:,}".replace(",", mark), st.integers(0, 10**7), st.sampled_from(".,"))
amounts = st.integers(-(10**9), 10**9).map(
    lambda cents: f"{cents / 100:,.2f}".translate(str.maketrans({",": ".", ".": ","}))
)
prices = st.integers(0, 10**7).map(lambda cents: f"${cents / 100:,.2f}")
shares = st.builds(lambda number, mark: f"{number}{mark}5 %", small, st.sampled_from(".,"))
slashed = st.dates().map(lambda day: f"{day.day:02}/{day.month:02}/{day.year:04}")
american = st.datetimes().map(lambda when: f"{when.month}/{when.day}/{when.year:04} {when.hour}:{when.minute:02}")
early = st.builds(lambda day, month: f"{day}.{month}.2024", st.integers(1, 13), st.integers(1, 12))
like_forms = st.text("0125.,' €%$()-+", max_size=7)
like_slashed = st.from_regex(r"[0-3]?[0-9][/.-][01]?[0-9][/.-]20[0-9]{2}( [0-2]?[0-9]:[0-6][0-9])?", fullmatch=True)
tokens = st.sampled_from(["NA", "NULL", "-", "n/a", "NaN", "None", "?", "null", "Null"])
forms = [written, grouped, amounts, prices, shares, slashed, american, early, like_forms, like_slashed]
extremes = st.sampled_from(EXTREMES)
kinds = [
    *forms,
    digits,
    decimals,
    doubles,
    integers,
    small,
    dates,
    datetimes,
    zoned,
    texts,
    like_numbers,
    like_dates,
    extremes,
]
values = st.one_of(*kinds)


@st.composite
def columns(draw: st.DrawFn, min_size: int = 0, max_size: int = 40) -> list[str]:
    """Draw a column of one kind, or of two, or of anything, with empty values and null tokens among them."""
    chosen = draw(st.one_of(st.sampled_from(kinds), st.just(values)))
    if draw(st.booleans()):
        chosen = st.one_of(chosen, draw(st.sampled_from([*kinds, tokens])))
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
    columns = [replace(column, order=order.NONE, order_as_text=None) for column in profile.columns]
    return replace(profile, columns=tuple(columns))


def frame_of(*columns: list[str]) -> pl.DataFrame:
    """Make a frame of columns given as lists of text."""
    return pl.DataFrame({str(place): pl.Series(column, dtype=pl.String) for place, column in enumerate(columns)})
