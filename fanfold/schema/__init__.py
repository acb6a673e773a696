"""Table schemas: read, inferred, and checked against the records."""
