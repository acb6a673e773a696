"""`check_processor` lets a sound processor pass, and names the law that another breaks."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from fanfold.testing import check_processor

EXAMPLE = Path(__file__).parents[3] / "examples" / "most_expensive.py"
FRAME = pd.DataFrame({"id": [str(row) for row in range(40)], "amount": [str(row * 7 % 11) for row in range(40)]})


LEFT_HANDED: dict[str, Callable[..., Any]] = {
    "process": lambda frame, _: [len(frame), 0],
    "merge": lambda a, b: [a[0] + b[0], a[1] + 1],
    "report": lambda total: {"title": "Records" if total[1] < 2 else "More"},
}


def processor(**functions: Callable[..., Any]) -> Any:
    sound = {
        "process": lambda frame, _: len(frame),
        "merge": lambda a, b: a + b,
        "report": lambda total: {"title": "Records", "figures": {"records": total}},
    }
    return SimpleNamespace(**{**sound, **functions})


def test_a_sound_processor_passes_and_shows_its_section() -> None:
    assert check_processor(processor(), FRAME) == {"title": "Records", "figures": {"records": 40}}


def test_the_example_is_sound() -> None:
    spec = importlib.util.spec_from_file_location("most_expensive", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    section = check_processor(example, FRAME, {"column": "amount"})
    assert [row[1] for row in section["tables"][0]["rows"]] == ["10", "10", "10", "10", "9"]


def spoil(frame: pd.DataFrame, _: Any) -> int:
    frame.loc[:, "id"] = "spoilt"
    return len(frame)


def count_up(seen: list[int]) -> Callable[..., int]:
    def process(_frame: pd.DataFrame, _chunk: Any) -> int:
        seen.append(1)
        return len(seen)

    return process


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"process": count_up([])}, "of the same records"),
        ({"process": lambda *_: {1, 2}}, "process gave what is not JSON"),
        ({"process": lambda *_: float("nan")}, "process gave what is not JSON"),
        ({"merge": lambda a, b: a - b}, "that of the whole"),
        (LEFT_HANDED, "merge is not associative"),
        ({"merge": max}, "that of the whole"),
        ({"process": lambda *_: 1, "merge": lambda a, b: a + b}, "that of the whole"),
    ],
)
def test_a_broken_law_is_named(broken: dict[str, Callable[..., Any]], named: str) -> None:
    with pytest.raises(AssertionError, match=named):
        check_processor(processor(**broken), FRAME)


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ("text", "found str|gave str"),
        ({}, "title"),
        ({"title": "t", "tables": [{"columns": ["a"], "rows": [[1, 2]]}]}, "another width"),
        ({"title": "t", "tables": [{"columns": ["a"], "rows": ["1"]}]}, "another width"),
        ({"title": "t", "tables": [{"columns": [1], "rows": [[1]]}]}, "a list of texts"),
        ({"title": "t", "tables": [{"title": 1, "columns": ["a"], "rows": [[1]]}]}, "as title a text"),
        ({"title": "t", "tables": [{"columns": "a", "rows": [[1]]}]}, "a list of texts"),
        ({"title": "t", "tables": [{"columns": ["a"]}]}, "expected columns, rows"),
        ({"title": "t", "tables": [[1]]}, "expected columns, rows"),
        ({"title": "t", "tables": [{"columns": ["a"], "rows": [], "note": ""}]}, "expected columns, rows"),
        ({"title": "t", "chart": {}}, "chart"),
    ],
)
def test_a_section_of_another_form_is_refused(section: Any, named: str) -> None:
    with pytest.raises(TypeError, match=named):
        check_processor(processor(report=lambda _: section), FRAME)
