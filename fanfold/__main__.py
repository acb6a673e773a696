"""python -m fanfold: see fanfold.cli.commands."""

import sys

from fanfold.cli.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
