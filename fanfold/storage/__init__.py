"""Storage adapters behind the pipeline's ports."""
