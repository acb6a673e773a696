"""The small pieces a page is made of: labelled figures and bar lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from fanfold.report import charts
from fanfold.report.figures import NOTHING, number, share
from fanfold.report.text import datum

VALUE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A labelled figure."""

    label: str
    value: Markup


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a bar list: something, how often, and that as part of the whole."""

    value: Markup
    bar: Markup
    count: Markup
    share: str
    rest: bool = False


def value(raw: object, limit: int = VALUE_CHARACTERS) -> Markup:
    """A figure or a value of the dataset, as shown in a line of text."""
    if raw is None:
        return escape(NOTHING)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return escape(number(raw))
    return datum(raw, limit)


def approximate(shown: Markup, within: str) -> Markup:
    """Marked when there is a bound it is within."""
    if not within:
        return shown
    return Markup('<abbr title="approximate, {}">≈</abbr>{}').format(within, shown)


def bars(counts: Sequence[tuple[Markup, int]], whole: int, within: str = "") -> list[Bar]:
    """A bar list of counts. A bar's track is the whole, so that a value which does not dominate does not look so."""
    return [
        Bar(shown, charts.bar(count, whole), approximate(escape(number(count)), within), share(count, whole))
        for shown, count in counts
    ]


def column_link(name: str, positions: Mapping[str, int], limit: int = VALUE_CHARACTERS) -> Markup:
    """A column's name; where the page has its card, a link to it."""
    shown = datum(name, limit)
    position = positions.get(name, 0)
    return Markup('<a href="#column-{}">{}</a>').format(position, shown) if position else shown
