"""What operators see in a browser: the list of runs, and one run with its timeline. Pure: run and history in, page out."""
