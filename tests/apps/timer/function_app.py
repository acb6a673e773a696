"""A timer that leaves a message each second."""

import azure.functions as func

app = func.FunctionApp()


@app.timer_trigger(arg_name="timer", schedule="* * * * * *", run_on_startup=True)
@app.queue_output(arg_name="out", queue_name="%RESULTS%", connection="AzureWebJobsStorage")
def tick(timer: func.TimerRequest, out: func.Out[str]) -> None:
    out.set("late" if timer.past_due else "tick")
