"""Tables written in any dialect, cut anywhere, are read as they were: by themselves, and as Python's csv reads them."""

import csv

from hypothesis import given
from hypothesis import strategies as st
from records_chain import read_chain
from records_reference import CR
from records_strategies import bounds, cuts
from records_tables import CSV_DIALECTS, DIALECTS, tables, written_by_csv, written_by_hand

NEWLINES = st.sampled_from(["\n", "\r\n"])


@given(st.data())
def test_table_written_in_any_dialect_is_read_as_it_was(data: st.DataObject) -> None:
    of = data.draw(DIALECTS)
    table = data.draw(tables(of))
    newline = "\r" if of.newline == CR else data.draw(NEWLINES)
    text = written_by_hand(table, of, newline)
    chain = read_chain(text, of, data.draw(cuts(len(text))), data.draw(bounds(of)))
    assert [list(values or ())[: of.columns] for values, *_ in chain.rows] == table


@given(st.data())
def test_well_formed_table_reads_as_python_csv_reads_it(data: st.DataObject) -> None:
    of = data.draw(CSV_DIALECTS)
    table = data.draw(tables(of))
    # Python leaves a line feed bare where lines end otherwise, and then ends the record there.
    quoting = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    newline, quoted = ("\r", csv.QUOTE_ALL) if of.newline == CR else (data.draw(NEWLINES), data.draw(quoting))
    text, read_rows = written_by_csv(table, of, quoted, newline)
    assert read_rows == table
    chain = read_chain(text, of, data.draw(cuts(len(text))), data.draw(bounds(of)))
    assert [list(values or ())[: of.columns] for values, *_ in chain.rows] == read_rows
