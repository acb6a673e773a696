"""The version of the product."""

VERSION = "0.1.0"
SCHEMA_VERSION = "1.0"
"""Of report.json."""
