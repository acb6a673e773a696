"""An orchestrator that calls itself: a tree of sub-orchestrations."""

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def tree(context):
    """{"depth": d, "width": w}: the number of leaves, which is w to the power of d."""
    spec = context.get_input()
    if spec["depth"] == 0:
        return (yield context.call_activity("leaf", context.instance_id))
    below = {**spec, "depth": spec["depth"] - 1}
    children = [
        context.call_sub_orchestrator(tree, below, f"{context.instance_id}-{n}") for n in range(spec["width"])
    ]
    return sum((yield context.task_all(children)))


@app.orchestration_trigger(context_name="context")
def parent_of_failing(context):
    try:
        yield context.call_sub_orchestrator("failing_child")
    except Exception as error:
        return f"caught: {error}"


@app.orchestration_trigger(context_name="context")
def failing_child(context):
    raise ValueError("no luck")


@app.activity_trigger(input_name="name")
def leaf(name: str) -> int:
    return 1
