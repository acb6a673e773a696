"""Bytes to records: dialect, boundaries, parsing, rejects."""
