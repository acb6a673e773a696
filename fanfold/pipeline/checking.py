"""The schema of a run: found once, when it begins."""

import json
from typing import Any

from fanfold.errors import RequestRefused
from fanfold.pipeline.options import Options
from fanfold.pipeline.ports import Ports
from fanfold.records.layout import Layout
from fanfold.schema.rules import Rules, read_rules


def find_rules(options: Options, layout: Layout, ports: Ports) -> Rules | None:
    """The rules that the options ask for, bound to the dataset's columns; None where they ask for none."""
    if options.schema is None:
        return None
    given = options.schema if isinstance(options.schema, dict) else _fetch(options.schema, ports)
    return read_rules(given, layout.columns)


def _fetch(name: str, ports: Ports) -> dict[str, Any]:
    container, blob = name.split("/", 1)
    data = ports.document(container, blob)
    if data is None:
        raise RequestRefused(f"options.schema: there is no blob {blob!r} in the container {container!r}")
    try:
        document = json.loads(data)
    except ValueError as error:
        raise RequestRefused(f"options.schema: {name} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise RequestRefused(f"options.schema: {name} holds no JSON object")
    return document
