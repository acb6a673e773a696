"""``python -m local_host``."""

import os
import sys

from local_host.cli import main

if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a function that still runs on a thread must not keep the process.
    os._exit(code)
