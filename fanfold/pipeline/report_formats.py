"""Which form of a report somebody wants: by name, or by what an Accept header would take."""

from dataclasses import dataclass

from fanfold.errors import NotAcceptable, RequestRefused


@dataclass(frozen=True, slots=True)
class Format:
    """One form of a report."""

    name: str
    file: str
    media_type: str


JSON = Format("json", "report.json", "application/json")
HTML = Format("html", "report.html", "text/html")
MARKDOWN = Format("md", "report.md", "text/markdown")
FORMATS = (JSON, HTML, MARKDOWN)
"""The first one is given where anything is taken."""


def choose_format(wish: str | None, accept: str | None) -> Format:
    """The form of that name, or else the one that the header prefers; RequestRefused or NotAcceptable without one."""
    if wish is None:
        return _negotiate(accept or "*/*")
    for one in FORMATS:
        if one.name == wish:
            return one
    raise RequestRefused(f"format: found {wish[:80]!r}; expected {' or '.join(one.name for one in FORMATS)}")


def prefers_html(accept: str | None) -> bool:
    """Whether somebody would rather have a page than JSON: a browser says so, and who takes anything gets JSON."""
    weights = _weights(accept or "*/*")
    return _weight(HTML, weights) > _weight(JSON, weights)


def _negotiate(accept: str) -> Format:
    weights = _weights(accept)
    best = max(FORMATS, key=lambda one: _weight(one, weights))  # the first of equals
    if _weight(best, weights) <= 0:
        raise NotAcceptable(f"Accept: expected one of {', '.join(one.media_type for one in FORMATS)}")
    return best


def _weight(form: Format, weights: dict[str, float]) -> float:
    kind = form.media_type.partition("/")[0]
    for pattern in (form.media_type, f"{kind}/*", "*/*"):
        if pattern in weights:
            return weights[pattern]
    return 0.0


def _weights(accept: str) -> dict[str, float]:
    """Each media range with its weight (RFC 9110, 12.5.1)."""
    found: dict[str, float] = {}
    for part in accept.split(","):
        pattern, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            found[pattern] = float(weight)
        except ValueError:
            found[pattern] = 0.0
    return found
