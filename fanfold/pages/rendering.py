"""How a page is made: with autoescape, in the look of the reports, under a policy that lets nothing else in."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fanfold.nouns import counted

NAME_CHARACTERS = 300
TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page has to know of the request for it."""

    code: str | None = None
    """The key that the visitor has come with, if any: links go on with it."""

    def link(self, path: str, **parameters: str | None) -> str:
        """A path of ours with its parameters, and the visitor's key."""
        given = {name: value for name, value in {**parameters, "code": self.code}.items() if value}
        return path + ("?" + urlencode(given) if given else "")


@cache
def policy() -> str:
    """The content security policy that pages are sent with: no style and no script but ours, known by their hashes."""
    return (
        f"default-src 'none'; style-src '{_hash(_style())}'; script-src '{_hash(_asset('pages.js'))}'; "
        "connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def render(template: str, visit: Visit, **values: Any) -> bytes:
    """The page in UTF-8."""
    page = _environment().get_template(template)
    shown = page.render(visit=visit, style=_style(), script=_asset("pages.js"), icon=_icon(), **values)
    return shown.encode("utf-8", "backslashreplace")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("fanfold.pages", "templates"), PackageLoader("fanfold.report", "templates")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["counted"] = counted
    return environment


@cache
def _asset(name: str) -> Markup:
    """A file of our own, as it is. `</` never appears in it."""
    environment = _environment()
    assert environment.loader is not None  # noqa: S101 - set in the function above
    return Markup(environment.loader.get_source(environment, name)[0])  # noqa: S704 - our own file


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _style() -> Markup:
    """The reports' style, and what only these pages have."""
    return _asset("report.css") + _asset("pages.css")


@cache
def _icon() -> str:
    return "data:image/svg+xml," + urlencode({"": _asset("icon.svg")})[1:].replace("+", "%20")
