"""Patterns on what becomes of many results: one of several kinds, a sum, figures, a reduction."""

import time
from collections import Counter
from decimal import Decimal
from typing import Any

import azure.durable_functions as df

from blueprints.samples.bodies import Chunks, Items, Order, Orders, Source, Sources, Workload
from blueprints.samples.fan_out import Context, Steps, chunked, fan_out, outcomes, values
from blueprints.samples.items import PROCESS, tasks_of
from fanfold.pipeline.envelopes import failed, succeeded
from fanfold.pipeline.messages import from_wire, to_wire

VALIDATE, ENRICH, CLASSIFY = "validate_data", "enrich_data", "classify_data"
ORDER_TOTAL = "calculate_order_total"
ANALYZE = "analyze_source"
MAP, REDUCE = "count_words", "add_word_counts"

REDUCE_ROOM = 16
"""Children of one round of reducing: all its rounds together, each half of the one before, stay below F."""

bp = df.Blueprint()


def process_in_parallel(context: Context) -> Steps:
    """All items side by side, their results in the same order."""
    items = from_wire(context.get_input(), Items).items
    return values((yield from fan_out(context, PROCESS, tasks_of(items), "wave")))


def combine_result_types(context: Context) -> Steps:
    """Three different activities on the same data, side by side."""
    wire = to_wire(from_wire(context.get_input(), Workload))
    started = outcomes(context, lambda name: context.call_activity(name, wire), (VALIDATE, ENRICH, CLASSIFY))
    validation, enrichment, classification = values((yield from started))
    return {"validation": validation, "enrichment": enrichment, "classification": classification}


def sum_orders(context: Context) -> Steps:
    """The totals of all orders, added up."""
    orders = from_wire(context.get_input(), Orders).orders
    totals = values((yield from fan_out(context, ORDER_TOTAL, [to_wire(order) for order in orders], "wave")))
    return float(sum(Decimal(str(total)) for total in totals))


def analyze_sources(context: Context) -> Steps:
    """Figures on all sources: a sum, an average, a union, and counts by group."""
    sources = from_wire(context.get_input(), Sources).sources
    analyses = values((yield from fan_out(context, ANALYZE, [to_wire(source) for source in sources], "wave")))
    errors = sum((Counter(analysis["errors"]) for analysis in analyses), Counter[str]())
    return {
        "totalRecords": sum(analysis["recordCount"] for analysis in analyses),
        "averageProcessingTime": sum(analysis["processingTime"] for analysis in analyses) / len(analyses),
        "uniqueCategories": sorted({category for analysis in analyses for category in analysis["categories"]}),
        "errorSummary": dict(sorted(errors.items())),
    }


def map_and_reduce(context: Context) -> Steps:
    """Map every chunk; then reduce in pairs, side by side, until one result is left."""
    chunks = from_wire(context.get_input(), Chunks).chunks
    tasks: list[Any] = [{"chunk": chunk} for chunk in chunks]
    left = values((yield from fan_out(context, MAP, tasks, "map", REDUCE_ROOM)))
    level = 0
    while len(left) > 1:
        tasks = [{"results": list(pair)} for pair in chunked(left, 2)]
        left = values((yield from fan_out(context, REDUCE, tasks, f"reduce-{level}", REDUCE_ROOM)))
        level += 1
    return {"finalResult": left[0]}


def validate_data(task: dict) -> dict:
    """Whether there is anything in the data."""
    return succeeded({"valid": bool(task["data"].strip()), "characters": len(task["data"])})


def enrich_data(task: dict) -> dict:
    """What else can be said of the data."""
    words = task["data"].split()
    return succeeded({"words": len(words), "longestWord": max(words, key=len, default=None)})


def classify_data(task: dict) -> dict:
    """What kind of data it is."""
    text = task["data"].strip()
    return succeeded({"category": "empty" if not text else "number" if text.isdecimal() else "text"})


def calculate_order_total(task: dict) -> dict:
    """Quantity times price, exactly; an order without a positive quantity fails."""
    order = from_wire(task, Order)
    if order.quantity < 1:
        return failed(
            "OrderFailed", f"order {order.id}: quantity {order.quantity}; expected 1 or more", retryable=False
        )
    return succeeded(float(order.quantity * Decimal(str(order.unit_price))))


def analyze_source(task: dict) -> dict:
    """The figures of one source, and how many seconds it took to get them."""
    began = time.perf_counter()
    records = from_wire(task, Source).records
    errors = Counter("MissingCategory" for record in records if record.category is None)
    errors += Counter("NotANumber" for record in records if not isinstance(record.value, float))
    return succeeded(
        {
            "recordCount": len(records),
            "categories": sorted({record.category for record in records if record.category is not None}),
            "errors": dict(errors),
            "processingTime": time.perf_counter() - began,
        }
    )


def count_words(task: dict) -> dict:
    """How often each word of a text occurs."""
    return succeeded(dict(sorted(Counter(task["chunk"].lower().split()).items())))


def add_word_counts(task: dict) -> dict:
    """The sum of such counts."""
    total = sum((Counter(counts) for counts in task["results"]), Counter[str]())
    return succeeded(dict(sorted(total.items())))


for name, activity in (
    (VALIDATE, validate_data),
    (ENRICH, enrich_data),
    (CLASSIFY, classify_data),
    (ORDER_TOTAL, calculate_order_total),
    (ANALYZE, analyze_source),
    (MAP, count_words),
    (REDUCE, add_word_counts),
):
    bp.activity_trigger(input_name="task", activity=name)(activity)
