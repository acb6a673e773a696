import random
from itertools import product

import pytest
import records_reference as reference
from hypothesis import given
from hypothesis import strategies as st
from records_chain import expected, layout_of, read_chain
from records_reference import CR, LF, Rules
from records_strategies import bounds, cuts, hostile, rules

from fanfold import limits
from fanfold.records.grammar import Bounds
from fanfold.records.reader import RecordReader

TINY = Bounds(batch=7, block=5, record_max=1 << 20, window=16, tail=3)

NASTY = {
    "quoted newlines": b'a,"x\ny"\n"\n\n",b\nc,d\n',
    "doubled quotes at every edge": b'"""a""","b"""\n"""",""\n"","""\n"""\n',
    "bare quotes": b'5" pipe,6" pipe\na"b,c\nx,"y"\n7",8\n',
    "text after a quote": b'"a"b,c\n"a" ,c\nd,e\n"f"g"h",i\n',
    "ragged and blank": b"a\n\na,b,c\n,\n,,\na,b",
    "mixed newlines": b'a,b\r\nc,d\ne,"f\r\ng"\r\nh,i\r\r\n\r\nj\r,k\r',
    "unterminated quote": b'a,b\n"c,d\ne,f\ng,h\n',
    "unterminated quote after a quoted newline": b'a,"b\nc","d\ne,f\n',
    "every line opens a quote": b'a,"b\nc","b\nc","b\nc","d\nx,y',
    "quote in the last byte": b'a,b\n"',
    "invalid bytes": b"a,\xff\n\xc3,\xa9\n\xc3\xa9,b\n\xe2\x82\n,\0\n",
    "byte order mark as content": b"\xef\xbb\xbfa,b\n\xef\xbb\xbf,c\n",
    "embedded table": b'1,"a,b\nc,d\ne,f"\n2,x\n',
}


@given(st.data())
def test_any_bytes_in_any_chunks_read_as_the_one_sequential_reader_reads_them(data: st.DataObject) -> None:
    grammar = data.draw(rules())
    text = data.draw(hostile(grammar))
    chain = read_chain(text, grammar, data.draw(cuts(len(text))), data.draw(bounds(grammar)))
    rows = reference.read(text, 0, grammar)
    assert chain.rows == expected(rows)
    widths = [row.fields - grammar.columns for row in rows if row.values is not None]
    assert sum(batch.padded for batch in chain.batches) == sum(width < 0 for width in widths)
    assert sum(batch.extended for batch in chain.batches) == sum(width > 0 for width in widths)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("newline", [LF, CR])
def test_nasty_file_reads_alike_when_cut_at_every_single_byte(text: bytes, columns: int, newline: int) -> None:
    grammar = Rules(columns=columns, newline=newline)
    rows = expected(reference.read(text, 0, grammar))
    for cut in range(len(text) + 1):
        assert read_chain(text, grammar, [cut], Bounds()).rows == rows
    assert read_chain(text, grammar, list(range(1, len(text))), TINY).rows == rows


@pytest.mark.parametrize("record_max", range(1, 20))
def test_record_that_does_not_end_in_time_costs_its_first_line_only_wherever_the_cut_is(record_max: int) -> None:
    text = b'a,b\nlong line without an end,c\n"x\ny\nz",d\n"never closed\ne,f\ng,h'
    grammar = Rules(record_max=record_max)
    rows = expected(reference.read(text, 0, grammar))
    for batch, step in product([1, 4, 100], [1, 5, len(text)]):
        small = Bounds(batch=batch, block=3, record_max=record_max, tail=2)
        assert read_chain(text, grammar, list(range(step, len(text), step)), small).rows == rows


@given(st.data())
def test_batches_tile_the_dataset_and_count_every_reject(data: st.DataObject) -> None:
    grammar = data.draw(rules())
    text = data.draw(hostile(grammar))
    batches = read_chain(text, grammar, [], data.draw(bounds(grammar))).batches
    assert [batch.start for batch in batches] == [0, *(batch.stop for batch in batches[:-1])]
    assert batches[-1].stop == len(text)
    for batch in batches:
        assert sum(batch.reasons.values()) == batch.rejected
        assert batch.frame.columns == [str(number) for number in range(grammar.columns + grammar.keeps_extra)]
        assert sum(batch.frame.null_count().row(0)) == 0
        assert not (batch.proven and batch.rejected)


def test_rejects_beyond_the_limit_are_counted_without_their_text() -> None:
    text = b"a\n" * 50
    reader = RecordReader(
        layout_of(text, Rules()), lambda start, stop: text[start:stop], Bounds(batch=8, rejects_kept=7)
    )
    batches = list(reader.batches(0, len(text)))
    assert sum(batch.rejected for batch in batches) == 50
    assert [reject.ordinal for batch in batches for reject in batch.rejects] == list(range(7))


def test_clean_records_take_the_proven_path_with_and_without_quotes() -> None:
    for text in (b"a,b\n" * 9, b'"a","b\nc"\n' * 9, b'a,"b ""c"" d"\r\n' * 9, b"a,b\nc,d"):
        assert all(batch.proven for batch in read_chain(text, Rules(), [], Bounds()).batches)


def test_one_broken_record_among_clean_ones_is_the_only_reject() -> None:
    text = b'a,b\n"c ""d""",5" pipe\n' * 500 + b'"e"f,g\n' + b'"h\n",i\n' * 500
    batches = read_chain(text, Rules(), [], Bounds(block=100)).batches
    assert [(reject.ordinal, reject.reason) for batch in batches for reject in batch.rejects] == [
        (1000, "text_after_quote")
    ]
    assert sum(batch.frame.height for batch in batches) == 1500


def test_large_file_with_every_kind_of_broken_record_reads_as_the_oracle_reads_it() -> None:
    rng = random.Random(7)
    kinds = [b"a,b\n", b'"a ""b""","c\nd"\n', b'5" pipe,6"\n', b"a,\r\n", b"a\r,b\r\n", b"\xc3\xa9,\xe2\x82\xac\n"]
    broken = [b"a\n", b"a,b,c\n", b"\n", b'"a"b,c\n', b"a,\0\n", b"\xff,a\n", b'""a"",b\n']
    text = b"".join(rng.choice(broken if rng.random() < 0.01 else kinds) for _ in range(200_000)) + b'a,"b'
    grammar = Rules()
    assert len(text) > limits.BLOCK_BYTES
    assert read_chain(text, grammar, [], Bounds()).rows == expected(reference.read(text, 0, grammar))


class CountingSource:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.requests: list[tuple[int, int]] = []

    def __call__(self, start: int, stop: int) -> bytes:
        assert 0 <= start < stop <= len(self.data)
        self.requests.append((start, stop))
        return self.data[start:stop]


def test_chunk_is_read_in_two_requests_one_to_find_its_entry_and_one_for_its_records() -> None:
    source = CountingSource(b'1,"two\nlines",3\n' * 100_000)
    reader = RecordReader(layout_of(source.data, Rules(columns=3)), source)
    entry = reader.find_entry(300_000, 900_000)
    assert entry is not None
    batches = list(reader.batches(entry, 900_000))
    assert len(batches) == 1
    assert len(source.requests) == 2


def test_record_that_spans_many_chunks_is_finished_with_few_requests() -> None:
    source = CountingSource(b'a,b\n"' + b"x" * 5_000_000 + b'",c\nd,e\n')
    reader = RecordReader(layout_of(source.data, Rules()), source, Bounds(tail=1024))
    batches = list(reader.batches(0, 100))
    assert sum(batch.frame.height for batch in batches) == 2
    assert batches[-1].stop == len(source.data) - 4
    assert len(source.requests) < 16


def test_over_long_line_is_streamed_never_held() -> None:
    source = CountingSource(b"x" * 100_000 + b"\na,b\n")
    small = Bounds(batch=1000, record_max=2000, tail=100)
    batches = list(RecordReader(layout_of(source.data, Rules()), source, small).batches(0, 1))
    assert [(batch.stop, dict(batch.reasons)) for batch in batches] == [(100_001, {"record_too_long": 1})]
    assert max(stop - start for start, stop in source.requests) <= 3000


def test_hostile_file_of_lines_that_never_end_takes_linear_time() -> None:
    lines = 20_000
    text = b'c"x,"b\n' * lines + b'","d'
    grammar = Rules(record_max=1 << 20)
    small = Bounds(record_max=grammar.record_max)
    reader = RecordReader(layout_of(text, grammar), lambda start, stop: text[start:stop], small)
    assert sum(batch.rejected + batch.frame.height for batch in reader.batches(0, len(text))) >= lines // 2


def test_chunk_in_which_no_record_starts_yields_nothing() -> None:
    text = b"a,b\nc,d\n"
    reader = RecordReader(layout_of(text, Rules()), lambda start, stop: text[start:stop])
    assert list(reader.batches(4, 4)) == []
    assert list(reader.batches(8, 8)) == []
