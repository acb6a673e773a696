"""The fan-out/fan-in systems and patterns of docs/patterns.md, on the pipeline's building blocks."""
