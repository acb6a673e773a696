"""Make `.venv` hold exactly what the requirement files name, and do nothing when it does already.

Safe when several commands start at once: one sets up, the others wait. The lock dies with the last process of the
set-up, and the stamp is written last, so an interrupted one is taken up again and never mistaken for a finished one.
"""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "fanfold-requirements.sha256"


def wanted() -> str:
    """Name the set-up that the requirement files ask for."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in REQUIREMENTS)).hexdigest()


def is_ready() -> bool:
    """Say whether `.venv` is that set-up and its interpreter still stands where it was."""
    return STAMP.exists() and STAMP.read_text("ascii") == wanted() and PYTHON.exists()


def set_up(lock: int) -> None:
    """Create the environment where it is missing, and install what the requirement files name."""
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"Setting up .venv with Python {version}: about a minute and 1 GB, once.")
    STAMP.unlink(missing_ok=True)
    run(lock, sys.executable, "-m", "venv", *(() if PYTHON.exists() else ("--clear",)), str(VENV))
    run(
        lock,
        *(str(PYTHON), "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--requirement", str(REQUIREMENTS[-1])),
    )
    STAMP.write_text(wanted(), "ascii")


def run(lock: int, *command: str) -> None:
    """Run a command, and end with a message a person can act on when it fails."""
    # An activated environment or a PYTHONPATH of the caller's must not leak into ours.
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    # The command holds the lock too: should only we be killed, nobody else starts before it is through.
    if subprocess.run(command, check=False, env=environment, pass_fds=(lock,)).returncode:
        hint = " On Debian and Ubuntu: apt-get install python3-venv." if "venv" in command else ""
        sys.exit(f"Could not set up .venv: `{' '.join(command[1:4])}` failed, see above.{hint}")


def say(line: str) -> None:
    """Tell the person at the terminal, beside whatever the command prints."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - it is what this program is for


def main() -> int:
    """Set up unless that is done, one process at a time."""
    if is_ready():
        return 0
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is setting up .venv; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready():
            set_up(lock.fileno())
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
