"""The page on patterns names code, tests, routes and patterns that are there."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from blueprints.samples import contents
from blueprints.samples.catalogue import PATTERNS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "patterns.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]
NAMED_ROUTES = set(re.findall(r"`((?:GET|POST) /api/[\w/{}-]+)`", PAGE))
LIST_FUNCTIONS = "import function_app; print(*(one.get_function_name() for one in function_app.app.get_functions()))"


@cache
def sentences_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def triggers_of_the_samples() -> dict[str, dict[str, Any]]:
    """By the functions' names."""
    app = df.DFApp()
    for blueprint in contents.BLUEPRINTS:
        app.register_functions(blueprint)
    return {one.get_function_name(): one.get_trigger().get_dict_repr() for one in app.get_functions()}


def test_every_path_that_the_page_names_is_there() -> None:
    paths = set(re.findall(r"`((?:fanfold|blueprints|tests|infra|docs)/[\w/.]+|[\w.]+\.json)", PAGE))
    assert paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", PAGE)
    assert [(path, name) for path, name in named if name not in sentences_in(path)] == []


def test_every_row_names_code_and_a_test_of_it() -> None:
    for row in ROWS:
        assert "`blueprints/samples/" in row, row
        assert "::test_" in row or "below" in row, row


def test_every_pattern_of_the_catalogue_has_a_row() -> None:
    named = [name for row in ROWS for name in re.findall(r"^\| [\w -]+ \| `([a-z-]+)`", row)]
    assert named == list(PATTERNS)


def test_the_page_names_every_route_of_the_samples_and_they_need_a_key() -> None:
    http = [one for one in triggers_of_the_samples().values() if one["type"] == "httpTrigger"]
    assert {f"{method} /api/{one['route']}" for one in http for method in one["methods"]} == NAMED_ROUTES
    assert {one["authLevel"] for one in http} == {func.AuthLevel.FUNCTION}


def test_the_app_without_samples_holds_none_of_them() -> None:
    environment = {**os.environ, "SAMPLES_ENABLED": "false"}
    command = [sys.executable, "-c", LIST_FUNCTIONS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    assert "dataset_dropped" in names
    assert names.isdisjoint(triggers_of_the_samples())
