"""The keys of this host's HTTP surface, in the state directory; enforced only when asked for, as by Core Tools."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Keys:
    """``master`` opens everything, ``default`` the functions, ``durabletask`` the Durable management API."""

    master: str
    default: str
    durabletask: str
    enforced: bool

    def admits(self, request: web.Request, level: str) -> bool:
        """Whether the request's key opens that level: ``anonymous``, ``function``, ``system`` or ``admin``."""
        if not self.enforced or level == "anonymous":
            return True
        given = request.headers.get("x-functions-key") or request.query.get("code") or ""
        opens = {"function": (self.master, self.default), "system": (self.master, self.durabletask)}
        accepted = opens.get(level, (self.master,))
        return any(hmac.compare_digest(given.encode(), key.encode()) for key in accepted)


def read_keys(path: Path, *, enforced: bool) -> Keys:
    """The keys of that file, which is made at the first call."""
    if not path.exists():
        names = ("master", "default", "durabletask")
        path.touch(mode=0o600)
        path.write_text(json.dumps({name: secrets.token_urlsafe(32) for name in names}, indent=2), encoding="utf-8")
    content = json.loads(path.read_text("utf-8"))
    return Keys(content["master"], content["default"], content["durabletask"], enforced)
