"""How the numbers of the columns go together: a matrix of Pearson's coefficients, and the strongest pairs in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from markupsafe import Markup

from fanfold.report.figures import NOTHING, Figure, number
from fanfold.report.pieces import column_link

_NAME_CHARACTERS = 28
_STRONGEST_SHOWN = 10
_NOTABLE = 0.1  # weaker ones are no news
_SHADES = 10
_NEARLY_PERFECT = 0.995


@dataclass(frozen=True, slots=True)
class Cell:
    """A coefficient; `shade` is a class of the page's style: `up-1` to `up-10`, `down-1` to `down-10`, or empty."""

    figure: Figure
    shade: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns and their coefficient."""

    one: Markup
    other: Markup
    cell: Cell


@dataclass(frozen=True, slots=True)
class Section:
    """The matrix, a name and a row of cells a column, and the pairs that stand out, strongest first."""

    rows: tuple[tuple[Markup, tuple[Cell, ...]], ...]
    strongest: tuple[Pair, ...]


def section(document: Mapping[str, Any], positions: Mapping[str, int]) -> Section | None:
    """None where no two columns hold numbers."""
    found = document["dataset"].get("correlations")
    if not found or not found["columns"]:
        return None
    names = [column_link(name, positions, _NAME_CHARACTERS) for name in found["columns"]]
    rows = tuple((name, tuple(map(_cell, row))) for name, row in zip(names, found["matrix"], strict=True))
    return Section(rows, _strongest(names, found["matrix"]))


def _strongest(names: Sequence[Markup], matrix: Sequence[Sequence[float | None]]) -> tuple[Pair, ...]:
    pairs = [(i, j, abs(matrix[i][j] or 0.0)) for i, j in combinations(range(len(names)), 2)]
    notable = sorted((pair for pair in pairs if pair[2] >= _NOTABLE), key=lambda pair: -pair[2])
    return tuple(Pair(names[i], names[j], _cell(matrix[i][j])) for i, j, _ in notable[:_STRONGEST_SHOWN])


def _cell(coefficient: float | None) -> Cell:
    if coefficient is None:
        return Cell(Figure(NOTHING), "")
    strength = round(abs(coefficient) * _SHADES)
    shade = f"{'up' if coefficient > 0 else 'down'}-{strength}" if strength else ""
    return Cell(Figure(_rounded(coefficient), number(coefficient, 17).text), shade)


def _rounded(coefficient: float) -> str:
    """Two digits, and 1 only where it is 1: what is less than perfect never looks like it."""
    if abs(coefficient) == 1:
        text = f"{coefficient:.0f}"
    elif abs(coefficient) >= _NEARLY_PERFECT:
        text = f"{coefficient:.0f}".replace("1", ">0.99")
    else:
        text = f"{coefficient:.2f}".replace("-0.00", "0.00")
    return text.replace("->", "<-").replace("-", "\N{MINUS SIGN}")
