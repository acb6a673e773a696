"""The law of reading for one input of the fuzzer: any rules, any bytes, any cuts, against the reference reader.

The first bytes of an input choose the rules, the limits and the cuts, the rest is the dataset. So inputs are files that
can be kept, and read again without a fuzzer.
"""

from dataclasses import dataclass

import records_reference as reference
from records_chain import expected, layout_of, read_chain
from records_reference import CR, LF, Rules

from fanfold.errors import DatasetRejected
from fanfold.records.grammar import Bounds
from fanfold.records.inspection import inspect
from fanfold.records.reader import RecordReader
from fanfold.records.wishes import DialectOptions

CHOICES = 16
"""Bytes before the dataset."""

DELIMITERS = (b",", b";", b"\t", b" ", b"||", b", ", b"<=>")
QUOTES = (ord('"'), ord("'"), None)
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "windows-1252", "latin-1")
RECORD_MAXIMA = (1 << 20, 1, 5, 17, 40)


@dataclass(frozen=True, slots=True)
class Case:
    rules: Rules
    bounds: Bounds
    step: int
    names_encoding: bool
    data: bytes

    @property
    def cuts(self) -> list[int]:
        return list(range(self.step, len(self.data), self.step))


def case_of(raw: bytes) -> Case:
    """Read an input; a short one is completed with zeros, which choose the usual dialect."""
    choice = raw[:CHOICES].ljust(CHOICES, b"\0")
    rules = Rules(
        delimiter=DELIMITERS[choice[0] % len(DELIMITERS)],
        quote=QUOTES[choice[1] % len(QUOTES)],
        newline=(LF, CR)[choice[2] % 2],
        columns=1 + (choice[3] + 1) % 4,
        record_max=RECORD_MAXIMA[choice[4] % len(RECORD_MAXIMA)],
        reject_text=1 + choice[5] % 30,
        escapes=choice[6] % 2 == 1,
        encoding=ENCODINGS[choice[7] % len(ENCODINGS)],
        pads=choice[8] % 2 == 1,
        keeps_extra=choice[9] % 2 == 1,
    )
    bounds = Bounds(
        batch=1 + choice[10] % 80,
        block=1 + choice[11] % 80,
        record_max=rules.record_max,
        window=1 + choice[12] % 80,
        tail=1 + choice[13] % 20,
        reject_text=rules.reject_text,
    )
    return Case(rules, bounds, 1 + choice[14] % 60, choice[15] % 2 == 1, raw[CHOICES:])


def check(raw: bytes) -> None:
    """Raise AssertionError where an input breaks the law."""
    case = case_of(raw)
    if not case.data:
        return
    rows = reference.read(case.data, 0, case.rules)
    assert read_chain(case.data, case.rules, case.cuts, case.bounds).rows == expected(rows), case
    check_guesses(case)
    check_inspection(case.data, DialectOptions(encoding=case.rules.encoding if case.names_encoding else None))


def check_guesses(case: Case) -> None:
    """What is guessed may be wrong, but it is a place in the chunk."""
    data = case.data
    reader = RecordReader(layout_of(data, case.rules), lambda start, stop: data[start:stop], case.bounds)
    for cut in case.cuts:
        entry = reader.find_entry(cut, len(data))
        assert entry is None or cut <= entry < len(data), case


def check_inspection(data: bytes, wishes: DialectOptions) -> None:
    """Whatever the bytes are, they are refused with a reason, or have a layout that reads every byte of them."""
    try:
        layout = inspect(data, len(data), wishes)
    except DatasetRejected:
        return
    assert 0 <= layout.data_start <= len(data), data
    assert len(set(layout.columns)) == len(layout.columns), data
    if layout.columns:
        reader = RecordReader(layout, lambda start, stop: data[start:stop])
        place = layout.data_start
        for batch in reader.batches(layout.data_start, len(data)):
            assert batch.start == place < batch.stop, data
            place = batch.stop
        assert place == len(data), data
