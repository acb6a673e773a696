import base64
import json

import pytest

from fanfold import limits
from fanfold.pipeline.webhook import (
    AGAIN,
    DELIVERED,
    REFUSED,
    Answer,
    delay_s,
    delivery_id,
    judge_answer,
    sign,
    signed_headers,
)

EVENT = json.dumps({"id": "a-csv-0123456789abcdef", "time": "2026-11-21T10:00:00+00:00"}).encode()
OLD, NEW = b"o" * 32, b"n" * 32


def test_signature_is_that_of_the_published_example() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_attempts_of_a_delivery_share_their_id_and_another_end_of_the_run_has_its_own() -> None:
    first, second = (signed_headers(EVENT, [OLD], now)["webhook-id"] for now in (1, 2))
    assert first == second == delivery_id(EVENT)
    assert delivery_id(EVENT.replace(b"10:00", b"11:00")) != first
    assert first.startswith("a-csv-0123456789abcdef-")
    assert "." not in first


def test_each_secret_signs_so_that_one_can_be_changed() -> None:
    signatures = signed_headers(EVENT, [OLD, NEW], 5)["webhook-signature"].split(" ")
    assert signatures == [sign(secret, delivery_id(EVENT), 5, EVENT) for secret in (OLD, NEW)]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, DELIVERED) for status in (200, 202, 204)),
        *((status, AGAIN) for status in (None, 404, 408, 429, 500, 503)),
        *((status, REFUSED) for status in (301, 308, 400, 401, 410)),
    ],
)
def test_answer_decides_whether_another_try_may_help(status: int | None, verdict: str) -> None:
    assert judge_answer(Answer(status)) == verdict


def test_tries_end() -> None:
    waits = [delay_s(attempt, Answer(503)) for attempt in range(1, len(limits.WEBHOOK_DELAYS_S) + 2)]
    assert waits == [*limits.WEBHOOK_DELAYS_S, None]


def test_receiver_may_ask_for_a_longer_wait_but_not_for_ever() -> None:
    assert delay_s(1, Answer(429, 77)) == 77
    assert delay_s(1, Answer(429, 10**9)) == max(limits.WEBHOOK_DELAYS_S)
