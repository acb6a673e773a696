"""What can be said of a function's bindings before anything triggers it: whether they can ever work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from local_host.functions.expressions import BlobPath, check_expressions
from local_host.functions.index import BadApp, Function
from local_host.functions.storage import BadConnection, connection_string
from local_host.settings import BadSettings


@contextlib.contextmanager
def blamed_on(function: Function) -> Iterator[None]:
    """Say of an error at start which function it is about, and where its code is."""
    try:
        yield
    except (BadSettings, BadConnection, NotImplementedError, ValueError) as error:
        raise BadApp(f"{function.place}: function {function.name}: {error}") from error


def check_bindings(function: Function) -> None:
    """Refuse connections and settings that do not exist, and expressions that are not supported."""
    with blamed_on(function):
        for binding in (function.trigger, *function.bindings):
            target = binding.get("path") or binding.get("queueName")
            if target is None:
                continue
            connection_string(str(binding["connection"]))
            if binding["type"] == "blobTrigger":
                BlobPath(str(target))
            else:
                check_expressions(str(target))
