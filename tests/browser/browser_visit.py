"""A page in a real browser that notes what it fetches and complains of, and axe-core's judgement of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from browser_package import axe_source
from playwright.sync_api import BrowserContext, Page

TIMEOUT_MS = 60_000  # a machine may be busy; this is against hanging
_JUDGE_DECORATED = "axe.configure({ checks: [{ id: 'color-contrast', options: { ignorePseudo: true } }] })"
"""Else axe-core would judge no text of an element whose surroundings are decorated by the style."""
SERIOUS = {"serious", "critical"}


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of a browser context of its own."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings of the console, scripts that failed, broken content security policies."""
    requests: list[str] = field(default_factory=list)
    """The address of everything that was fetched, the page itself included."""

    def axe(self, *rules_off: str) -> list[str]:
        """What keeps people from using the page as it is now: axe-core's serious and critical findings."""
        self.page.evaluate(axe_source())  # from outside of the page: its policy is not concerned
        self.page.evaluate(_JUDGE_DECORATED)
        options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in rules_off}}
        found: dict[str, Any] = self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:200]}"
            for violation in found["violations"]
            if violation["impact"] in SERIOUS
            for node in violation["nodes"]
        ]


def visit_page(context: BrowserContext, url: str) -> Visit:
    """Go to an address, and note from the start what happens."""
    context.set_default_timeout(TIMEOUT_MS)
    visited = Visit(context.new_page())
    visited.page.on("request", lambda request: visited.requests.append(request.url))
    visited.page.on("pageerror", lambda error: visited.complaints.append(str(error)))
    visited.page.on("console", lambda line: _note(visited, line.type, line.text))
    visited.page.goto(url)
    return visited


def _note(visited: Visit, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        visited.complaints.append(f"{kind}: {text}")
