import base64
import hmac
import json

import pytest
from app import App, wait_until
from webhook_receiver import KEY, Receiver


@pytest.mark.timeout(300)
def test_webhook_that_was_down_hears_of_the_run_in_the_end_and_can_verify_it(app: App, webhook: Receiver) -> None:
    name = "told/to a webhook.csv"
    webhook.about, webhook.answers = name.encode(), [(503, {})]
    app.drop(name, b"a,b\n1,2\n")
    event = app.completion(name)
    app.document(event)  # readable before anybody is told
    wait_until(lambda: len(about(webhook, name)) == 2, 200, "the second delivery")
    (first, body), (second, again) = about(webhook, name)
    assert json.loads(body) == event
    assert (body, first["webhook-id"]) == (again, second["webhook-id"])
    signed = f"{second['webhook-id']}.{second['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(KEY, signed, "sha256")).decode()
    assert second["webhook-signature"] == f"v1,{expected}"
    assert "sig=hush" not in app.log()
    assert "again in 5 s" in app.log()


def about(webhook: Receiver, name: str) -> list[tuple[dict[str, str], bytes]]:
    return [(headers, body) for _, headers, body in webhook.requests if json.loads(body)["subject"] == name]
