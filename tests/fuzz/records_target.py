"""A coverage-guided fuzz target: any rules, any bytes, any cuts, against the reference reader.

`python tests/fuzz/records_target.py SECONDS [CORPUS]`; an input that breaks the law is printed and ends it.
"""

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "unit" / "records")]

with atheris.instrument_imports(include=["fanfold.records"]):
    import records_reference as reference
    from records_chain import expected, layout_of, read_chain
    from records_reference import CR, LF, Rules

    from fanfold.errors import DatasetRejected
    from fanfold.records.grammar import Bounds
    from fanfold.records.inspection import inspect
    from fanfold.records.reader import RecordReader
    from fanfold.records.wishes import DialectOptions

INPUT_BYTES_MAX = 300


def rules_from(data: atheris.FuzzedDataProvider) -> Rules:
    return Rules(
        delimiter=data.PickValueInList([b",", b",", b"||", b", ", b"<=>"]),
        quote=data.PickValueInList([ord('"'), ord('"'), ord("'"), None]),
        newline=data.PickValueInList([LF, LF, CR]),
        columns=data.ConsumeIntInRange(1, 4),
        record_max=data.PickValueInList([1 << 20, 1 << 20, 5, 17, 40]),
        reject_text=data.ConsumeIntInRange(1, 30),
        escapes=data.ConsumeBool(),
        encoding=data.PickValueInList(["utf-8", "utf-8", "utf-16-le", "utf-16-be", "windows-1252"]),
        pads=data.ConsumeBool(),
        keeps_extra=data.ConsumeBool(),
    )


def bounds_from(data: atheris.FuzzedDataProvider, rules: Rules) -> Bounds:
    return Bounds(
        batch=data.ConsumeIntInRange(1, 80),
        block=data.ConsumeIntInRange(1, 80),
        record_max=rules.record_max,
        window=data.ConsumeIntInRange(1, 80),
        tail=data.ConsumeIntInRange(1, 20),
        reject_text=rules.reject_text,
    )


def check(raw: bytes) -> None:
    """The law for one input; what is guessed may be wrong, but it is a place in the chunk."""
    data = atheris.FuzzedDataProvider(raw)
    rules = rules_from(data)
    bounds = bounds_from(data, rules)
    step = data.ConsumeIntInRange(1, 60)
    text = data.ConsumeBytes(INPUT_BYTES_MAX)
    if not text:
        return
    cuts = list(range(step, len(text), step))
    rows = reference.read(text, 0, rules)
    assert read_chain(text, rules, cuts, bounds).rows == expected(rows), (rules, bounds, cuts, text)
    reader = RecordReader(layout_of(text, rules), lambda start, stop: text[start:stop], bounds)
    for cut in cuts:
        entry = reader.find_entry(cut, len(text))
        assert entry is None or cut <= entry < len(text), (rules, bounds, cut, text)
    inspected(text)


def inspected(text: bytes) -> None:
    """Whatever the bytes are, they are refused with a reason or have a layout that the law holds for."""
    try:
        layout = inspect(text, len(text), DialectOptions())
    except DatasetRejected:
        return
    assert 0 <= layout.data_start <= len(text), text
    assert len(set(layout.columns)) == len(layout.columns), text


def main() -> None:
    seconds, corpus = sys.argv[1], sys.argv[2:]
    arguments = [sys.argv[0], f"-max_total_time={seconds}", "-max_len=400", "-timeout=30", *corpus]
    atheris.Setup(arguments, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
