"""The item of most samples, and the activities that process it."""

from collections.abc import Sequence

import azure.durable_functions as df

from blueprints.samples.fan_out import SampleFailed
from fanfold.pipeline.envelopes import failed, open_envelope, succeeded

PROCESS = "process_item"
PROCESS_OR_RAISE = "process_item_or_raise"

_FAILING = "fail"

bp = df.Blueprint()


def tasks_of(items: Sequence[str]) -> list[dict[str, str]]:
    """The activities' inputs: objects, for a bare string that looks like a number would arrive as one."""
    return [{"item": item} for item in items]


def process_item(task: dict) -> dict:
    """Process an item, or say that it failed."""
    item = task["item"]
    if item.startswith(_FAILING):
        return failed("ItemFailed", f"{item} failed, as its name asks for", retryable=False)
    return succeeded({"item": item, "output": f"Processed {item}"})


def process_item_or_raise(task: dict) -> dict:
    """The same, for who wants an error and no envelope."""
    opened = open_envelope(process_item(task))
    if opened.failure is not None:
        raise SampleFailed(opened.failure.message)
    value: dict = opened.value
    return value


bp.activity_trigger(input_name="task", activity=PROCESS)(process_item)
bp.activity_trigger(input_name="task", activity=PROCESS_OR_RAISE)(process_item_or_raise)
