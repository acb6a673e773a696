"""The commands and their arguments.

A command is imported when it is run: help is there at once, and a worker process, which imports what its main process
has begun with, gets none of it.
"""

import argparse
import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fanfold.cli.forms import LINES, REPORTS
from fanfold.errors import FanfoldError, RequestRefused

_SAMPLE = Path("sample_data/orders.csv")


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when it did its job, 1 with a one-line reason when it did not."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to stop, clean up as after Ctrl-C
    parsed = _parser(os.environ).parse_args(arguments)
    try:
        result: int = parsed.command(parsed)
    except (FanfoldError, OSError) as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        _complain("stopped")
        return 130
    return result


def _complain(text: str) -> None:
    from fanfold.cli.terminal import complain

    complain(text)


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fanfold", description="Profile a CSV: fan out, fold in.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("profile", help="profile a file in this process tree, without any host")
    one.add_argument("file", help="the CSV file, or the URL of a blob")
    one.set_defaults(command=_profile)
    whole = commands.add_parser(
        "run",
        help="the whole pipeline on the local host: drop the file, wait for its report",
        description="Each argument may also come from the environment: FILE, OUT, OPTIONS.",
    )
    whole.add_argument("file", nargs="?", default=environ.get("FILE") or _SAMPLE, help=f"default: {_SAMPLE}")
    whole.set_defaults(command=_run)
    several = commands.add_parser("merge", help="fold the profiles of several datasets into one report")
    several.add_argument("sources", nargs="+", metavar="SOURCE", help="a profile.bin, or a folder with one")
    several.set_defaults(command=_merge)
    _add_subscribe(commands)
    for command, default in ((one, {}), (whole, environ), (several, {})):
        command.add_argument(
            "--out", default=default.get("OUT"), help="folder for the report; default: out/<file name>"
        )
    for command, default in ((one, {}), (whole, environ)):
        command.add_argument(
            "--options", default=default.get("OPTIONS"), help='options of the request, as JSON: {"chunk_bytes": 65536}'
        )
    for command in (one, several):
        command.add_argument(
            "--format", choices=REPORTS, help="print the report in this form; files are left only in --out then"
        )
    return parser


def _add_subscribe(commands: Any) -> None:
    ends = commands.add_parser(
        "subscribe",
        help="print completion messages as they come",
        description="Prints a line for each run that has ended, those that wait already first, and takes its message "
        "off the queue. The app's settings say where: AzureWebJobsStorage, or AzureWebJobsStorage__queueServiceUri "
        "(default: the emulator on this machine), and COMPLETIONS_QUEUE (default: completions).",
    )
    ends.add_argument("--format", choices=LINES, default="text", help="json: each message as it is, one a line")
    ends.add_argument("--limit", type=_count, metavar="N", help="end after so many messages; default: at Ctrl-C")
    ends.add_argument("--peek", action="store_true", help="leave the messages on the queue; only its first 32 are seen")
    ends.set_defaults(command=_subscribe)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of messages, found {text!r}")
    return int(text)


def _subscribe(parsed: argparse.Namespace) -> int:
    from fanfold.cli.subscribe import subscribe

    return subscribe(parsed.format, parsed.limit, peek=parsed.peek)


def _profile(parsed: argparse.Namespace) -> int:
    from fanfold.cli.workers import Workers, importing

    options = _options(parsed.options)
    with Workers() as workers:
        workers.start_for(parsed.file)  # they get ready while this process does
        with importing():
            from fanfold.cli.profile import profile
        return profile(parsed.file, Path(parsed.out) if parsed.out else None, options, parsed.format, workers)


def _run(parsed: argparse.Namespace) -> int:
    from fanfold.cli.run import run

    file = Path(parsed.file)
    return run(file, Path(parsed.out) if parsed.out else Path("out") / file.name, _options(parsed.options))


def _merge(parsed: argparse.Namespace) -> int:
    from fanfold.cli.merge import merge

    return merge(parsed.sources, Path(parsed.out) if parsed.out else None, parsed.format)


def _options(text: str | None) -> dict[str, Any]:
    """The options as written; what is wrong with one of them is said by whoever reads them first."""
    if not text:
        return {}
    try:
        options = json.loads(text)
    except ValueError as error:
        raise RequestRefused(f"options: expected a JSON object, found {text!r} ({error})") from error
    if not isinstance(options, dict):
        raise RequestRefused(f"options: expected a JSON object, found {text!r}")
    return options
