import json
from pathlib import Path

import pytest
from azure.storage.queue import QueueClient, TextBase64DecodePolicy, TextBase64EncodePolicy
from running_host import ROOT, Azurite, running, wait_for

POLICIES = {"message_encode_policy": TextBase64EncodePolicy(), "message_decode_policy": TextBase64DecodePolicy()}


@pytest.mark.timeout(300)
def test_example_passes_on_what_a_person_should_look_at(azurite: Azurite, tmp_path: Path) -> None:
    completions, attention = (
        QueueClient.from_connection_string(azurite.connection_string, name, **POLICIES)
        for name in ("completions", "attention")
    )
    fine = {"records": 9, "rejected": 0, "error": None}
    ends = {
        "fine.csv": ("completed", fine),
        "torn.csv": ("completed", {**fine, "rejected": 1}),
        "bad.csv": ("failed", {**fine, "error": {"kind": "DatasetRejected", "message": "no columns"}}),
    }
    attention.create_queue()
    completions.create_queue()
    for name, (outcome, data) in ends.items():
        event = {"id": name, "type": f"fanfold.run.{outcome}", "subject": name, "data": data}
        completions.send_message(json.dumps(event))
    found: dict[str, str] = {}

    def passed_on() -> bool:
        for message in attention.receive_messages():
            told = json.loads(message.content)
            found[told["dataset"]] = told["why"]
        return len(found) == 2

    settings = {"AzureWebJobsStorage": azurite.connection_string}
    with running(str(ROOT / "examples" / "on_completion"), tmp_path, "--workers", "1", **settings):
        wait_for(passed_on, "two messages", 120)
    assert found == {"torn.csv": "1 of 10 records could not be read", "bad.csv": "it failed: no columns"}
