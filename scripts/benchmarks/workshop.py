"""Where the benchmarks work: directories, environments of the peers, the compiled limit; in build/bench."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .samples import say

__all__ = ["Workshop", "checked"]

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent

PEERS = ("hyperqueue", "parsl")
BPS_PARSL = ("lsst-ctrl-bps-parsl", "lsst-ctrl-bps", "lsst-ctrl-mpexec")

# A measurement that takes longer hangs.
LIMIT_SECONDS = 1_800


def checked(
    line: list[str | Path], cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> str:
    """Run a command that must succeed, and return what it prints."""
    words = [str(word) for word in line]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=dict(environment) if environment is not None else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=LIMIT_SECONDS,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Workshop:
    """Makes what a measurement needs, and throws away what it leaves."""

    def __init__(self) -> None:
        self.root = TOP / "build" / "bench"
        self.scratch = self.root / "work"
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        self._numbers = itertools.count()

    def directory(self, name: str) -> Path:
        """Return a new, empty directory; on the disk that everything else is on."""
        path = self.scratch / f"{name}-{next(self._numbers)}"
        path.mkdir()
        return path

    @staticmethod
    def discard(directory: Path) -> None:
        """Remove what is no longer needed, so that the disk has the same to do for everyone."""
        shutil.rmtree(directory)

    def limit(self) -> Path:
        """Compile the program that is the operating system's limit."""
        source, program = HERE / "limit.c", self.root / "limit"
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            checked(["gcc", "-O2", "-Wall", "-Wextra", "-o", program, source])
        return program

    def peers(self) -> Path:
        """Return the Python of the environment of HyperQueue and Parsl."""
        return self._environment("peers", PEERS)

    def bps_parsl(self) -> Path:
        """Return the Python of the environment of the Parsl plugin for BPS."""
        return self._environment("bps-parsl", BPS_PARSL)

    def _environment(self, name: str, requirements: tuple[str, ...]) -> Path:
        directory = self.root / name
        stamp, wanted = directory / "requirements", f"{sys.version}\n{' '.join(requirements)}\n"
        if not stamp.exists() or stamp.read_text() != wanted:
            say(f"Making {directory.relative_to(TOP)} ({', '.join(requirements)})")
            shutil.rmtree(directory, ignore_errors=True)
            base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
            checked([base, "-m", "venv", directory])
            pip: list[str | Path] = [
                directory / "bin" / "python",
                "-m",
                "pip",
                "--disable-pip-version-check",
                "--quiet",
            ]
            checked([*pip, "install", *requirements])
            stamp.write_text(wanted)
        return directory / "bin" / "python"


def with_path(python: Path) -> dict[str, str]:
    """Return this environment with the programs of another Python first."""
    return {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"}
