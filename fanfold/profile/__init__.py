"""Records -> a mergeable profile: exact, and the same for any chunking of the same records.

``frame`` makes a profile of a frame, ``merging`` folds many into one, ``codec`` carries one as bytes, ``description``
turns one into the report's ``columns[]``, ``alerts`` judges those. ``model`` is the place to start reading.
"""
