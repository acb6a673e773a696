"""The commands and their arguments."""

import argparse
import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fanfold.cli.profile import profile
from fanfold.cli.run import run
from fanfold.cli.terminal import complain
from fanfold.errors import FanfoldError, RequestRefused
from fanfold.pipeline.options import read_options

_SAMPLE = Path("sample_data/orders.csv")


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when it did its job, 1 with a one-line reason when it did not."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to stop, clean up as after Ctrl-C
    parsed = _parser(os.environ).parse_args(arguments)
    try:
        options = _options(parsed.options)
        out = Path(parsed.out) if parsed.out else Path("out") / Path(parsed.file).name
        result: int = parsed.command(Path(parsed.file), out, options)
    except FanfoldError as error:
        complain(str(error))
        return 1
    except OSError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        complain("stopped")
        return 130
    return result


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fanfold", description="Profile a CSV: fan out, fold in.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("profile", help="profile a local file in this process tree, without any host")
    one.add_argument("file", help="the CSV file")
    one.set_defaults(command=profile)
    whole = commands.add_parser(
        "run",
        help="the whole pipeline on the local host: drop the file, wait for its report",
        description="Each argument may also come from the environment: FILE, OUT, OPTIONS.",
    )
    whole.add_argument("file", nargs="?", default=environ.get("FILE") or _SAMPLE, help=f"default: {_SAMPLE}")
    whole.set_defaults(command=run)
    for command, default in ((one, {}), (whole, environ)):
        command.add_argument(
            "--out", default=default.get("OUT"), help="folder for the report; default: out/<file name>"
        )
        command.add_argument(
            "--options", default=default.get("OPTIONS"), help='options of the request, as JSON: {"chunk_bytes": 65536}'
        )
    return parser


def _options(text: str | None) -> dict[str, Any]:
    """The options as written, refused at once when they are wrong."""
    if not text:
        return {}
    try:
        options = json.loads(text)
    except ValueError as error:
        raise RequestRefused(f"options: expected a JSON object, found {text!r} ({error})") from error
    read_options(options)
    return dict(options)
