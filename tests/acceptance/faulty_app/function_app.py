"""The app as it is, but for its chunk step, which fails as the name of the blob says. The product carries none of this.

`fail-always-7.csv` fails chunk 7 at every attempt, `fail-2-times-7.csv` at the first two, `hang-7.csv` hangs in it at the
first; `.slow.` in the name makes every chunk take a while. Once `healed` is in the folder FAULTS, nothing fails.
"""

import importlib.util
import os
import re
import sys
import time
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func

ROOT = Path(os.environ["APP_UNDER_TEST"])
FAULTS = Path(os.environ["FAULTS"])
HANG_S = 40
sys.path.insert(0, str(ROOT))

from blueprints import activities, starting, steering  # noqa: E402 - found through the line above
from fanfold.errors import FanfoldError  # noqa: E402

_spec = importlib.util.spec_from_file_location("app_under_test", ROOT / "function_app.py")
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
app = _module.app
_process_chunk = activities.process_chunk


def process_chunk(task, ports):
    """The real step, after the fault."""
    blob = task.plan.dataset.blob
    if ".slow." in blob:
        time.sleep(0.2)
    fault = re.match(r"(fail-always|fail-2-times|hang)-(\d+)", blob)
    if fault and int(fault[2]) == task.first and not (FAULTS / "healed").exists():
        attempt = _attempt(blob)
        if fault[1] == "fail-always" or (fault[1] == "fail-2-times" and attempt <= 2):
            raise OSError("the disk is on fire")
        if fault[1] == "hang" and attempt == 1:
            time.sleep(HANG_S)
    return _process_chunk(task, ports)


def _attempt(blob):
    """The number of this attempt, counted across worker processes."""
    for attempt in range(1, 100):
        try:
            (FAULTS / f"{blob}.{attempt}").touch(exist_ok=False)
        except FileExistsError:
            continue
        return attempt


activities.process_chunk = process_chunk
bp = df.Blueprint()


@bp.route(route="test/{verb}/{run_id}", auth_level=func.AuthLevel.ANONYMOUS)
@bp.durable_client_input(client_name="client")
async def steer(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Cancel, redrive or look at a run, as an operator's page does."""
    verb, run_id = req.route_params["verb"], req.route_params["run_id"]
    try:
        if verb == "cancel":
            await steering.cancel(client, run_id, "by the test")
        elif verb == "redrive":
            await starting.redrive(client, run_id)
        found = await steering.view(client, run_id)
    except FanfoldError as error:
        return func.HttpResponse(str(error), status_code=409)
    return func.HttpResponse(repr(found))


app.register_functions(bp)
