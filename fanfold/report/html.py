"""report.html: one self-contained page, rendered from the report.json document alone.

Nothing on the page comes from elsewhere, and its content security policy allows nothing else: the style and the script
are inlined and named by their hashes. All text of the dataset goes through `fanfold.report.text` and Jinja's
autoescape, so that none of it is markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from fanfold import limits
from fanfold.nouns import counted
from fanfold.report import correlations, drift, gaps, identity, made, making, overview, promises, sample, validation
from fanfold.report.card import make_card
from fanfold.report.figures import moment
from fanfold.report.text import datum, plain

_TITLE_CHARACTERS = 120
_NAME_CHARACTERS = 300


def to_html(document: Mapping[str, Any], schema: Mapping[str, Any] | None = None) -> bytes:
    """The page in UTF-8, with the Table Schema that follows from the document, if given.

    It depends on the document alone: the same document is the same bytes.
    """
    shown = document["columns"][: limits.CARDS_MAX]
    positions = {column["name"]: position for position, column in enumerate(shown, 1)}
    about = defaultdict(list)
    for alert in document["alerts"]:
        about[alert.get("column")].append(alert)
    text = _template().render(
        style=_asset("report.css"),
        style_hash=_hash("report.css"),
        script=_asset("report.js"),
        script_hash=_hash("report.js"),
        icon=_icon(),
        title=plain(document["dataset"]["name"], _TITLE_CHARACTERS),
        name=datum(document["dataset"]["name"], _NAME_CHARACTERS),
        completed=moment(document["run"]["completed_at"]),
        strip=overview.strip(document),
        types=overview.types(document["columns"]),
        alerts=overview.all_alerts(document["alerts"], positions),
        cards=[make_card(positions[column["name"]], column, about[column["name"]]) for column in shown],
        uncarded=len(document["columns"]) - len(shown),
        correlations=correlations.section(document, positions),
        gaps=gaps.section(document, positions),
        identity=identity.section(document, positions),
        sample=sample.section(document, positions),
        rejects=overview.rejects(document),
        promises=promises.section(schema, positions),
        validation=validation.section(document),
        drift=drift.section(document, positions),
        made=made.sections(document),
        making=making.sections(document),
        failures=making.failures(document),
        datasets=making.datasets(document),
    )
    return text.encode("utf-8", "backslashreplace")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fanfold.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["counted"] = counted
    return environment


@cache
def _template() -> Template:
    return _environment().get_template("report.html.j2")


@cache
def _asset(name: str) -> Markup:
    """A file of our own, as it is. `{{ }}` never appears in it, `</` neither."""
    loader = _environment().loader
    assert loader is not None  # noqa: S101 - set two functions above
    return Markup(loader.get_source(_environment(), name)[0])  # noqa: S704 - our own file


@cache
def _hash(name: str) -> str:
    digest = hashlib.sha256(_asset(name).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def _icon() -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(_asset("icon.svg").encode()).decode()
