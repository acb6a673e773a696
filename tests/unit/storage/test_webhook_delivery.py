import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import msgspec
import pytest
from webhook_receiver import Receiver, receiving

from fanfold import limits
from fanfold.pipeline.webhook import Delivery, delivery_id, sign
from fanfold.storage import webhook as adapter
from fanfold.storage.settings import Webhook
from fanfold.storage.webhook import WebhookQueue, deliver

EVENT = b'{"id": "a-csv-0123456789abcdef", "type": "fanfold.run.completed", "subject": "\\u00e4.csv"}'
SECRET = b"s" * 32


@dataclass
class Queue:
    """Deliveries that wait, in memory."""

    waiting: list[tuple[Delivery, int]] = field(default_factory=list)

    def put(self, delivery: Delivery, wait_s: int) -> None:
        # As the wire does it.
        self.waiting.append((msgspec.json.decode(msgspec.json.encode(delivery), type=Delivery), wait_s))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def attempt(url: str, delivery: Delivery | None = None) -> Queue:
    queue = Queue()
    asyncio.run(
        deliver(
            delivery or Delivery(event=msgspec.Raw(EVENT)),
            Webhook(url, (SECRET,)),
            cast("WebhookQueue", cast("Any", queue)),
        )
    )
    return queue


def test_delivery_is_the_message_itself_with_a_signature_of_it(receiver: Receiver) -> None:
    assert attempt(receiver.url).waiting == []
    ((path, headers, body),) = receiver.requests
    assert (path, body) == ("/hook?sig=hush", EVENT)
    signature = sign(SECRET, delivery_id(EVENT), int(headers["webhook-timestamp"]), body)
    assert (headers["webhook-id"], headers["webhook-signature"]) == (delivery_id(EVENT), signature)
    assert headers["content-type"].startswith("application/cloudevents+json")


def test_receiver_that_is_down_is_tried_again_later_and_gets_the_same_bytes(receiver: Receiver) -> None:
    receiver.answers = [(503, {})]
    ((delivery, wait_s),) = attempt(receiver.url).waiting
    assert (delivery.attempt, wait_s) == (1, limits.WEBHOOK_DELAYS_S[0])
    assert attempt(receiver.url, delivery).waiting == []
    first, second = receiver.requests
    assert (first[1]["webhook-id"], first[2]) == (second[1]["webhook-id"], second[2])


def test_redirect_is_followed_nowhere(receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.answers = [(307, {"Location": elsewhere.url})]
        assert attempt(receiver.url).waiting == []
        assert elsewhere.requests == []


def test_receiver_that_does_not_answer_is_left_after_the_stated_time(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.pause_s = 1.0
    monkeypatch.setattr(adapter, "_TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    ((delivery, _),) = attempt(receiver.url).waiting
    assert delivery.attempt == 1


def test_receiver_that_is_not_there_is_tried_again_and_given_up_in_the_end(caplog: pytest.LogCaptureFixture) -> None:
    last = Delivery(event=msgspec.Raw(EVENT), attempt=len(limits.WEBHOOK_DELAYS_S))
    assert attempt("http://127.0.0.1:1/").waiting[0][0].attempt == 1
    with caplog.at_level(logging.ERROR):
        assert attempt("http://127.0.0.1:1/", last).waiting == []
    assert "given up" in caplog.text


def test_neither_the_secret_nor_the_url_is_ever_logged(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers = [(503, {}), (400, {})]
    for _ in range(3):
        attempt(receiver.url)
    attempt("http://127.0.0.1:1/?sig=hush")
    assert "hush" not in caplog.text
    assert "s" * 32 not in caplog.text
    assert "hush" not in repr(Webhook(receiver.url, (SECRET,)))
