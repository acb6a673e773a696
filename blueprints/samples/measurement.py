"""An orchestration as the samples tell it, and how long it took: by its durable history, no clock of ours."""

import json
from datetime import datetime, timedelta
from typing import Any


def describe(status: Any) -> dict[str, Any]:
    """One orchestration, of the SDK's status; its output as JSON text, and as `result` for those who read JSON once."""
    done = status.runtime_status.name == "Completed"
    result = _measured(status) if done else None
    return {
        "instanceId": status.instance_id,
        "status": status.runtime_status.name,
        "createdAt": status.created_time.isoformat(),
        "lastUpdatedAt": status.last_updated_time.isoformat(),
        "output": json.dumps(result) if done else status.output,
        "result": result,
    }


def _measured(status: Any) -> Any:
    """The output; where it counts activities, with the milliseconds from the orchestration's start to its end."""
    output = status.output
    if not isinstance(output, dict) or "totalActivities" not in output:
        return output
    total, *rest = output.items()
    return dict([total, ("elapsedTimeMs", round(_elapsed(status) / timedelta(milliseconds=1))), *rest])


def _elapsed(status: Any) -> timedelta:
    """From the first to the last event of the history; the instance's own times, in whole seconds, are second best.

    The SDK keeps the history under the name that the API gives it, and looks for it under another.
    """
    times = [datetime.fromisoformat(event["Timestamp"]) for event in getattr(status, "historyEvents", None) or ()]
    if times:
        return max(times) - min(times)
    elapsed: timedelta = status.last_updated_time - status.created_time
    return elapsed
