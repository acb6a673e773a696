"""Documents as the pipeline makes them, computed the naive way from seeded values."""

from __future__ import annotations

import math
import random
import statistics
from bisect import bisect_right
from collections import Counter
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
CITIES = ("Lisboa", "København", "São Paulo", "Zürich", "Kraków", "Łódź", "東京", "Αθήνα", "القاهرة", "Reykjavík")
RECORDS = 6_000


def orders() -> dict[str, Any]:
    """A shop's orders: every type, nulls, an alert of each severity, rejects."""
    rng = random.Random(20)
    columns = [
        column("order_id", "integer", [100_000 + i for i in range(RECORDS)], exact=False),
        column("ordered_at", "datetime", [_moment(rng) for _ in range(RECORDS)], exact=False),
        column("ship_date", "date", _missing(rng, 0.06, [_day(rng) for _ in range(RECORDS)])),
        column("customer", "string", [f"C-{rng.randrange(2_400):05d}" for _ in range(RECORDS)], exact=False),
        column("city", "string", [CITIES[min(int(rng.expovariate(0.5)), 9)] for _ in range(RECORDS)]),
        column("quantity", "integer", [1 + min(int(rng.expovariate(0.45)), 24) for _ in range(RECORDS)]),
        column("unit_price", "number", [round(rng.lognormvariate(3.1, 0.55), 2) for _ in range(RECORDS)], exact=False),
        column("discount", "number", [rng.choice((0, 0, 0, 0.05, 0.1, 0.15, 0.25)) for _ in range(RECORDS)]),
        column("balance", "number", [round(rng.gauss(40, 180), 2) for _ in range(RECORDS)], exact=False),
        column("gift", "boolean", [rng.random() < 0.12 for _ in range(RECORDS)]),
        column("note", "string", _missing(rng, 0.83, [_note(rng) for _ in range(RECORDS)])),
        column("coupon", "empty", [None] * RECORDS),
        column("currency", "string", ["EUR"] * RECORDS),
    ]
    columns[5]["evidence"] = {"integer": RECORDS - 7, "string": 7}
    return document(
        "orders.csv", columns, alerts=deepcopy(ORDER_ALERTS), rejects=deepcopy(ORDER_REJECTS), octets=612_344
    )


def header_only() -> dict[str, Any]:
    """Two labels and no record."""
    return document("header_only.csv", [column("a", "empty", []), column("b", "empty", [])], octets=4)


def nothing() -> dict[str, Any]:
    """No byte at all."""
    return document("nothing.csv", [], octets=0)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'); alert(3); //",
    "</title></style></script><svg onload=alert(4)>",
    "\u202egnp.exe\u202c \u2066isolated",
    "nul\x00 bell\x07 esc\x1b[31m del\x7f next\x85",
    "javascript:alert(5)",
    "{{ 7 * 7 }}{% raw %}",
    "lone \ud800 surrogate",
    "word" * 400,
    "עברית and العربية 12",
    "👩‍👩‍👧 family \u200b\ufeff zero width",
    "  spaces at the ends  ",
    " ",
    "http://example.invalid/x?a=1&b=2",
)


def hostile() -> dict[str, Any]:
    """Names, values, a file name and rejects that would be markup, scripts or confusion elsewhere."""
    columns = [column(name, "string", [*HOSTILE, name]) for name in HOSTILE]
    columns.append(column("<b>huge</b>", "integer", [10**399 + 1, -(10**18), 0]))
    columns.append(column("extremes", "number", [1e308, -1e308, 5e-324, 0.1 + 0.2]))
    alerts = [
        {
            "kind": "<i>\u202e",
            "severity": "warning",
            "column": HOSTILE[0],
            "message": f"found {HOSTILE[1]} {HOSTILE[4]}",
        }
    ]
    examples = [{"record": i + 1, "offset": 10 * i, "reason": text, "text": text} for i, text in enumerate(HOSTILE)]
    rejects = {"count": 15, "reasons": dict.fromkeys(HOSTILE, 1), "kept": 15, "examples": examples}
    made = document(HOSTILE[1], columns, alerts=alerts, rejects=rejects, octets=4_000)
    made["run"]["options"] = {text: text for text in HOSTILE}
    made["run"]["source"] = {"container": HOSTILE[0], "blob": HOSTILE[3], "etag": HOSTILE[2]}
    made["run"]["<script>alert(6)</script>"] = HOSTILE[0]
    return made


def wide(columns: int) -> dict[str, Any]:
    """Many columns of every kind."""
    kinds = orders()["columns"]
    made = [{**kinds[i % len(kinds)], "name": f"{kinds[i % len(kinds)]['name']}_{i:03d}"} for i in range(columns)]
    alerts = [
        {"kind": "missing", "severity": "warning", "column": c["name"], "message": "83.0 % of the values are missing."}
        for c in made
        if c["name"].startswith("note")
    ]
    return document("wide.csv", made, alerts=alerts, octets=88_123_456)


def column(name: str, kind: str, values: list[Any], *, exact: bool = True) -> dict[str, Any]:
    """One entry of `columns` by the book; `exact=False` marks what a sketch would estimate."""
    present = [value for value in values if value is not None]
    counts = Counter(present)
    made: dict[str, Any] = {
        "name": name,
        "type": kind,
        "count": len(present),
        "nulls": len(values) - len(present),
        "distinct": {"value": len(counts), "exact": exact, "error": 0 if exact else 0.0469},
        "min": min(present, default=None),
        "max": max(present, default=None),
    }
    if kind in ("integer", "number"):
        made |= _numeric(present, exact=exact)
    if kind == "string":
        lengths = [len(value) for value in present]
        made |= {"min_length": min(lengths, default=None), "max_length": max(lengths, default=None)}
        made["mean_length"] = statistics.fmean(lengths) if lengths else None
    top = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[:10]
    made |= {"top": [{"value": value, "count": count} for value, count in top]}
    return made | {
        "top_exact": exact,
        "top_error": 0 if exact else 3,
        "evidence": {kind: len(present)} if present else {},
    }


def document(
    name: str,
    columns: list[dict[str, Any]],
    *,
    alerts: list[dict[str, Any]] | None = None,
    rejects: dict[str, Any] | None = None,
    octets: int,
) -> dict[str, Any]:
    """The columns as a whole report."""
    rejects = rejects or {"count": 0, "reasons": {}, "kept": 0, "examples": []}
    records = columns[0]["count"] + columns[0]["nulls"] if columns else 0
    return {
        "schema_version": "1.0",
        "run": {
            "id": "orders-csv-3f6c0a9be12d4e77",
            "source": {"container": "input", "blob": name, "etag": "0x8DE2A5C1B7F3E10"},
            "options": {"chunk_bytes": 65536, "dialect": {"header": True}},
            "chunks": 10,
            "retries": 1,
            "reprocessed": 0,
            "started_at": "2026-11-21T09:04:11.204113Z",
            "completed_at": "2026-11-21T09:04:13.918220Z",
            "duration_s": 2.714,
            "versions": {"fanfold": "0.1.0", "polars": "2.1.0", "python": "3.11.7"},
            "chunk_bytes": 65536,
        },
        "dataset": {
            "name": name,
            "bytes": octets,
            "records": records,
            "rejected": rejects["count"],
            "columns": len(columns),
            "encoding": "utf-8",
            "dialect": {"delimiter": ",", "quote": '"', "escape": "doubled", "newline": "\n", "header": True},
            "account": {
                "bytes": {"preamble_and_header": min(octets, 4), "records": max(octets - 4, 0), "total": octets},
                "records": {"accepted": records, "rejected": rejects["count"], "total": records + rejects["count"]},
                "verified": True,
            },
        },
        "columns": columns,
        "alerts": alerts or [],
        "rejects": rejects,
    }


ORDER_ALERTS = [
    {"kind": "rejected_records", "severity": "error", "message": "23 of 6,023 records (0.4 %) were rejected."},
    {"kind": "empty", "severity": "warning", "column": "coupon", "message": "No value is present."},
    {"kind": "constant", "severity": "warning", "column": "currency", "message": "Every value is EUR."},
    {"kind": "missing", "severity": "warning", "column": "note", "message": "83.3 % of the values are missing."},
    {
        "kind": "mixed_types",
        "severity": "info",
        "column": "quantity",
        "message": "7 values read as string, not integer.",
    },
    {"kind": "unique", "severity": "info", "column": "order_id", "message": "Every value is different."},
]
ORDER_REJECTS = {
    "count": 23,
    "reasons": {"too many fields": 14, "too few fields": 7, "quote is never closed": 2},
    "kept": 23,
    "examples": [
        {
            "record": 412,
            "offset": 41_988,
            "reason": "too many fields",
            "text": "100411,2026-03-02T10:22:07,2026-03-05,C-01822,Lisboa,2,19.90,0,12.50,false,,,EUR,,",
        },
        {
            "record": 977,
            "offset": 99_402,
            "reason": "too few fields",
            "text": "100976,2026-05-19T18:40:55,2026-05-21,C-00077\r\n",
        },
        {
            "record": 5_120,
            "offset": 520_144,
            "reason": "quote is never closed",
            "text": '105119,2026-09-09T08:00:41,,C-00310,Kraków,1,8.75,0.1,-3.20,true,"leave it\nat the door\x00,,EUR',
        },
    ],
}


def _numeric(values: list[float], *, exact: bool) -> dict[str, Any]:
    ranked = sorted(values)
    quantiles: dict[str, Any] = {
        q: ranked[math.ceil(float(q) * len(ranked)) - 1] if ranked else None for q in QUANTILES
    }
    try:
        mean: float | None = statistics.fmean(values)
        std: float | None = float(statistics.stdev(values))
    except (OverflowError, statistics.StatisticsError):
        mean = std = None
    return {
        "sum": sum(values) if isinstance(sum(values), int) else math.fsum(values),
        "mean": mean,
        "std": std,
        "zeros": sum(value == 0 for value in values),
        "negatives": sum(value < 0 for value in values),
        "quantiles": quantiles | {"exact": exact, "error": 0 if exact else 0.00391},
        "histogram": _histogram(values, exact=exact) if ranked and abs(ranked[-1]) < 10**308 * 2 else None,
    }


def _histogram(values: list[float], *, exact: bool, bins: int = 24) -> dict[str, Any]:
    low, high = min(values), max(values)
    if isinstance(low, int) and isinstance(high, int):
        step = -(-(high - low + 1) // bins)
        edges: list[float] = [*range(low, high + 1, step), low + step * (1 + (high - low) // step)]
    else:
        edges = [low * ((bins - i) / bins) + high * (i / bins) for i in range(bins)] + [high]
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(bisect_right(edges, value) - 1, len(counts) - 1)] += 1
    return {"edges": edges, "counts": counts, "exact": exact, "error": 0 if exact else 0.00391}


def _missing(rng: random.Random, rate: float, values: list[Any]) -> list[Any]:
    return [None if rng.random() < rate else value for value in values]


def _moment(rng: random.Random) -> str:
    return (datetime(2026, 1, 1) + timedelta(seconds=rng.randrange(310 * 86_400))).isoformat()  # noqa: DTZ001


def _day(rng: random.Random) -> str:
    return (date(2026, 1, 4) + timedelta(days=rng.randrange(310))).isoformat()


def _note(rng: random.Random) -> str:
    words = ("leave at the door", "ring twice, please", "gift\nwrap it", "call before", 'the "blue" one', "nach 18 Uhr")
    return f"{rng.choice(words)}{rng.choice(('', '', '!', ' - thanks'))}"
