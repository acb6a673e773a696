"""Binding expressions: ``%SETTING%`` from the app settings, ``{name}`` from what triggered the function."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_host.settings import BadSettings, substitute

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def resolve_settings(template: str) -> str:
    """Replace every ``%NAME%`` by the app setting of that name."""
    return substitute(template, os.environ)


class BlobPath:
    """The path of a blob trigger: a container, and a pattern for the names of its blobs."""

    def __init__(self, template: str) -> None:
        path = resolve_settings(template)
        self.container, _, pattern = path.partition("/")
        parts = _PLACEHOLDER.split(pattern or "{name}")
        names = parts[1::2]
        if odd := [one for one in names if not one.isidentifier() or names.count(one) > 1]:
            raise BadSettings(f"blob path '{template}': the placeholder '{{{odd[0]}}}' is not supported")
        # Every other part is a placeholder's name. As on the real host, one takes in slashes too.
        expression = "".join(f"(?P<{part}>.*)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
        self._expression = re.compile(expression, re.DOTALL)
        self.prefix = parts[0]

    def match(self, blob: str) -> dict[str, str] | None:
        """What the placeholders stand for in this blob's name; None where it does not match."""
        found = self._expression.fullmatch(blob)
        return found.groupdict() if found else None


def fields_of(text: str | bytes) -> dict[str, Any]:
    """What expressions know of a message or a body: the fields of one that is a JSON object, else nothing."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def bind(template: str, data: Mapping[str, Any], function: str) -> str:
    """Replace ``%NAME%`` and ``{name}``, of which ``{a.b}`` looks into a JSON object."""
    return _PLACEHOLDER.sub(lambda found: _value(found[1], data, function), resolve_settings(template))


def check_expressions(template: str) -> None:
    """Refuse what `bind` could not replace whatever the trigger: settings that do not exist, and formats."""
    for expression in _PLACEHOLDER.findall(resolve_settings(template)):
        if ":" in expression:
            raise BadSettings(f"'{template}': formats as in '{{{expression}}}' are not supported by the local host")


def _value(expression: str, data: Mapping[str, Any], function: str) -> str:
    now = datetime.now(UTC)
    name = expression.lower()
    if name in ("rand-guid", "sys.randguid"):
        return str(uuid.uuid4())
    if name in ("datetime", "sys.utcnow"):
        return now.strftime("%Y-%m-%dT%H-%M-%SZ")
    if name == "sys.methodname":
        return function
    value: Any = data
    for part in expression.split("."):
        if not isinstance(value, Mapping) or part not in value:
            known = ", ".join(sorted(data)) or "nothing"
            raise KeyError(
                f"function {function}: no value for the binding expression '{{{expression}}}'; known: {known}"
            )
        value = value[part]
    return str(value)
