"""Errors are values (idea 6): an activity always returns, and says in its envelope how it went."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fanfold.errors import FanfoldError, PipelineFault
from fanfold.pipeline.messages import Failure, Message, from_wire, to_wire
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.tracing import run_id_of, traced

_LOG = logging.getLogger(__name__)
_MESSAGE_CHARS = 500

Envelope = dict[str, Any]
T = TypeVar("T", bound=Message)


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in an envelope: a value, or a failure and whether another try may help."""

    value: Any = None
    failure: Failure | None = None
    retryable: bool = False


def run_step(step: Callable[[T, Ports], Message | None], kind: type[T], wire: object, ports: Ports) -> Envelope:
    """Decode, run one step, encode. Nothing is raised: an unknown error is a fault of ours, worth another try."""
    run_id = ""
    try:
        message = from_wire(wire, kind)
        run_id = run_id_of(message)
        with traced(step.__name__, message):
            value = step(message, ports)
    except FanfoldError as error:
        _LOG.warning("run %s: %s: %s: %s", run_id, step.__name__, error.kind, error)
        return failed(error.kind, str(error), retryable=error.retryable)
    except Exception as error:  # noqa: BLE001 - whatever it is, the orchestration must hear of it
        _LOG.exception("run %s: %s failed", run_id, step.__name__)
        return failed(PipelineFault.__name__, f"{type(error).__name__}: {error}", retryable=True)
    return succeeded(None if value is None else to_wire(value))


def succeeded(value: object) -> Envelope:
    """The envelope of a value of JSON types."""
    return {"ok": True, "value": value}


def failed(kind: str, message: str, *, retryable: bool) -> Envelope:
    """The envelope of a failure; its message is one line, cut to what a person reads."""
    line = " ".join(message.split())[:_MESSAGE_CHARS]
    return {"error": {"kind": kind, "message": line, "retryable": retryable}}


def open_envelope(envelope: Envelope) -> Opened:
    """What is inside."""
    if envelope.get("ok"):
        return Opened(value=envelope["value"])
    error = envelope["error"]
    return Opened(failure=Failure(kind=error["kind"], message=error["message"]), retryable=error["retryable"])
