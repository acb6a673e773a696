"""Fan out, fold in."""

import os
import time

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def square_all(context):
    squares = yield context.task_all([context.call_activity("square", n) for n in range(context.get_input())])
    return sum(squares)


@app.orchestration_trigger(context_name="context")
def race(context):
    winner = yield context.task_any([context.call_activity("rest", 0.05), context.call_activity("rest", 5)])
    return winner.result


@app.orchestration_trigger(context_name="context")
def work_slowly(context):
    """Every activity leaves a line in a file, so that a test can count how often it ran."""
    spec = context.get_input()
    tasks = [context.call_activity("leave_line", [spec["file"], n, spec["rest_s"]]) for n in range(spec["count"])]
    return (yield context.task_all(tasks))


@app.activity_trigger(input_name="n")
def square(n: int) -> int:
    return n * n


@app.activity_trigger(input_name="seconds")
def rest(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@app.activity_trigger(input_name="job")
def leave_line(job: list) -> int:
    path, number, rest_s = job
    with open(path, "a") as file:
        file.write(f"begin {number} {os.getpid()}\n")
    time.sleep(rest_s)
    with open(path, "a") as file:
        file.write(f"end {number} {os.getpid()}\n")
    return number
