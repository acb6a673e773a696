import random
from bisect import bisect_left
from collections.abc import Callable

import pytest
import records_reference as reference
from records_chain import layout_of
from records_reference import Rules

from fanfold.records.reader import RecordReader

WORDS = ["lorem", "ipsum", "dolor,", "sit; amet", '"quoted"', "5'", "et", "labore.", "magna", "7,5", "elit"]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))


def quoted_newlines(rng: random.Random) -> str:
    return quoted(words(rng, 3) + "\n" + words(rng, 5) + "\n") if rng.random() < 0.3 else "x"


def embedded_table(rng: random.Random) -> str:
    rows = "\n".join("7,red,1.5,x" for _ in range(rng.randint(1, 30)))
    return quoted(rows) if rng.random() < 0.1 else "x"


def bare_quotes(rng: random.Random) -> str:
    return rng.choice(['5" pipe', 'a 3" nail', "plain", quoted("a\nb,c")])


def long_text(rng: random.Random) -> str:
    return quoted("\n".join(words(rng, 12) for _ in range(rng.randint(1, 100))))


def doubled_quotes(rng: random.Random) -> str:
    return quoted(rng.choice(['"', '""', '"a"\n"b"', "", "\n", '\n",\n']))


def generated(kind: Callable[[random.Random], str], newline: str) -> bytes:
    rng = random.Random(kind.__name__ + newline)
    rows = []
    while sum(map(len, rows)) < 150_000:
        rows.append(f"{len(rows)},{rng.choice(['red', 'green'])},{rng.random():.3f},{kind(rng)}{newline}")
    return "".join(rows).encode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "kind", [quoted_newlines, embedded_table, bare_quotes, long_text, doubled_quotes], ids=lambda kind: kind.__name__
)
def test_entry_of_a_clean_file_is_practically_never_guessed_wrong(
    kind: Callable[[random.Random], str], newline: str
) -> None:
    data = generated(kind, newline)
    starts = [row.start for row in reference.read(data, 0, Rules(columns=4))]
    rng = random.Random(1)
    wrong = 0
    for _ in range(300):
        cut = rng.randrange(1, len(data))
        stop = min(len(data), cut + 30_000)
        place = bisect_left(starts, cut)
        true = starts[place] if place < len(starts) and starts[place] < stop else None
        reader = RecordReader(layout_of(data, Rules(columns=4)), lambda start, stop: data[start:stop])
        wrong += reader.find_entry(cut, stop) != true
    assert wrong == 0


def test_cut_at_any_byte_of_a_small_clean_file_finds_the_next_record() -> None:
    data = b'1,"a\nb, ""c""",x\r\n2,,"7"\r\n3,"",""""\r\n' * 3
    starts = [row.start for row in reference.read(data, 0, Rules(columns=3))]
    for cut in range(1, len(data)):
        place = bisect_left(starts, cut)
        true = starts[place] if place < len(starts) else None
        reader = RecordReader(layout_of(data, Rules(columns=3)), lambda start, stop: data[start:stop])
        assert reader.find_entry(cut, len(data)) == true, cut


def test_chunk_inside_one_long_quoted_field_has_no_entry() -> None:
    data = b'1,"' + b"some text here\n" * 5_000 + b'",x\n2,b,c\n'
    reader = RecordReader(layout_of(data, Rules(columns=3)), lambda start, stop: data[start:stop])
    assert reader.find_entry(20_000, 30_000) is None


def test_chunk_at_or_before_the_data_enters_where_the_data_begins() -> None:
    data = b"a,b\nc,d\n"
    reader = RecordReader(layout_of(data, Rules()), lambda start, stop: data[start:stop])
    assert reader.find_entry(0, 3) == 0


def test_window_stays_small_where_records_are_small() -> None:
    data = b'1,"two\nlines",x\n' * 50_000
    requests = []

    def read(start: int, stop: int) -> bytes:
        requests.append(stop - start)
        return data[start:stop]

    reader = RecordReader(layout_of(data, Rules(columns=3)), read)
    assert reader.find_entry(400_000, 500_000) is not None
    assert sum(requests) < 10_000
