"""Write `orders.csv`, the dataset that `make run` shows: 50,000 orders of a hardware shop and 40 unreadable records.

The file is made, not stored: it is six megabytes, and a generator says what is in it. It is the same byte for byte
on every machine: only `Random.random()` is drawn from, whose sequence Python promises for a seed, and every amount
is an integer of cents. `orders.expected.json` holds what the generator knows of it, for the tests to rely on.
"""

import csv
import hashlib
import io
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = 20260314
RECORDS = 50_000
REJECTS = 40
DAYS = 366

COLUMNS = (
    "order_id", "customer", "email", "country", "postal_code", "product", "quantity", "unit_price",
    "discount", "total", "ordered_at", "delivered_on", "express", "notes",
)  # fmt: skip
TYPES = (
    "integer", "string", "string", "string", "string", "string", "integer", "number",
    "number", "number", "datetime", "date", "boolean", "string",
)  # fmt: skip

FIRST_NAMES = (
    "Anna", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Grete", "Hiro", "Inês", "Jörg", "Kaja", "Łukasz", "Mai", "Noor",
    "Oona", "Pádraig", "Quentin", "Rosa", "Søren", "Tomáš", "Ülkü", "Violeta", "Wanjiru", "Ximena", "Yuki", "Zoë",
    "美咲", "Ольга",
)  # fmt: skip
LAST_NAMES = (
    "Almeida", "Bjørnsen", "Çelik", "Dvořák", "Eriksson", "Fischer", "García", "Hoàng", "Ibáñez", "Jansen", "Kowalska",
    "Lefèvre", "Müller", "Nakamura", "O'Neill", "Petrov", "Quiroga", "Rossi", "Smith", "Şahin", "Tanaka", "Urbán",
    "Visser", "Wójcik", "Żak",
)  # fmt: skip
COUNTRIES = ("DE", "FR", "GB", "PL", "ES", "IT", "NL", "SE", "CZ", "PT", "JP", "IS")
COUNTRY_SHARES = (380, 190, 130, 90, 70, 50, 35, 25, 15, 9, 5, 1)
NOUNS = (
    "Pipe",
    "Hinge",
    "Wood screw",
    "Anchor bolt",
    "Sanding sheet",
    "Paint roller",
    "Drill bit",
    "Hose clamp",
    "Bracket",
    "Shelf",
)
SIZES = ("S", "M", "L", '1/2"', '3/4"', '5"', "4 mm", "6 mm", "8 mm", "12 mm")
MATERIALS = ("brass", "steel, galvanised", "stainless steel", "oak", 'PVC, "food safe"', "copper, soft", "aluminium")
NOTES = (
    "Please ring twice",
    "Leave with the neighbour, second floor",
    "Gift wrap,\nand no invoice in the parcel",
    'Customer said: "as soon as possible"',
    'Two lines here:\nfragile, "this side up"',
    "Retoure zurück an Lager Köln",
    "Call before delivery\n\nMobile is in the account",
    "=SUM of both parcels, see the other order",
)


@dataclass(frozen=True, slots=True)
class Samples:
    """The file's bytes, and what is known of it without reading it."""

    data: bytes
    expected: dict[str, object]


class Draw:
    """Choices made from `Random.random()` alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, limit: int) -> int:
        """Draw an integer in [0, limit)."""
        return int(self._random() * limit)

    def chance(self, percent: int) -> bool:
        """Say whether something that happens `percent` times in a hundred happens now."""
        return self.below(100) < percent

    def one_of(self, options: Sequence[str]) -> str:
        """Draw one of the options, all alike likely."""
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[str], shares: Sequence[int]) -> str:
        """Draw one of the options, each as likely as its share of the whole."""
        ticket = self.below(sum(shares))
        for option, share in zip(options, shares, strict=True):
            ticket -= share
            if ticket < 0:
                return option
        raise AssertionError(shares)


def amount(cents: int) -> str:
    """Write cents as a decimal with two places."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def discounted(quantity: int, unit_price_cents: int, percent: int) -> int:
    """Price the order in cents, half a cent rounded away from zero."""
    cents = (abs(quantity) * unit_price_cents * (100 - percent) + 50) // 100
    return cents if quantity >= 0 else -cents


def order(draw: Draw, order_id: int, ordered_at: datetime) -> list[str]:
    """Make up one order, a value a column."""
    first, last = draw.one_of(FIRST_NAMES), draw.one_of(LAST_NAMES)
    quantity = -1 if draw.chance(1) else 1 + draw.below(3) * draw.below(20)
    unit_price_cents = 49 + draw.below(60) * draw.below(400)
    percent = draw.one_of(("0", "5", "10", "15", "25")) if draw.chance(30) else ""
    delivered_on = (ordered_at + timedelta(days=1 + draw.below(9))).date().isoformat()
    return [
        str(order_id),
        f"{first} {last}",
        f"customer{draw.below(30_000):05d}@example.{draw.one_of(('com', 'org', 'net'))}",
        draw.weighted(COUNTRIES, COUNTRY_SHARES),
        f"{draw.below(100_000):05d}",
        f"{draw.one_of(NOUNS)} {draw.one_of(SIZES)}, {draw.one_of(MATERIALS)}",
        str(quantity),
        amount(unit_price_cents),
        amount(int(percent)) if percent else "",
        amount(discounted(quantity, unit_price_cents, int(percent or 0))),
        ordered_at.isoformat(),
        delivered_on if draw.chance(88) else "",
        "true" if draw.chance(15) else "false",
        draw.one_of(NOTES) if draw.chance(6) else "",
    ]


def written(fields: Sequence[str]) -> str:
    """Write a record as RFC 4180 has it, quoted only where it must be, ended by LF."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue()


def cut_short(fields: list[str]) -> bytes:
    """Leave out the last columns."""
    return written(fields[:9]).encode()


def one_comma_too_many(fields: list[str]) -> bytes:
    """Type the total with a thousands separator, unquoted."""
    return written([*fields[:9], "1", "299.00", *fields[10:]]).encode()


def text_behind_quote(fields: list[str]) -> bytes:
    """Type text behind the closing quote of the name."""
    plain = [fields[0], f'"{fields[1]}" (VIP)', *fields[2:5], "Shelf", *fields[6:13], ""]
    return (",".join(plain) + "\n").encode()


def nothing(_: list[str]) -> bytes:
    """Leave a blank line."""
    return b"\n"


def latin_1(fields: list[str]) -> bytes:
    """Write the name in another encoding."""
    return (
        written([fields[0], "Jörg Müller", *fields[2:]]).encode().replace("Jörg Müller".encode(), b"J\xf6rg M\xfcller")
    )


SPOILS: tuple[tuple[str, Callable[[list[str]], bytes]], ...] = (
    ("too_few_fields", cut_short),
    ("too_many_fields", one_comma_too_many),
    ("text_after_quote", text_behind_quote),
    ("blank_line", nothing),
    ("invalid_encoding", latin_1),
)


def make() -> Samples:
    """Make the samples, the same at every call."""
    draw = Draw(SEED)
    parts = [written(COLUMNS).encode()]
    rows: list[list[str]] = []
    reasons: Counter[str] = Counter()
    ordered_at, pause_s = datetime(2025, 3, 1, 6, 0), 2 * DAYS * 86_400 // RECORDS  # noqa: DTZ001 - a shop's local time
    for number in range(RECORDS + REJECTS):
        ordered_at += timedelta(seconds=draw.below(pause_s))
        fields = order(draw, 100_001 + number, ordered_at)
        if number % (RECORDS // REJECTS + 1) == RECORDS // REJECTS:
            reason, spoil = SPOILS[reasons.total() % len(SPOILS)]
            reasons[reason] += 1
            parts.append(spoil(fields))
        else:
            rows.append(fields)
            parts.append(written(fields).encode())
    data = b"".join(parts)
    return Samples(data, expectation(data, rows, reasons))


def expectation(data: bytes, rows: list[list[str]], reasons: Counter[str]) -> dict[str, object]:
    """State what a report must say of the file."""
    columns = [
        column(name, kind, [row[position] for row in rows])
        for position, (name, kind) in enumerate(zip(COLUMNS, TYPES, strict=True))
    ]
    return {
        "why": "A plausible dataset: every type, quoted commas and newlines, nulls, and records that cannot be read",
        "outcome": "report",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "records": len(rows),
        "rejected": reasons.total(),
        "reasons": dict(sorted(reasons.items())),
        "dialect": {"delimiter": ",", "quote": '"', "newline": "\n", "header": True},
        "columns": columns,
    }


def column(name: str, kind: str, values: list[str]) -> dict[str, object]:
    """State the facts of one column that need no more than counting; a sum is exact, as text."""
    present = [value for value in values if value]
    facts: dict[str, object] = {
        "name": name,
        "type": kind,
        "count": len(present),
        "nulls": len(values) - len(present),
        "distinct": len(set(present)),
    }
    if kind == "integer":
        facts["sum"] = str(sum(map(int, present)))
    if kind == "number":
        facts["sum"] = amount(sum(int(value.replace(".", "")) for value in present))
    return facts


def main() -> int:
    """Write the files beside this one, or with `--check` say whether they are as they should be."""
    samples = make()
    files = {
        HERE / "orders.csv": samples.data,
        HERE / "orders.expected.json": (json.dumps(samples.expected, indent=2, ensure_ascii=False) + "\n").encode(),
    }
    if sys.argv[1:] == ["--check"]:
        return int(any(not path.exists() or path.read_bytes() != data for path, data in files.items()))
    for path, data in files.items():
        if not path.exists() or path.read_bytes() != data:
            # Renamed into place, so that nobody ever reads half a file.
            unfinished = path.with_name(f"{path.name}.{os.getpid()}")
            unfinished.write_bytes(data)
            unfinished.replace(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
