"""Which fields of accepted records a parser that knows less than the grammar must be helped with."""

from dataclasses import dataclass

import numpy as np

from fanfold.records.grammar import CR, LF, Grammar
from fanfold.records.shadow import ESCAPE
from fanfold.records.tokens import Mask, Octets, Positions

NUL = 0
STAND_IN_DELIMITER = NUL
"""Stands for a delimiter of several characters: accepted records contain no NUL."""

SPARE_QUOTE = 1
"""Quotes fields where the dialect has no quote, and NUL is taken; a field that contains it is quoted."""


def parser_delimiter(grammar: Grammar) -> int:
    """Give the byte that divides the fields of accepted records for the parser."""
    return STAND_IN_DELIMITER if grammar.sequence else grammar.delimiter


def parser_quote(grammar: Grammar) -> int:
    """Give the byte that quotes fields for the parser; where the dialect has none, one that means nothing else."""
    return grammar.quote or (SPARE_QUOTE if grammar.sequence else NUL)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a block's records, each known by the separator that ends it.

    `separators`: those outside quotes; `widths`, `starts`, `stops`, `accepted`: per record.
    """

    octets: Octets
    separators: Positions
    widths: Positions
    starts: Positions
    stops: Positions
    accepted: Mask
    grammar: Grammar

    def to_quote(self, strays: Positions, *, marked: bool) -> Positions:
        """Give [start, stop) of the unquoted fields that hold stray quotes or escapes, or end in a carriage return."""
        found = [self.separators.searchsorted(strays), self._before_carriage()]
        if marked:
            found.append(self._unquoted(self.separators.searchsorted(np.flatnonzero(self.octets == ESCAPE))))
        if self.grammar.sequence and self.grammar.quote is None:
            found.append(self.separators.searchsorted(np.flatnonzero(self.octets == SPARE_QUOTE)))
        fields = np.unique(np.concatenate(found))
        fields = fields[fields < len(self.separators)]
        starts = self._starts_of(fields)
        records = self._records_of(fields)
        regular = self.accepted[records] & self._regular(fields, records)
        stops = np.minimum(self._stops_of(fields), self.stops[records])
        spans: Positions = np.column_stack((starts, stops))[regular]
        return spans

    def delimiters(self) -> Positions:
        """Give the delimiters between regular fields, where one has several units."""
        if not self.grammar.sequence:
            return np.empty(0, np.int64)
        fields = np.flatnonzero(self._is_delimiter(self.separators))
        records = self._records_of(fields)
        return self.separators[fields[self.accepted[records] & self._regular(fields, records)]]

    def extras(self) -> Positions:
        """Give [start, stop) of what is beyond the last column in each record that has more."""
        if not self.grammar.keeps_extra:
            return np.empty((0, 2), np.int64)
        longer = np.flatnonzero(self.accepted & (self.widths > self.grammar.columns))
        lasts = (np.cumsum(self.widths) - self.widths)[longer] + self.grammar.columns - 1
        spans: Positions = np.column_stack((self.separators[lasts] + 1, self.stops[longer]))
        return spans

    def _before_carriage(self) -> Positions:
        """Find the unquoted fields that end in a carriage return which is content: polars would drop it.

        Before a line feed it is none; there polars drops one, as it should. But where delimiters will be added to a
        record, its last field will not be before a line feed any more.
        """
        if self.grammar.newline != LF or not np.any(self.octets == CR):
            return np.empty(0, np.int64)
        last = len(self.octets) - 1
        before_feed = (self.separators <= last) & (self.octets[np.minimum(self.separators, last)] == LF)
        stops = self._stops_of(np.arange(len(self.separators)))
        inner = np.flatnonzero((self.octets[stops - 1] == CR) & (stops > 0) & ~before_feed)
        completed = (
            (self.octets[self.stops - 1] == CR) & (self.stops > self.starts) & (self.widths < self.grammar.width)
        )
        return np.concatenate((inner, (np.cumsum(self.widths) - 1)[completed]))

    def _unquoted(self, fields: Positions) -> Positions:
        """Keep the fields that do not begin with the quote."""
        fields = np.unique(fields[fields < len(self.separators)])
        unquoted: Positions = fields[self.octets[self._starts_of(fields)] != (self.grammar.quote or NUL)]
        return unquoted

    def _starts_of(self, fields: Positions) -> Positions:
        starts: Positions = np.concatenate(([-1], self.separators))[fields] + 1
        return starts

    def _stops_of(self, fields: Positions) -> Positions:
        """Give where the fields stop; a newline's carriage return is still with the last of a record."""
        separators = self.separators[fields]
        if not self.grammar.sequence:
            return separators
        stops: Positions = separators - (self.grammar.delimiter_size - 1) * self._is_delimiter(separators)
        return stops

    def _is_delimiter(self, separators: Positions) -> Mask:
        last = len(self.octets) - 1
        mask: Mask = (separators <= last) & (self.octets[np.minimum(separators, last)] == self.grammar.delimiter)
        return mask

    def _records_of(self, fields: Positions) -> Positions:
        records: Positions = np.cumsum(self.widths).searchsorted(fields, "right")
        return records

    def _regular(self, fields: Positions, records: Positions) -> Mask:
        """Tell which fields are not beyond the last column."""
        before = np.cumsum(self.widths) - self.widths
        regular: Mask = fields - before[records] < self.grammar.columns
        return regular
