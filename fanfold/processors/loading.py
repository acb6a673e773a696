"""Finds a processor by its name: one of Fanfold's own, or the file of that name in the folder `processors/`."""

import importlib
import importlib.util
import re
from collections.abc import Iterable
from typing import cast

from fanfold.errors import RequestRefused
from fanfold.processors.contract import Processor

PROFILE = "profile"
"""Made in every run; it may be named, for who likes to say so."""

_OURS = "fanfold.processors.ready"
_THEIRS = "processors"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FUNCTIONS = ("process", "merge", "report")


def chosen(names: Iterable[str] | None) -> tuple[str, ...]:
    """The processors to run, each once, in the order of their names in the request; without the profile."""
    return tuple(dict.fromkeys(name for name in names or () if name != PROFILE))


def check_names(names: Iterable[str]) -> None:
    """Raise RequestRefused for a name that stands for no processor. Imports none of them."""
    for name in names:
        if name != PROFILE and _module(name) is None:
            raise RequestRefused(
                f"options.processors: found {name!r}; expected profile, group_by or the name of a file in processors/"
            )


def load(name: str) -> Processor:
    """The processor; whatever its module raises, and TypeError when one of the three functions is missing."""
    found = importlib.import_module(_module(name) or f"{_THEIRS}.{name}")
    missing = [function for function in _FUNCTIONS if not callable(getattr(found, function, None))]
    if missing:
        raise TypeError(f"processor {name}: found no function {', '.join(missing)}; expected {', '.join(_FUNCTIONS)}")
    return cast("Processor", found)


def _module(name: str) -> str | None:
    """The module's full name. The pattern keeps names from leaving the two packages."""
    if not _NAME.fullmatch(name):
        return None
    return next((f"{home}.{name}" for home in (_OURS, _THEIRS) if _exists(home, name)), None)


def _exists(home: str, name: str) -> bool:
    try:
        return importlib.util.find_spec(f"{home}.{name}") is not None
    except ModuleNotFoundError:  # there is no folder of that name where the app runs
        return False
