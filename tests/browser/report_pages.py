"""Reports as a whole run makes them, each for what a browser should show of it."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.messages import RunRequest
from fanfold.storage.memory import MemoryPorts

NOW = datetime(2026, 11, 21, 9, 4, tzinfo=UTC)
SCHEMA = {
    "fields": [
        {"name": "order", "type": "integer", "constraints": {"required": True, "unique": True}},
        {"name": "town", "constraints": {"enum": ["Lisboa", "Kraków"]}},
    ]
}
OPTIONS = {
    "schema": SCHEMA,
    "processors": ["profile", "group_by"],
    "group_by": {"by": ["town"], "of": ["price"]},
    "chunk_bytes": 20_000,
}
RAN = "window.ran=1"
SCRIPTS = (
    f"<script>{RAN}</script>",
    f'"><img src=x onerror="{RAN}">',
    f"</title></style></script><svg onload={RAN}>",
    f"javascript:{RAN}",
    f"'-({RAN})-'",
    "{{ ''.__class__ }}{% raw %}",
    "\u202egnp.exe\u202c",
    "עברית and العربية 12",
    "👩\u200d👩\u200d👧 \u200b\ufeff",
    "</pre></bdi><h1>moved",
    "&lt;b&gt; &amp; &#x41;",
)
EXTREMES = (
    ("1e308", "9" * 400, "0000-01-01", "0000-01-01T00:00:00"),
    ("-1e308", "-" + "9" * 400, "9999-12-31", "9999-12-31T23:59:59.999999999"),
    ("5e-324", "0", "2026-02-28", "2026-02-28T12:00:00"),
)
CELL_BYTES = 10 * 1024 * 1024


def page(data: bytes, name: str, *before: bytes, **options: Any) -> bytes:
    """The report.html of a run, after runs of earlier versions of the same blob."""
    ports = MemoryPorts()
    for version in (*before, data):
        dataset = ports.drop(name, version)
        request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)
        run_in_process(request, ports, lambda: NOW, lambda tasks: [process_chunk(task, ports) for task in tasks])
    return ports.reports.files[f"{name}/{request.run_id}/report.html"]


def orders() -> bytes:
    """A report with every section: rejects, a broken schema, drift, a processor's tables."""
    return page(table([*COLUMNS, "extra"], _orders(1_500, 2)), "orders.csv", table(COLUMNS, _orders(900, 1)), **OPTIONS)


def hostile() -> bytes:
    """Scripts and confusing texts as names, values and the blob's name; extreme values; a cell of 10 MiB."""
    rows = [[*SCRIPTS, *EXTREMES[place % len(EXTREMES)], text] for place, text in enumerate(SCRIPTS)]
    rows.append([*SCRIPTS, *EXTREMES[0], "<b>" + "x" * CELL_BYTES])
    rows.append([SCRIPTS[0]])
    data = table([*SCRIPTS, "number", "integer", "date", "datetime", "<i>large</i>"], rows)
    lone = (",".join(["\ud83d"] * (len(SCRIPTS) + 5)) + "\n").encode("utf-8", "surrogatepass")
    return page(data + lone, SCRIPTS[1])


def wide(columns: int) -> bytes:
    """Columns of four kinds, some with gaps."""
    rng = random.Random(5)
    makers = (
        lambda: str(rng.randrange(10_000)),
        lambda: f"{rng.gauss(0, 50):.3f}",
        lambda: rng.choice(("Lisboa", "Kraków", "東京", "")),
        lambda: (NOW + timedelta(hours=rng.randrange(9_000))).strftime("%Y-%m-%dT%H:%M:%S"),
    )
    rows = [[makers[place % 4]() for place in range(columns)] for _ in range(60)]
    return page(table([f"column_{place}" for place in range(columns)], rows), "wide.csv")


COLUMNS = ("order", "town", "quantity", "price", "total", "day", "gift", "note", "mail")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """As CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([columns, *rows])
    return text.getvalue().encode("utf-8")


def _orders(records: int, seed: int) -> list[list[object]]:
    rng = random.Random(seed)
    rows: list[list[object]] = []
    for place in range(records):
        quantity, price = rng.randrange(1, 9), rng.lognormvariate(3, 0.5) * seed
        day = (NOW + timedelta(days=rng.randrange(300))).date()
        town = rng.choice(("Lisboa", "Kraków", "東京"))
        note = rng.choice(("", "", "", "leave it\nat the door", 'the "blue" one'))
        mail = f"someone{rng.randrange(200)}@example.org" if note else ""
        row = [place, town, quantity, f"{price:.2f}", f"{quantity * price:.2f}", day, rng.random() < 0.1, note, mail]
        rows.append([*row, *(["same"] if seed > 1 else [])])
        if place % 400 == 399:
            rows.append(["broken", "row"])
    return rows
