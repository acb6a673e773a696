from itertools import product
from unittest.mock import patch

import pytest
import records_reference as reference
from hypothesis import given
from hypothesis import strategies as st
from records_chain import layout_of
from records_reference import CR, LF, Rules
from records_strategies import hostile, quoted_lines, rules

from fanfold.records import tally
from fanfold.records.exact import read_exact
from fanfold.records.grammar import Bounds, Grammar
from fanfold.records.proven import read_proven
from fanfold.records.shadow import cast
from fanfold.records.verdicts import REASONS


def grammar_of(rules: Rules) -> Grammar:
    return Grammar.of(layout_of(b"", rules))


def record_max_of(rules: Rules) -> int:
    """The maximum in code units."""
    return max(1, rules.record_max // rules.unit)


def assert_never_wrong(text: bytes, rules: Rules) -> bool:
    """The fast path reads all as the oracle does, or nothing at all; tells which."""
    grammar = grammar_of(rules)
    run = cast(text, grammar, at_end=True)
    clean = read_proven(run, grammar, record_max_of(rules), at_end=True, owned=len(run))
    if clean is None or not clean.consumed:
        return False
    rows = reference.read(text, 0, rules)
    assert clean.consumed == len(run)
    assert clean.frame.rows() == [row.values for row in rows], text
    return True


def assert_exact(text: bytes, rules: Rules) -> None:
    run = cast(text, grammar_of(rules), at_end=True)
    exact = read_exact(run, grammar_of(rules), Bounds(record_max=rules.record_max), at_end=True, owned=len(text))
    rows = reference.read(text, 0, rules)
    verdicts = [REASONS[verdict] for verdict in exact.verdicts]
    assert list(zip(exact.starts.tolist(), verdicts, strict=True)) == [
        (row.start, row.reason or "accepted") for row in rows
    ]
    assert exact.frame.rows() == [row.values for row in rows if row.values is not None]


def assert_part_never_wrong(text: bytes, rules: Rules, owned: int, *, at_end: bool) -> bool:
    """The fast path reads the records that start before `owned` as the exact path does, or nothing; tells which."""
    grammar = grammar_of(rules)
    run = cast(text, grammar, at_end=at_end)
    clean = read_proven(run, grammar, record_max_of(rules), at_end=at_end, owned=owned)
    if clean is None or not clean.consumed:
        return False
    bounds = Bounds(record_max=record_max_of(rules))
    exact = read_exact(run, grammar, bounds, at_end=at_end, owned=owned)
    assert clean.consumed == exact.consumed, text
    assert not exact.verdicts.any(), text
    assert clean.frame.equals(exact.frame), text
    return True


OFTEN_THREE_COLUMNS = st.one_of(
    rules(), st.builds(Rules, columns=st.just(3), record_max=st.sampled_from([60, 1 << 20]))
)


@given(
    of=OFTEN_THREE_COLUMNS,
    data=st.data(),
    stretch=st.integers(1, 300),
    owned=st.integers(1, 2_000),
    at_end=st.booleans(),
)
def test_whatever_the_fast_path_accepts_the_exact_path_and_the_oracle_read_the_same(
    of: Rules, data: st.DataObject, stretch: int, owned: int, *, at_end: bool
) -> None:
    text = data.draw(st.one_of(quoted_lines(of=of), hostile(of)))
    with patch.object(tally, "STRETCH_BYTES", stretch):
        assert_never_wrong(text, of)
        assert_part_never_wrong(text, of, min(owned, len(text)), at_end=at_end)


ONE_CHARACTER = st.builds(
    Rules,
    delimiter=st.sampled_from([b",", b";", b"\t"]),
    quote=st.sampled_from([ord('"'), ord("'")]),
    columns=st.just(3),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "windows-1252", "latin-1"]),
    pads=st.booleans(),
    keeps_extra=st.booleans(),
)


@given(of=ONE_CHARACTER, data=st.data(), stretch=st.integers(1, 300), lines=st.integers(1, 30))
def test_fast_path_takes_all_that_is_written_properly(of: Rules, data: st.DataObject, stretch: int, lines: int) -> None:
    text = data.draw(quoted_lines(of, breaks=False))
    with patch.object(tally, "STRETCH_BYTES", stretch):
        assert assert_never_wrong(text * lines, of)


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("newline", [LF, CR])
def test_no_short_text_at_all_fools_the_proof_or_the_exact_path(columns: int, newline: int) -> None:
    rules = Rules(columns=columns, newline=newline)
    proven = 0
    for length in range(1, 5):
        for text in map(bytes, product(b'a,"\n\r', repeat=length)):
            proven += assert_never_wrong(text, rules)
            assert_exact(text, rules)
    assert proven > 40


@pytest.mark.parametrize(
    "text",
    [
        b'""x"",b\n',
        b'"a"b"c",d\n',
        b'a,""b""\n',
        b'"a"b,c"d"\n',
        b"a,b\nc\n",
        b"a,b\n\nc,d\n",
        b"a,b\nc,d,\n",
        b"a,b\nc,d,",
        b"a,b\n\xef\xbb\xbfc\n",
        b"\xef\xbb\xbfa,b\nc\nd\ne\n",
        b"\r,\n",
        b"a,b\r\nc\r",
        b"a\r,b\r\nc\n",
        b"a,\0\n",
        b"\xc3,\xa9\n",
        b"a,\xc3\n\xa9,b\n",
        b'a,"b\n',
        b'a,b"\nc,d"\n',
        b'a,"b"\rc\n',
    ],
)
def test_text_that_polars_would_read_otherwise_is_refused(text: bytes) -> None:
    rules = Rules()
    assert not assert_never_wrong(text, rules)
    assert_exact(text, rules)
    surrounded = b'1,"2"\n' * 40 + text + (b"" if text.endswith(b"\n") else b"\n") + b'"3\n",4\n' * 40
    assert_never_wrong(surrounded, rules)
    assert_exact(surrounded, rules)


@pytest.mark.parametrize("padding", range(0, 140, 7))
def test_broken_record_is_noticed_at_any_distance_from_the_start(padding: int) -> None:
    for broken in (b'""x"",b\n', b'"a"b"c",d\n', b"a\n", b'5" pipe,7" pipe\n', b'a,"\r\n"\r\n', b"\n", b"a\r,b\n"):
        text = b"x" * padding + b",y\n" + broken + b'"c",d\n' * 20
        assert_never_wrong(text, Rules())
        assert_exact(text, Rules())


def test_record_longer_than_allowed_is_not_proven_even_if_it_is_clean() -> None:
    text = b"a,b\n" * 3 + b'"' + b"x" * 30 + b'",c\n' + b"d,e\n" * 3
    assert not assert_never_wrong(text, Rules(record_max=30))
    assert assert_never_wrong(text, Rules(record_max=50))


def test_without_a_quote_in_the_dialect_quotes_are_ordinary_bytes() -> None:
    rules = Rules(quote=None)
    assert assert_never_wrong(b'"a,b"\n"",5"\n', rules)
    assert_exact(b'"a\r,b"\n\n"",5"\r', rules)
