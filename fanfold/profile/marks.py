"""Values that stand for something else than they say: blanks, infinities and what is no number.

A blank is a value of white space alone (Unicode's White_Space). Infinity is ``inf`` or ``infinity``, with or without a
sign, "no number" is ``nan``, in any mixture of cases: no number of the grammar in ``numbers``, so they are counted as
text, and here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fanfold.profile.arrays import Counts, Flags, Rows
from fanfold.profile.strings import Strings


@dataclass(frozen=True, slots=True)
class Marks:
    """How many values are each."""

    blanks: int = 0
    infinite: int = 0
    nans: int = 0


_PATTERNS = (r"^\s+$", r"^(?i:[+-]?(inf|infinity))$", r"^(?i:[+-]?nan)$")
"""In the order of ``Marks``; the ends are those of the text: no line is looked at alone."""


def _beginnings() -> Flags:
    """Which first two bytes such a value may have."""
    table = np.zeros((256, 256), np.bool_)  # by the second byte, then by the first: little-endian
    table[:, [*b"\t\n\v\f\r "]] = True
    for first, second in (b"\xc2\x85", b"\xc2\xa0", b"\xe1\x9a", b"\xe2\x80", b"\xe2\x81", b"\xe3\x80"):
        table[second, first] = True
    for pair in (b"in", b"na", b"+i", b"+n", b"-i", b"-n"):
        for word in {pair, pair.upper(), pair.title(), pair.title().swapcase()}:
            table[word[1], word[0]] = True
    return table.reshape(-1)


_BEGINNINGS = _beginnings()


def add(marks: Sequence[Marks]) -> Marks:
    """Of all values together."""
    return Marks(
        sum(each.blanks for each in marks), sum(each.infinite for each in marks), sum(each.nans for each in marks)
    )


def find_marks(strings: Strings, counts: Counts | None) -> Marks:
    """Count them among values that are not empty, each there ``counts`` times (None: once)."""
    rows = np.flatnonzero(_BEGINNINGS.take(strings.prefix.view(np.uint16)[::2]))
    if not rows.size:
        return Marks()
    texts = strings.series[rows]
    found = (np.flatnonzero(texts.str.contains(pattern).to_numpy()) for pattern in _PATTERNS)
    return Marks(*(_weight(rows[places], counts) for places in found))


def _weight(rows: Rows, counts: Counts | None) -> int:
    return int(rows.size if counts is None else counts[rows].sum())
