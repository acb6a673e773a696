"""A host that dies in mid-run and is started again finishes the run, once."""

import json
import time

from app import App, outside_run, wait_until
from test_whole_path import people


def test_a_run_goes_on_after_kill_and_restart_and_is_announced_once(own_app: App) -> None:
    own_app.start()
    own_app.drop("survivor.csv", people(4000), {"chunk_bytes": 1000})
    wait_until(lambda: own_app.chunks_done("survivor") > 20, 60, "the first chunks")
    own_app.kill()
    own_app.start()
    event = own_app.completion("survivor.csv")
    assert event["type"] == "fanfold.run.completed"
    document = own_app.document(event)
    own_app.drop("reference.csv", people(4000))
    reference = own_app.document(own_app.completion("reference.csv"))
    document["dataset"]["name"] = reference["dataset"]["name"] = "same"
    assert outside_run(document) == outside_run(reference)
    time.sleep(2)  # a second message would come from a second run of the same version
    own_app.completion("reference.csv")
    assert sum(message["subject"] == "survivor.csv" for message in own_app.messages) == 1
    assert json.loads(own_app.report(event))["run"]["id"] == event["id"]
