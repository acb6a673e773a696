"""A schedule of four fields."""

import azure.functions as func

app = func.FunctionApp()


@app.timer_trigger(arg_name="timer", schedule="* * * *")
def never(timer: func.TimerRequest) -> None:
    return None
