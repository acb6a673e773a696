"""The samples' table of contents."""

from blueprints.samples import (
    aggregation,
    batches,
    catalogue,
    fan_out,
    five_items,
    items,
    iterations,
    parallel,
    progress,
    work_items,
)

BLUEPRINTS = (
    iterations.bp,
    work_items.bp,
    parallel.bp,
    five_items.bp,
    catalogue.bp,
    fan_out.bp,
    items.bp,
    batches.bp,
    aggregation.bp,
    progress.bp,
)
