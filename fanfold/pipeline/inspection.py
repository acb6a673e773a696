"""Step 1, inspect: look at the head of the dataset and plan the run."""

from fanfold import limits
from fanfold.errors import DatasetRejected
from fanfold.pipeline.baseline import choose_baseline
from fanfold.pipeline.checking import find_rules
from fanfold.pipeline.formats import LONGEST_NAME
from fanfold.pipeline.messages import Plan, RunRequest
from fanfold.pipeline.options import read_options
from fanfold.pipeline.planning import Findings, make_plan
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.work import store_layout, store_rules
from fanfold.records.inspection import inspect


def inspect_dataset(request: RunRequest, ports: Ports) -> Plan:
    """Decide the layout from the head alone, store it, and plan. Types are not decided here (idea 8)."""
    options = read_options(request.options)
    dataset = request.dataset
    _check_name(request)
    head = ports.open(dataset).read(0, min(dataset.size, limits.HEAD_BYTES))
    layout = inspect(head, dataset.size, options.dialect, options.policy)
    rules = find_rules(options, layout, ports)
    baseline = choose_baseline(options, dataset.blob, request.run_id, ports)
    plan = make_plan(request.run_id, dataset, Findings(layout, rules, baseline), options)
    store_layout(plan, layout, ports)
    if rules is not None:
        store_rules(plan, rules, ports)
    return plan


def _check_name(request: RunRequest) -> None:
    """The report's files are named after the dataset and the run, and have to fit, too."""
    room = limits.BLOB_NAME_MAX - len(f"/{request.run_id}/{LONGEST_NAME}")
    if len(request.dataset.blob) > room:
        found = len(request.dataset.blob)
        raise DatasetRejected(
            f"the blob's name has {found} characters; expected at most {room}, for its report's names"
        )
