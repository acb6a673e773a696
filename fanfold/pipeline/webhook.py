"""The end of a run, told to a webhook: what is sent, how it is signed, and what becomes of the answer.

The form is that of Standard Webhooks (https://www.standardwebhooks.com): the headers `webhook-id`, `webhook-timestamp`
and `webhook-signature`, of which any of its libraries verifies the last. The body is the completion message. Deliveries
wait on a queue of their own, so that a receiver that is down holds up no run, and no run hears of it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from fanfold import limits
from fanfold.pipeline.messages import Message

DELIVERED = "delivered"
AGAIN = "again"
REFUSED = "refused"

_MAY_PASS = frozenset({404, 408, 409, 425, 429})
"""A receiver that is just being deployed, or busy; what else is wrong with a request stays wrong."""


class Delivery(Message, frozen=True):
    """A completion message on its way to the webhook."""

    event: msgspec.Raw
    """The message, byte for byte as it is sent."""
    attempt: int = 0
    """How often it has been tried."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver answered; without a status it gave none."""

    status: int | None = None
    retry_after_s: int = 0
    """How long it asks us to wait."""
    reason: str = ""


def delivery_id(event: bytes) -> str:
    """The same for each attempt, another one for another end of the same run: what a receiver knows repetitions by."""
    run_id: str = json.loads(event)["id"]
    return f"{run_id}-{hashlib.sha256(event).hexdigest()[:16]}"


def sign(secret: bytes, identity: str, now_s: int, body: bytes) -> str:
    """The signature of a request, HMAC-SHA256 in base64, with its version before it."""
    digest = hmac.digest(secret, f"{identity}.{now_s}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def signed_headers(event: bytes, secrets: Sequence[bytes], now_s: int) -> dict[str, str]:
    """The headers of an attempt: a signature for each secret, so that one can be changed for another in peace."""
    identity = delivery_id(event)
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(now_s),
        "webhook-signature": " ".join(sign(secret, identity, now_s, event) for secret in secrets),
    }


def judge_answer(answer: Answer) -> str:
    """Whether the message is delivered, may be tried again, or is not wanted. A redirect is followed nowhere."""
    if answer.status is None or answer.status >= 500 or answer.status in _MAY_PASS:
        return AGAIN
    return DELIVERED if 200 <= answer.status < 300 else REFUSED


def delay_s(attempt: int, answer: Answer) -> int | None:
    """How long to wait after so many attempts, None when there were enough of them."""
    if attempt > len(limits.WEBHOOK_DELAYS_S):
        return None
    return max(limits.WEBHOOK_DELAYS_S[attempt - 1], min(answer.retry_after_s, limits.WEBHOOK_DELAYS_S[-1]))
