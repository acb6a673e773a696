"""Numbers as people write them: with thousands separators, a decimal comma, a unit, in parentheses.

========= ==================================================================================================
body      digits without a needless zero, or groups of three after the first one to three, all separated by the other
          mark, by a space (also a narrow or a no-break one) or by an apostrophe; then, where there is one, the decimal
          mark and digits. Digits may be missing before the mark. Decimal commas may have an exponent of two digits
signed    ``-`` before the body
unit      a currency sign before or after it, or ``%`` after it, each with at most one space between; the sign, ``-`` or
          ``+``, then stands first or between
brackets  a body, with or without a unit, in parentheses is negative
========= ==================================================================================================

A longer text than FORM_BYTES_MAX is none of these. A per cent stays the number that is written: 12.5 of ``12.5 %``.
"""

import re

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile.arrays import Rows
from fanfold.profile.forms import UNTOUCHED, Family, Rewritten, Written, all_match, flags

CURRENCIES = "$€£¥₹₩₽₺"
SPACES = " \u00a0\u2009\u202f"
APOSTROPHES = "'\u2019"
_SPACE, _APOSTROPHE, _CURRENCY = (f"[{each}]" for each in (SPACES, APOSTROPHES, CURRENCIES))


def _pattern(decimal: str, group: str) -> str:
    groups = "|".join(f"(?:{separator}[0-9]{{3}})+" for separator in (group, _SPACE, _APOSTROPHE))
    body = f"(?:(?:0|[1-9][0-9]*|[1-9][0-9]{{0,2}}(?:{groups}))(?:{decimal}[0-9]+)?|{decimal}[0-9]+)"
    unit = f"{_SPACE}?(?:{_CURRENCY}|%)"
    forms = (
        f"-?{body}",
        f"[+-]?{body}{unit}",
        f"[+-]{_CURRENCY}{_SPACE}?{body}",
        f"{_CURRENCY}{_SPACE}?[+-]?{body}",
        rf"\({_CURRENCY}{_SPACE}?{body}\)",
        rf"\({body}(?:{unit})?\)",
        rf"{_CURRENCY}{_SPACE}?\({body}\)",
        f"-?(?:0|[1-9][0-9]*)?{decimal}[0-9]+[eE][+-]?[0-9]{{1,2}}",
    )
    return f"^(?:{'|'.join(forms)})$"


_POINT, _COMMA = _pattern(r"\.", ","), _pattern(",", r"\.")
_EITHER = f"{_POINT}|{_COMMA}"
_GROUPED = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"
"""A plain number that is another one with a decimal comma."""
_PLAIN_WITH_COMMA = rf"{_GROUPED}|^[^.]*$"


def read(written: Written) -> Family | None:
    """Read values that are plain integers, numbers and texts; None when some text is no number at all."""
    if not written.texts.size:
        return Family((0, 0, 0), (True, _with_comma(written))) if written.numbers.size else UNTOUCHED
    if not written.may_match(written.texts, _EITHER):
        return None
    texts = written.pick(written.texts)
    if not all_match(texts, _EITHER) or texts.str.len_bytes().to_numpy().max() > limits.FORM_BYTES_MAX:
        return None
    point, comma = flags(texts, _POINT), flags(texts, _COMMA)
    votes = (
        written.weight(written.texts, ~comma),
        written.weight(written.texts, ~point),
        written.weight(written.texts, point & comma & flags(texts, "[.,]")),
    )
    return Family(
        votes,
        (
            _rewritten(written, written.texts, ".") if point.all() else False,
            _with_comma(written) if comma.all() else False,
        ),
    )


def _with_comma(written: Written) -> Rewritten | bool:
    """All values when commas are decimal, which all texts allow; the plain numbers may not."""
    if written.numbers.size and not written.may_match(written.numbers, _PLAIN_WITH_COMMA):
        return False
    numbers = written.pick(written.numbers)
    if not all_match(numbers, _PLAIN_WITH_COMMA):
        return False
    rows = np.concatenate([written.texts, written.numbers[flags(numbers, ".", literal=True)]])
    return _rewritten(written, np.sort(rows), ",") if rows.size else True


def _rewritten(written: Written, rows: Rows, decimal: str) -> Rewritten:
    texts = written.pick(rows)
    marks = _marks(written, rows, texts)
    plain = texts.str.replace_all(f"[^0-9{decimal}eE+-]", "").str.strip_prefix("+")
    if decimal != ".":
        plain = plain.str.replace(decimal, ".", literal=True)
    if "(" in marks:
        plain = pl.select(pl.when(texts.str.contains("(", literal=True)).then("-" + plain).otherwise(plain)).to_series()
    return Rewritten(written.replace(rows, plain), marks)


_MARKS = {
    ",": ",",
    ".": r"\.",
    " ": f"[0-9]{_SPACE}[0-9]",
    "'": _APOSTROPHE,
    "%": "%",
    "(": r"\(",
    **{sign: re.escape(sign) for sign in CURRENCIES},
}
"""What is counted, by its name: decimal and thousands marks, units, brackets."""


def _marks(written: Written, rows: Rows, texts: pl.Series) -> dict[str, int]:
    """How many of the texts have each mark."""
    known = _MARKS if texts.str.contains("[^0-9.,-]").any() else (",", ".")
    counts = {mark: written.weight(rows, flags(texts, _MARKS[mark])) for mark in known}
    return {mark: count for mark, count in counts.items() if count}
