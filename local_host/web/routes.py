"""Route templates of HTTP triggers, as ASP.NET reads them: ``orders/{id:int}/{part?}``, ``files/{*path}``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from local_host.functions.index import BadApp, Function

_CONSTRAINTS = {
    "": r"[^/]+",
    "int": r"-?\d+",
    "long": r"-?\d+",
    "bool": r"(?:[Tt]rue|[Ff]alse)",
    "guid": r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}",
    "alpha": r"[A-Za-z]+",
    "decimal": r"-?\d+(?:\.\d+)?",
    "double": r"-?\d+(?:\.\d+)?",
    "float": r"-?\d+(?:\.\d+)?",
    "datetime": r"[^/]+",
}

_PARAMETER = re.compile(r"\{(\*{0,2})(\w+)(?::(\w+))?(?:=([^{}?]*))?(\?)?\}")

_RESERVED = ("admin", "runtime")
"""Where the host's own URLs are; no route may begin so, whatever its prefix."""

_LITERAL, _CONSTRAINED, _FREE, _REST = range(4)
"""What a segment is; of two routes that match, the one with the earlier kind goes first."""


@dataclass(frozen=True, slots=True)
class Route:
    """One function's template; ``methods`` empty is any method."""

    function: Function
    methods: frozenset[str]
    expression: re.Pattern[str]
    order: tuple[int, ...]
    defaults: dict[str, str]

    def conflicts_with(self, other: Route) -> bool:
        """Whether the real host refuses one of them: the same template, and a method that both take."""
        both = self.methods & other.methods or not self.methods or not other.methods
        return self.expression.pattern.lower() == other.expression.pattern.lower() and bool(both)


@dataclass(frozen=True, slots=True)
class Match:
    """The function of a request, and its route parameters."""

    function: Function
    parameters: dict[str, str]


class Routes:
    """Every HTTP function of an app, the most specific template first."""

    def __init__(self, functions: Sequence[Function], prefix: str) -> None:
        self._routes = sorted((_route(one, prefix) for one in functions), key=lambda route: route.order)
        for one, other in combinations(self._routes, 2):
            if one.conflicts_with(other):
                where = f"function '{one.function.name}' ({one.function.place})"
                raise _bad(other.function, f"the specified route conflicts with the route defined by {where}")

    def match(self, method: str, path: str) -> Match | frozenset[str] | None:
        """The match; the allowed methods where only the method does not fit; None where nothing does."""
        allowed: frozenset[str] = frozenset()
        for route in self._routes:
            found = route.expression.fullmatch(path.strip("/"))
            if found and (not route.methods or method in route.methods):
                given = {name: value for name, value in found.groupdict().items() if value is not None}
                return Match(route.function, {**route.defaults, **given})
            if found:
                allowed |= route.methods
        return allowed or None


def _route(function: Function, prefix: str) -> Route:
    template = str(function.trigger.get("route") or "").strip("/")
    if template.lower().startswith(_RESERVED):
        raise _bad(function, "the specified route conflicts with one or more built in routes")
    names = [found[2] for found in _PARAMETER.finditer(template)]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise _bad(function, f"the route '{template}' has the parameter '{repeated[0]}' more than once")
    segments = [part for part in (*prefix.split("/"), *template.split("/")) if part]
    expression, order = "", list[int]()
    defaults: dict[str, str] = {}
    for n, segment in enumerate(segments):
        text, kind = _segment(function, segment, defaults, slash=n > 0)
        expression += text
        order.append(kind)
    methods = frozenset(str(method).upper() for method in function.trigger.get("methods") or ())
    return Route(function, methods, re.compile(expression, re.IGNORECASE), (*order, _LITERAL), defaults)


def _segment(function: Function, segment: str, defaults: dict[str, str], *, slash: bool) -> tuple[str, int]:
    before = "/" if slash else ""
    whole = _PARAMETER.fullmatch(segment)
    if whole:
        rest, name, constraint, default, optional = whole.groups()
        if rest:
            return f"(?:{before}(?P<{name}>.*))?", _REST
        if default is not None:
            defaults[name] = default
        text = f"{before}(?P<{name}>{_constraint(function, constraint)})"
        kind = _CONSTRAINED if constraint else _FREE
        return (f"(?:{text})?" if optional or default is not None else text), kind
    parts, position = [], 0
    for found in _PARAMETER.finditer(segment):
        parts += [re.escape(segment[position : found.start()]), f"(?P<{found[2]}>{_constraint(function, found[3])}?)"]
        position = found.end()
    parts.append(re.escape(segment[position:]))
    if "{" in re.sub(_PARAMETER, "", segment):
        raise _bad(function, f"the route segment '{segment}' is not supported by the local host")
    return before + "".join(parts), _LITERAL if position == 0 else _CONSTRAINED


def _constraint(function: Function, name: str | None) -> str:
    if (name or "") not in _CONSTRAINTS:
        raise _bad(function, f"the route constraint '{name}' is not supported by the local host")
    return _CONSTRAINTS[name or ""]


def _bad(function: Function, complaint: str) -> BadApp:
    return BadApp(f"{function.place}: function {function.name}: {complaint}")
