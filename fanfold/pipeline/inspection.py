"""Step 1, inspect: look at the head of the dataset and plan the run."""

import json

import msgspec

from fanfold import limits
from fanfold.errors import DatasetRejected, PipelineFault, WorkMissing
from fanfold.pipeline.baseline import choose_baseline
from fanfold.pipeline.checking import find_rules, rules_name
from fanfold.pipeline.formats import LONGEST_NAME
from fanfold.pipeline.messages import Plan, RunRequest, SpanTask
from fanfold.pipeline.options import read_options
from fanfold.pipeline.planning import Findings, make_plan
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.recent import Recent
from fanfold.records.inspection import inspect
from fanfold.records.layout import Layout


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
    ports.work.put(_layout_name(plan), json.dumps(layout.to_json()).encode())
    if rules is not None:
        ports.work.put(rules_name(plan), msgspec.json.encode(rules))
    return plan


def _check_name(request: RunRequest) -> None:
    """The report's files are named after the dataset and the run, and have to fit, too."""
    room = limits.BLOB_NAME_MAX - len(f"/{request.run_id}/{LONGEST_NAME}")
    if len(request.dataset.blob) > room:
        found = len(request.dataset.blob)
        raise DatasetRejected(
            f"the blob's name has {found} characters; expected at most {room}, for its report's names"
        )


def load_layout(plan: Plan, ports: Ports) -> Layout:
    """The layout that the plan was made from. Its name holds its hash, so a process fetches it once."""
    return _recent.get(_layout_name(plan), lambda name: _fetch_layout(name, ports))


def check_work(plan: Plan, ports: Ports) -> None:
    """WorkMissing when the work of the run has been removed: it was cancelled, or has ended without whoever asks."""
    if ports.work.summary(_layout_name(plan)) is None:
        raise WorkMissing(f"{plan.work} is gone: its run was cancelled, or ended and cleaned up")


def check_run(task: SpanTask, ports: Ports) -> None:
    """WorkMissing when the run has ended without its sub-orchestrations, which nobody tells: they begin nothing more.

    Not asked where there are none: what the run's own orchestration has begun ends with it.
    """
    plan = task.plan
    if plan.chunks <= limits.FAN_OUT_MAX and "/" not in plan.run_id:
        return
    check_work(plan, ports)
    if task.started_at is not None and ports.work.summary(end_name(plan.run_id)) == task.started_at:
        raise WorkMissing(f"run {plan.run_id} has ended, for something failed elsewhere in it")


def end_name(run_id: str) -> str:
    """Where a run that has failed leaves, beside what it keeps, which execution of it that was: its start."""
    return f"{run_id.partition('/')[0]}/ended"


_recent: Recent[Layout] = Recent()


def _fetch_layout(name: str, ports: Ports) -> Layout:
    try:
        return Layout.from_json(json.loads(ports.work.get(name)))
    except (ValueError, KeyError, TypeError) as error:
        raise PipelineFault(f"the stored layout {name} cannot be read: {error}") from error


def _layout_name(plan: Plan) -> str:
    return f"{plan.work}/layout.json"
