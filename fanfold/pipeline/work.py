"""What the inspection leaves for the chunks of a run: the layout, the rules of a schema; and whether it is still there.

Apart from the inspection, for a process that only reads chunks needs nothing of what that imports.
"""

import json

import msgspec

from fanfold import limits
from fanfold.errors import PipelineFault, WorkMissing
from fanfold.pipeline.messages import Plan, SpanTask
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.recent import Recent
from fanfold.records.layout import Layout
from fanfold.schema.rules import Rules


def store_layout(plan: Plan, layout: Layout, ports: Ports) -> None:
    """Keep the layout that the plan was made from."""
    ports.work.put(_layout_name(plan), json.dumps(layout.to_json()).encode())


def load_layout(plan: Plan, ports: Ports) -> Layout:
    """The layout that the plan was made from. Its name holds its hash, so a process fetches it once."""
    return _recent.get(_layout_name(plan), lambda name: _fetch_layout(name, ports))


def store_rules(plan: Plan, rules: Rules, ports: Ports) -> None:
    """Keep the rules of the plan's schema."""
    ports.work.put(_rules_name(plan), msgspec.json.encode(rules))


def load_rules(plan: Plan, ports: Ports) -> Rules | None:
    """The rules of a plan, None where it has none."""
    if not plan.has_rules:
        return None
    try:
        return msgspec.json.decode(ports.work.get(_rules_name(plan)), type=Rules)
    except msgspec.MsgspecError as error:
        raise PipelineFault(f"the stored rules {_rules_name(plan)} cannot be read: {error}") from error


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


def _rules_name(plan: Plan) -> str:
    return f"{plan.work}/rules.json"
