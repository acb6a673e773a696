"""The command line: ``start`` runs an app, ``azurite`` the storage emulator alone, ``scheduler`` the durable engine."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from local_host import host, logs, reload
from local_host.durable import scheduler_process
from local_host.durable.engine import EngineError
from local_host.durable.scheduler import SETTING
from local_host.functions.index import BadApp
from local_host.functions.storage import BadConnection
from local_host.processes import azurite
from local_host.processes.lifeline import when_parent_ends
from local_host.processes.node import NoNode
from local_host.settings import BadSettings

EXPECTED = (
    BadApp,
    BadConnection,
    BadSettings,
    EngineError,
    NoNode,
    NotImplementedError,
    azurite.AzuriteUnavailable,
    host.StateInUse,
)
"""What a user can put right: told in one line, without a traceback."""


PORT_MAX = 65535

EXAMPLES = """examples:
  python -m local_host start --app my_app             on the usual ports: HTTP 7071, blobs 10000, queues 10001
  python -m local_host start --app my_app --reload    restarted whenever its code or settings change
  python -m local_host start --app my_app --private   on free ports, beside other hosts
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(given)
    try:
        if getattr(options, "reload", False):
            return reload.run(given, _host_options(options))
        options.run(options)
    except EXPECTED as error:
        print(f"local_host: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_host", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    start = commands.add_parser(
        "start", help="run an app until Ctrl-C", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    start.set_defaults(run=_start)
    start.add_argument("--app", type=Path, default=Path(), help="the folder of function_app.py (default: this one)")
    start.add_argument("--port", type=_port, default=7071, help="for HTTP; 0 is any free one (default: 7071)")
    start.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes for activities (default: cores)"
    )
    start.add_argument(
        "--engine", choices=("embedded", "scheduler"),
        help=f"what keeps orchestrations (default: the scheduler of {SETTING}, if that is in the environment)",
    )  # fmt: skip
    start.add_argument(
        "--create-storage", action="store_true", help="create the containers and queues of triggers that do not exist"
    )
    start.add_argument("--enable-auth", action="store_true", help="enforce the keys of HTTP functions")
    start.add_argument(
        "--reload", action="store_true", help="restart when a .py file, host.json or local.settings.json changes"
    )
    start.add_argument("--socket", type=int, help=argparse.SUPPRESS)  # from the process that watches for changes
    start.add_argument("--verbose", action="store_true", help="log everything")
    _add_common(start)

    alone = commands.add_parser("azurite", help="run the storage emulator alone until Ctrl-C")
    alone.set_defaults(run=_azurite)
    _add_common(alone)

    serving = commands.add_parser("scheduler", help="run the durable engine alone until Ctrl-C, for hosts elsewhere")
    serving.set_defaults(run=_scheduler)
    serving.add_argument("--port", type=_port, default=8080, help="for gRPC; 0 is any free one (default: 8080)")
    serving.add_argument("--verbose", action="store_true", help="log everything")
    _add_process(serving)
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= PORT_MAX:
        raise argparse.ArgumentTypeError(f"{number} is no port: 0 to {PORT_MAX}")
    return number


def _add_process(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", type=Path, default=Path(".local"), help="the folder for all state (default: .local)")
    parser.add_argument("--ready-file", type=Path, help="written, as JSON, once everything is ready")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when the parent process ends")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--blob-port", type=_port, default=10000, help="Azurite's, for blobs (default: 10000)")
    parser.add_argument("--queue-port", type=_port, default=10001, help="Azurite's, for queues (default: 10001)")
    parser.add_argument("--table-port", type=_port, default=0, help="Azurite's, for tables (default: any free one)")
    parser.add_argument("--private", action="store_true", help="free ports for everything, whatever else is given")
    _add_process(parser)


def _ports(options: argparse.Namespace) -> azurite.Ports:
    return (
        azurite.Ports() if options.private else azurite.Ports(options.blob_port, options.queue_port, options.table_port)
    )


def _host_options(options: argparse.Namespace) -> host.Options:
    return host.Options(
        app=options.app.resolve(),
        state=options.state.resolve(),
        port=0 if options.private else options.port,
        azurite_ports=_ports(options),
        workers=max(1, options.workers),
        ready_file=options.ready_file.resolve() if options.ready_file else None,
        verbose=options.verbose,
        enable_auth=options.enable_auth,
        create_storage=options.create_storage,
        exit_with_parent=options.exit_with_parent,
        socket=options.socket,
        engine=options.engine,
    )


def _start(options: argparse.Namespace) -> None:
    host.run(_host_options(options))


def _azurite(options: argparse.Namespace) -> None:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    if options.exit_with_parent:
        when_parent_ends(ended.set)
    server = azurite.provide(options.state.resolve() / "azurite", _ports(options))
    try:
        print(server.connection_string, flush=True)
        if options.ready_file:
            host.write_atomically(options.ready_file, azurite.describe(server))
        ended.wait()
    finally:
        server.close()


def _scheduler(options: argparse.Namespace) -> None:
    state = options.state.resolve()
    logs.configure({}, verbose=options.verbose)
    if options.exit_with_parent:
        when_parent_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))

    def ready(port: int) -> None:
        found = scheduler_process.connection_string(port)
        print(found, flush=True)
        if options.ready_file:
            host.write_atomically(options.ready_file, json.dumps({"connection_string": found, "pid": os.getpid()}))

    with host.locked(state):
        asyncio.run(scheduler_process.serve(state, options.port, ready))
