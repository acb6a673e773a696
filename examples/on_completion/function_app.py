"""An example of a function that reacts to the end of runs: an app of its own, on the storage account of Fanfold.

    python -m local_host start --app examples/on_completion

A queue gives each message to one consumer. Where several want it, let this one pass it on.
"""

import json
import logging
from typing import Any

import azure.functions as func

app = func.FunctionApp()
_LOG = logging.getLogger(__name__)


@app.queue_trigger(arg_name="message", queue_name="completions", connection="AzureWebJobsStorage")
@app.queue_output(arg_name="attention", queue_name="attention", connection="AzureWebJobsStorage")
def run_ended(message: func.QueueMessage, attention: func.Out[str]) -> None:
    """Pass on what a person should look at: runs that have failed, and datasets with records nobody could read.

    A message may come twice, with the same id: what is done for it must do no harm when it is done again.
    """
    event = json.loads(message.get_body())
    why = _why_to_look(event)
    _LOG.info("%s: %s", event["subject"], why or "all is well")
    if why is not None:
        attention.set(json.dumps({"run_id": event["id"], "dataset": event["subject"], "why": why}))


def _why_to_look(event: dict[str, Any]) -> str | None:
    data = event["data"]
    if event["type"] == "fanfold.run.failed":
        return f"it failed: {data['error']['message']}"
    if data["rejected"]:
        return f"{data['rejected']} of {data['records'] + data['rejected']} records could not be read"
    return None
