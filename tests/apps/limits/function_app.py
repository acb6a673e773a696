"""Functions that take too long, that are disabled, that say more or less than others, and what they get to know."""

import asyncio
import json
import logging
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="sleeps")
def sleeps(req: func.HttpRequest) -> str:
    time.sleep(3)
    return "late"


@app.route(route="awaits")
async def awaits(req: func.HttpRequest) -> str:
    try:
        await asyncio.sleep(600)
    except asyncio.CancelledError:
        logging.info("awaits was cancelled")
        raise
    return "late"


@app.route(route="off")
def switched_off(req: func.HttpRequest) -> str:
    return "on"


@app.route(route="talks")
def talks(req: func.HttpRequest) -> str:
    logging.debug("every detail")
    return "said"


@app.route(route="quiet")
def quiet(req: func.HttpRequest) -> str:
    logging.info("nobody hears this")
    logging.getLogger("a.library").error("everybody hears this")
    return "said"


@app.route(route="context")
def tell_context(req: func.HttpRequest, context: func.Context) -> str:
    known = [context.invocation_id, context.function_name, context.function_directory]
    return json.dumps([*known, context.thread_local_storage.invocation_id, str(context.retry_context)])


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
@app.retry(strategy="exponential_backoff", max_retry_count="3", minimum_interval="0:0:0.1", maximum_interval="0:0:1")
def tries_again(timer: func.TimerRequest, context: func.Context) -> None:
    tried = context.retry_context
    if tried.retry_count < 2:
        raise ValueError("not yet")
    logging.info("worked at retry %d of %d after %r", tried.retry_count, tried.max_retry_count, tried.exception)


@app.queue_trigger(arg_name="message", queue_name="nobodys", connection="AzureWebJobsStorage")
@app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:01")
def takes_again(message: func.QueueMessage) -> None:
    return None
