"""How often a chunk guesses wrong where its first record starts, in files of many kinds and chunks of several sizes.

A wrong guess costs that chunk another reading and never a record: the fold proves every boundary. `ours` are the chunks
whose guess was wrong, `theirs` all chunks but the first, so that the ratio is the share that is processed again. Clean
data are expected to stay below one in a thousand. The traps are anything but clean: they show what it costs at worst.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.comparison import Row
from fanfold.errors import DatasetRejected
from fanfold.records.grammar import Bounds, Grammar
from fanfold.records.inspection import inspect
from fanfold.records.layout import Layout
from fanfold.records.reader import RecordReader
from fanfold.records.shadow import cast
from fanfold.records.structure import analyse
from fanfold.records.wishes import DialectOptions

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"

DATA_BYTES = 1_000_000
CHUNK_BYTES = (997, 8_192, 65_536)
TRAP_CHUNK_BYTES = (7, 16, 40, 100)

WORDS = ("lorem", "ipsum", "dolor,", "sit; amet", '"quoted"', "5'", "et", "labore.", 'a 3" nail', "7,5", "|", "#1")

Value = Callable[[random.Random], str]
"""Makes the one field of a record that is not plain, as it stands in the file."""


def words(rng: random.Random, count: int) -> str:
    """Give some prose, with signs that mean something elsewhere."""
    return " ".join(rng.choices(WORDS, k=count))


def quoted(text: str) -> str:
    """Put a text in quotes."""
    return '"' + text.replace('"', '""') + '"'


def plain(rng: random.Random) -> str:
    """Make a field that needs no quotes."""
    return rng.choice(("open", "closed", ""))


def commas(rng: random.Random) -> str:
    """Make a quoted field with delimiters."""
    return quoted(words(rng, 4))


def some_newlines(rng: random.Random) -> str:
    """Make, now and then, a field of several lines."""
    return quoted(words(rng, 3) + "\n" + words(rng, 5) + "\n") if rng.random() < 0.1 else "x"


def comments(rng: random.Random) -> str:
    """Make a text of up to fifty lines: most cuts are inside one."""
    return quoted("\n".join(words(rng, 12) for _ in range(rng.randint(1, 50))))


def markup(rng: random.Random) -> str:
    """Make HTML."""
    rows = "\n".join(f'<td class="n">{rng.randint(0, 99)}</td>, <br>' for _ in range(rng.randint(1, 9)))
    return quoted(f"<tr>\n{rows}\n</tr>")


def json_text(rng: random.Random) -> str:
    """Make JSON, half of it on several lines."""
    sign = rng.choice(("", "\n"))
    return quoted(f'{{"id": {rng.randint(0, 99)},{sign} "tags": ["a", "b"],{sign} "text": "{rng.choice("xyz")}"}}')


def tables(rng: random.Random) -> str:
    """Make, now and then, a table in a field, with as many columns as the file has."""
    rows = "\n".join("7,red,1.5,x" for _ in range(rng.randint(1, 30)))
    return quoted(rows) if rng.random() < 0.1 else "x"


def bare_quotes(rng: random.Random) -> str:
    """Make a field with quotes that open nothing."""
    return rng.choice(('5" pipe', 'a 3" nail', "plain", quoted("a\nb,c")))


def only_quotes(rng: random.Random) -> str:
    """Make a field of hardly more than quotes and newlines."""
    return quoted(rng.choice(('"', '""', '"a"\n"b"', "", "\n", '\n",\n')))


def table(value: Value, *, delimiter: str = ",", newline: str = "\n", encoding: str = "utf-8") -> bytes:
    """Make a table of four columns."""
    rng = random.Random(value.__name__)
    rows = [f"id,colour,ratio,text{newline}"]
    size = 0
    while size < DATA_BYTES:
        colour = rng.choice(("red", "green", "blue"))
        rows.append(f"{len(rows)},{colour},{rng.random():.3f},{value(rng)}{newline}")
        size += len(rows[-1])
    # Outside quotes every comma is a delimiter.
    text = "".join(rows)
    return text.encode(encoding) if delimiter == "," else _divided(text, delimiter).encode(encoding)


def _divided(text: str, delimiter: str) -> str:
    parts = text.split('"')
    parts[::2] = [part.replace(",", delimiter) for part in parts[::2]]
    return '"'.join(parts)


def one_column() -> bytes:
    """Make remarks in one column: there is no number of fields to go by."""
    rng = random.Random(2)
    rows = (quoted(words(rng, 6) + rng.choice(("", "\n" + words(rng, 4)))) for _ in range(DATA_BYTES // 60))
    return ("remark\n" + "\n".join(rows) + "\n").encode()


def escaped() -> bytes:
    """Make quotes and newlines behind backslashes."""
    rng = random.Random(3)
    texts = ('say \\"hi\\", twice', "two\nlines", "C:\\\\new", "plain")
    rows = (f'{number},"{rng.choice(texts)}",{rng.random():.3f}' for number in range(DATA_BYTES // 30))
    return ("id,text,ratio\n" + "\n".join(rows) + "\n").encode()


def clean_files() -> Iterator[tuple[str, bytes]]:
    """Give what is expected to be guessed right."""
    yield "sample_data/orders.csv", (SAMPLES / "orders.csv").read_bytes()
    values = (plain, commas, some_newlines, comments, markup, json_text, tables, bare_quotes, only_quotes)
    for value in values:
        yield value.__name__.replace("_", " "), table(value)
    yield "some newlines, CRLF", table(some_newlines, newline="\r\n")
    yield "some newlines, semicolons", table(some_newlines, delimiter=";")
    yield "some newlines, a delimiter of two characters", table(some_newlines, delimiter=", ")
    yield "some newlines, UTF-16", table(some_newlines, encoding="utf-16")
    yield "comments, Windows-1252", table(comments).replace(b"ipsum", b"\xefpsum")
    yield "one column", one_column()
    yield "backslash escapes", escaped()


@dataclass(frozen=True, slots=True)
class Tally:
    """Chunks but for the first, and those of them that guessed wrong."""

    chunks: int = 0
    wrong: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Add up."""
        return Tally(self.chunks + other.chunks, self.wrong + other.wrong)


def count(data: bytes, chunk_bytes: int, layout: Layout) -> Tally:
    """Compare the guess of each chunk with the first of the true record starts in it."""
    reader = RecordReader(layout, lambda start, stop: data[start:stop])
    starts = iter(true_starts(data, layout))
    start = next(starts, len(data))
    chunks = wrong = 0
    for first in range(chunk_bytes, len(data), chunk_bytes):
        stop = min(first + chunk_bytes, len(data))
        while start < first:
            start = next(starts, len(data))
        chunks += 1
        wrong += reader.find_entry(first, stop) != (start if start < stop else None)
    return Tally(chunks, wrong)


def true_starts(data: bytes, layout: Layout) -> list[int]:
    """Read all of it from the start, by the grammar alone."""
    grammar = Grammar.of(layout)
    unit = grammar.codec.unit
    text = cast(data[layout.data_start :], grammar, at_end=True)
    bounds = Bounds(record_max=layout.policy.record_bytes_max).in_units(unit)
    found = analyse(text, grammar, bounds, at_end=True, owned=len(text))
    return [layout.data_start + unit * start for start in found.starts.tolist()]


def row(case: str, tally: Tally) -> Row:
    """Give the share as a percentage beside the counts."""
    share = 100 * tally.wrong / tally.chunks
    return Row(case, "chunks guessed wrong, of all", tally.wrong, tally.chunks, 1, f"{share:.3f} %")


def tallied(data: bytes, sizes: Iterable[int]) -> Tally:
    """Count for each size of chunk; nothing where no table is found."""
    try:
        layout = inspect(data[:DATA_BYTES], len(data), DialectOptions())
    except DatasetRejected:
        return Tally()
    return sum((count(data, size, layout) for size in sizes), Tally()) if layout.columns else Tally()


def main() -> Iterable[Row]:
    """Count file by file, then all clean ones, then the traps."""
    clean = Tally()
    for case, data in clean_files():
        tally = tallied(data, CHUNK_BYTES)
        clean += tally
        yield row(case, tally)
    yield row("all of these", clean)
    traps = (path.read_bytes() for path in sorted((SAMPLES / "traps").iterdir()) if path.suffix == ".csv")
    yield row("sample_data/traps", sum((tallied(data, TRAP_CHUNK_BYTES) for data in traps), Tally()))
