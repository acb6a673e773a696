"""What a column's texts look like: kinds of characters, patterns, and what only personal data looks like.

Judged by counted values: all of them while they are counted each, else those of the record sample, of which the shares
are estimates of those among the distinct records. Long values are known by their beginnings.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fanfold import limits
from fanfold.profile.personal import PERSONAL
from fanfold.profile.rounding import BOUND_DEVIATIONS

ELLIPSIS = "…"

Report = dict[str, object]


@dataclass(frozen=True, slots=True)
class Looked:
    """Texts, by the beginnings of which there are ``known`` in the column, and how many values they stand for."""

    counts: Mapping[str, int]
    count: int
    """Values in the column."""
    exact: bool
    """Whether they are all of them."""

    @property
    def looked_at(self) -> int:
        """How many values they are."""
        return sum(self.counts.values())

    @property
    def error(self) -> int:
        """The most by which an estimated count of values is off, in 9,999 of 10,000 datasets."""
        if self.exact:
            return 0
        if not self.counts:
            return self.count
        share = min(1.0, BOUND_DEVIATIONS / (2 * math.sqrt(self.looked_at)))
        return math.ceil(share * self.count)

    def scaled(self, looked_at: int) -> int:
        """How many values of the column so many of these stand for."""
        return looked_at if self.exact else round(looked_at * self.count / (self.looked_at or 1))


def describe_looks(looked: Looked) -> Report:
    """JSON-ready: how many values hold each kind of character, and the most frequent patterns."""
    kinds: Counter[str] = Counter()
    patterns: Counter[str] = Counter()
    for text, count in looked.counts.items():
        pattern = pattern_of(text)
        patterns[pattern if len(pattern) <= limits.PATTERN_CHARACTERS else _cut(pattern)] += count
        for kind, holds in _KINDS.items():
            if holds(text, pattern):
                kinds[kind] += count
    bound = {"exact": looked.exact, "error": looked.error}
    first = sorted(patterns.items(), key=lambda item: (-item[1], item[0]))[: limits.TOP_PATTERNS]
    return {
        "characters": {kind: looked.scaled(kinds[kind]) for kind in _KINDS} | bound,
        "patterns": [{"pattern": pattern, "count": looked.scaled(count)} for pattern, count in first],
        "patterns_exact": looked.exact,
        "patterns_error": looked.error,
    }


def describe_personal(looked: Looked) -> Report:
    """JSON-ready: how many of the values looked at have the form of each kind of personal data."""
    found = {
        kind: sum(count for text, count in looked.counts.items() if reads(text)) for kind, reads in PERSONAL.items()
    }
    return {"personal": {"looked_at": looked.looked_at} | found} if any(found.values()) else {}


_WHITE_CONTROLS = "\t\n\v\f\r\x85"


def _class_of(code: int) -> str:
    character = chr(code)
    category = unicodedata.category(character)
    if category[0] in "LM":
        return "A" if category in {"Lu", "Lt"} else "a"
    if category == "Nd":
        return "9"
    return " " if category[0] == "Z" or character in _WHITE_CONTROLS else character


class _Classes(dict[int, str]):
    """For ``str.translate``: what stands for a character in a pattern; those asked for most are there already."""

    def __missing__(self, code: int) -> str:
        return _class_of(code)


_LATIN = 0x250
_CLASSES = _Classes({code: _class_of(code) for code in range(_LATIN)})


def pattern_of(text: str) -> str:
    """A text with ``A`` for capital letters, ``a`` for others, ``9`` for digits, a blank for white space."""
    return text.translate(_CLASSES)


def _cut(pattern: str) -> str:
    return pattern[: limits.PATTERN_CHARACTERS] + ELLIPSIS


_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")

_KINDS: Mapping[str, Callable[[str, str], bool]] = {
    "letters": lambda _, pattern: "a" in pattern or "A" in pattern,
    "digits": lambda _, pattern: "9" in pattern,
    "spaces": lambda _, pattern: " " in pattern,
    "punctuation": lambda text, _: _PUNCTUATION.search(text) is not None,
    "controls": lambda text, _: _CONTROL.search(text) is not None,
    "non_ascii": lambda text, _: not text.isascii(),
}
"""Kinds of characters, and whether a text, whose pattern is given, holds any; punctuation is that of ASCII."""
