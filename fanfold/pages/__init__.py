"""What operators see in a browser: the list of runs, and one run with its timeline.

Pure: a run and its history in, a page out.
"""
