"""Text from the dataset, made safe to look at: nothing hides, nothing reorders the page, nothing is markup.

Control, bidirectional and zero-width characters are replaced by visible signs. The joiners U+200C and U+200D stay:
Persian and emoji need them, and they move nothing.
"""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_EDGE_SPACE = re.compile(r"^\s+|\s+$")
_SIGNS = {"\n": "↵", "\r": "␍", "\t": "⇥", "\x7f": "␡"}
_TITLE_CHARACTERS = 400  # a tooltip longer than this is read by nobody


def sign(character: str) -> str:
    """A visible stand-in for a hidden character."""
    if character in _SIGNS:
        return _SIGNS[character]
    if character < "\x20":
        return chr(0x2400 + ord(character))  # Unicode's control pictures
    return f"[U+{ord(character):04X}]"


def plain(text: str, limit: int = _TITLE_CHARACTERS) -> str:
    """At most `limit` characters and an ellipsis, hidden characters as signs; no markup, for titles and terminals."""
    return _HIDDEN.sub(lambda found: sign(found[0]), cut(text, limit))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; an ellipsis tells that more follow."""
    return text if len(text) <= limit else text[:limit] + "…"


def visible(text: str) -> Markup:
    """The whole text as HTML, hidden characters and blanks at either end as marked signs."""
    if not text:
        return Markup('<i class="sign">blank</i>')
    pieces, at = [], 0
    for start, stop in _special_spans(text):
        pieces += [escape(text[at:start]), _marked(text[start:stop])]
        at = stop
    return Markup("").join([*pieces, escape(text[at:])])


def lines(text: str) -> Markup:
    """As `visible`, for a block of preformatted text: every line break is shown and kept."""
    breaks = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    return Markup("\n").join(visible(part) for part in breaks if part)


def datum(value: object, limit: int) -> Markup:
    """A value from the dataset, isolated from the direction of the text around it; what was cut is in its title."""
    text = written(value)
    title = Markup(' title="{}"').format(plain(text)) if len(text) > limit else ""
    return Markup("<bdi{}>{}</bdi>").format(title, visible(cut(text, limit)))


def written(value: object) -> str:
    """A value as a person would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _special_spans(text: str) -> list[tuple[int, int]]:
    if text.isascii() and text.isprintable() and text[0] != " " and text[-1] != " ":
        return []  # nearly every value
    spans = {found.span() for found in _HIDDEN.finditer(text)}
    hidden = {start for start, _ in spans}
    for found in _EDGE_SPACE.finditer(text):
        spans |= {(at, at + 1) for at in range(*found.span()) if at not in hidden}
    return sorted(spans)


def _marked(character: str) -> Markup:
    if character.isspace() and not _HIDDEN.match(character):
        return Markup('<i class="sign" title="space">·</i>')
    name = unicodedata.name(character, "control")
    return Markup('<i class="sign" title="U+{:04X} {}">{}</i>').format(ord(character), name.lower(), sign(character))
