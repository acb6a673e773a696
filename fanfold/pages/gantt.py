"""A timeline as a picture: a strip of inline SVG for each row, and an axis above them.

Positions are percentages, so that a strip is as wide as its place and nothing in it is stretched.
"""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from fanfold.pages.timeline import DONE, FAILED, Row, Timeline, Try
from fanfold.report.figures import Figure, duration
from fanfold.report.text import plain

_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 18_000, 36_000, 86_400)
_TICKS_MAX = 5
_LEAST = 0.4
"""Percent: what took no time is still seen."""

_KINDS = {DONE: "done", FAILED: "lost"}


@dataclass(frozen=True, slots=True)
class Strip:
    """A row as shown."""

    label: str
    picture: Markup
    took: Figure
    aside: str
    """What only those hear who do not see the picture."""
    note: str


def strips(timeline: Timeline) -> list[Strip]:
    """The rows; of each the time from its first beginning to its last end, and what there is to say of it."""
    return [_strip(row, timeline) for row in timeline.rows]


def axis(timeline: Timeline) -> Markup:
    """The times below which the strips stand."""
    span_s = _span_s(timeline)
    texts = Markup("").join(
        Markup('<text x="{:.2f}%" y="1em">{}</text>').format(100 * tick / span_s, _tick(tick))
        for tick in _ticks(span_s)
        if tick < 0.93 * span_s  # what stands further right would be cut off
    )
    return Markup('<svg class="axis" aria-hidden="true">{}</svg>').format(texts)


def _strip(row: Row, timeline: Timeline) -> Strip:
    span_s = _span_s(timeline)
    lines = Markup("").join(
        Markup('<line x1="{x:.2f}%" x2="{x:.2f}%" y2="100%"/>').format(x=100 * tick / span_s)
        for tick in _ticks(span_s)[1:]
    )
    bars = Markup("").join(_bar(one, timeline) for one in row.tries)
    last = row.tries[-1]
    took = duration(((last.stop or timeline.stop) - row.tries[0].start).total_seconds())
    picture = Markup('<svg class="lane" aria-hidden="true">{}{}</svg>').format(lines, bars)
    return Strip(row.label, picture, took, "" if last.outcome == FAILED else last.outcome, _note(row))


def _bar(one: Try, timeline: Timeline) -> Markup:
    x = _percent(one.start, timeline)
    width = max(_percent(one.stop or timeline.stop, timeline) - x, _LEAST)
    return Markup('<rect class="{}" x="{:.2f}%" width="{:.2f}%" height="100%"/>').format(
        _KINDS.get(one.outcome, "open"), min(x, 100 - _LEAST), width
    )


def _note(row: Row) -> str:
    """What went wrong, if anything did."""
    last = row.tries[-1]
    if last.outcome == FAILED:
        return f"failed: {plain(last.error)}"
    failed = [one for one in row.tries if one.outcome == FAILED]
    return f"try {len(row.tries)}, after: {plain(failed[-1].error)}" if failed else ""


def _span_s(timeline: Timeline) -> float:
    return max((timeline.stop - timeline.start).total_seconds(), 0.001)


def _percent(at: datetime, timeline: Timeline) -> float:
    return 100 * (at - timeline.start).total_seconds() / _span_s(timeline)


def _ticks(span_s: float) -> list[float]:
    step = next((step for step in _STEPS_S if span_s / step <= _TICKS_MAX), span_s / 4)
    return [step * n for n in range(int(span_s / step) + 1)]


def _tick(at_s: float) -> str:
    if at_s < 60:
        return f"{at_s:g} s"
    minutes, seconds = divmod(round(at_s), 60)
    hours, minutes = divmod(minutes, 60)
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if n)
