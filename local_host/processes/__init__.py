"""Child processes: the worker pool and Azurite."""
