"""Small charts, mostly as inline SVG: no styles of their own, no scripts, no text that could not be read aloud.

Every chart stretches to the width it is given (`preserveAspectRatio="none"`), so labels stand beside it, in HTML.
Lengths are per mille of the width: whole numbers keep a page of hundreds of charts small.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from markupsafe import Markup

from fanfold.nouns import counted
from fanfold.report.figures import number

_WIDTH = 1000
_HEIGHT = 100
_SPARK_WIDTH = 120
_SPARK_HEIGHT = 24
_SPARK_BARS_MAX = 30


@dataclass(frozen=True, slots=True)
class Bins:
    """Adjoining half-open bins: n + 1 rising edges, n counts; `whole` when they hold integers only."""

    edges: Sequence[float]
    counts: Sequence[int]
    whole: bool = False

    def last(self, index: int) -> float:
        """The right end as a reader would name it: the bin [3, 5) of integers ends with 4."""
        return self.edges[index + 1] - 1 if self.whole else self.edges[index + 1]

    def label(self, index: int, between: str) -> str:
        """What a bin holds."""
        first, last = number(self.edges[index]).text, number(self.last(index)).text
        return first if first == last and self.whole else f"{first}{between}{last}"


def histogram(bins: Bins, quantiles: Mapping[str, float | None]) -> Markup:
    """Bars over bins, above a strip of quantiles: a line from 5 % to 95 %, a box for the middle half, a median.

    Bins that differ in width are drawn equally wide; positions between two edges are interpolated.
    """
    bars = Markup("").join(_bin_bars(bins))
    return Markup(
        '<svg class="histogram" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>'
    ).format(_WIDTH, _HEIGHT + 22, _description(bins), bars, _strip(bins, quantiles))


def bar(part: float, whole: float, kind: str = "bar") -> Markup:
    """One horizontal bar on its track, in percent. It holds no text: the figure stands beside it.

    An element of a class that the style knows, no SVG: there are thousands on the page of a wide dataset.
    """
    return _bar(kind, _scaled(part, whole, 100))


@cache
def _bar(kind: str, percent: int) -> Markup:
    return Markup('<i class="{} w{}"></i>').format(kind, percent)


def segments(parts: Sequence[tuple[str, int]]) -> Markup:
    """Parts of a whole side by side, as (class, size). Named beside it, so hidden from a screen reader."""
    whole = sum(size for _, size in parts)
    rects, at = [], 0.0
    for kind, size in parts:
        width = _WIDTH * size / whole if whole else 0
        gap = 2 if at + width < _WIDTH - 1 else 0
        rects.append(
            Markup('<rect class="{}" x="{:.1f}" width="{:.1f}" height="1"/>').format(kind, at, max(width - gap, 1))
        )
        at += width
    return Markup(
        '<svg class="segments" viewBox="0 0 {} 1" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(_WIDTH, Markup("").join(rects))


def spark_bins(counts: Sequence[int]) -> Markup:
    """The shape of a histogram, small enough for a line of a table."""
    shown = _pooled(counts, _SPARK_BARS_MAX)
    step, tallest = _SPARK_WIDTH / len(shown), max(shown)
    bars = (
        f"M{round(index * step)} {_SPARK_HEIGHT}v-{_scaled(count, tallest, _SPARK_HEIGHT)}"
        f"h{max(round((index + 1) * step) - round(index * step) - 1, 1)}V{_SPARK_HEIGHT}z"
        for index, count in enumerate(shown)
        if count
    )
    return _spark("".join(bars))


def spark_parts(counts: Sequence[int], whole: int) -> Markup:
    """The most frequent values as parts of all of them, side by side on a track."""
    top, bottom = _SPARK_HEIGHT // 3, _SPARK_HEIGHT - _SPARK_HEIGHT // 3
    pieces, before = [], 0
    for count in counts:
        start, stop = (round(_SPARK_WIDTH * edge / whole) for edge in (before, before + count))
        if stop - start > 1:  # a sliver would be all gap
            pieces.append(f"M{start} {top}V{bottom}h{stop - start - 1}V{top}z")
        before += count
    return _spark("".join(pieces), track=f"M0 {top}V{bottom}h{_SPARK_WIDTH}V{top}z")


def _spark(path: str, track: str = "") -> Markup:
    shapes = Markup('<path class="track" d="{}"/>').format(track) if track else Markup("")
    shapes += Markup('<path d="{}"/>').format(path) if path else Markup("")
    return Markup('<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        _SPARK_WIDTH, _SPARK_HEIGHT, shapes
    )


def _bin_bars(bins: Bins) -> list[Markup]:
    step, tallest = _WIDTH / len(bins.counts), max(bins.counts)
    bars = []
    for index, count in enumerate(bins.counts):
        if not count:
            continue
        x, right, height = round(index * step), round((index + 1) * step), _scaled(count, tallest, _HEIGHT)
        title = bins.label(index, " \N{EN DASH} ") + f": {number(count).text}"
        bars.append(
            Markup('<rect x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
                x, _HEIGHT - height, max(right - x - 2, 1), height, title
            )
        )
    return bars


def _strip(bins: Bins, quantiles: Mapping[str, float | None]) -> Markup:
    at = {key: _position(bins, value) for key, value in quantiles.items() if value is not None}
    if not {"0.05", "0.25", "0.5", "0.75", "0.95"} <= at.keys():
        return Markup("")
    middle = _HEIGHT + 13
    return Markup(
        '<g class="strip"><path class="reach" d="M{} {m}H{}"/><rect class="half" x="{}" y="{}" width="{}" height="10"/>'
        '<path class="median" d="M{} {}V{}"/></g>'
    ).format(
        *(at["0.05"], at["0.95"], at["0.25"], middle - 5, max(at["0.75"] - at["0.25"], 2)),
        *(at["0.5"], middle - 8, middle + 8),
        m=middle,
    )


def _position(bins: Bins, value: float) -> int:
    """Where a value stands on an axis that gives every bin the same width; an integer in the middle of its place.

    In fractions: two doubles may be further apart than a double holds, and integers may be larger than any.
    """
    index = min(max(bisect_right(bins.edges, value) - 1, 0), len(bins.counts) - 1)
    left, right = Fraction(bins.edges[index]), Fraction(bins.edges[index + 1])
    if left >= right:
        return round(_WIDTH * (index + Fraction(1, 2)) / len(bins.counts))
    within = (Fraction(value) - left + Fraction(int(bins.whole), 2)) / (right - left)
    inside = min(max(within, Fraction(0)), Fraction(1))
    return round(_WIDTH * (index + inside) / len(bins.counts))


def _description(bins: Bins) -> str:
    fullest = max(range(len(bins.counts)), key=bins.counts.__getitem__)
    last = number(bins.last(len(bins.counts) - 1)).text
    return (
        f"Histogram of {counted(len(bins.counts), 'bin')} from {number(bins.edges[0]).text} to {last}. "
        f"The fullest, {bins.label(fullest, ' to ')}, holds {number(bins.counts[fullest]).text}."
    )


def _scaled(part: float, whole: float, length: int) -> int:
    """Whole units of length; what is there at all is at least one unit long."""
    if not whole or not part:
        return 0
    return max(round(length * part / whole), 1)


def _pooled(counts: Sequence[int], most: int) -> list[int]:
    group = -(-len(counts) // most)
    return [sum(counts[at : at + group]) for at in range(0, len(counts), group)]
