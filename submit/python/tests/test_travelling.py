"""Jobs whose files travel to workers that can't see the submit directory, and what may happen on the way."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from elsewhere import hide, needs_namespaces, variables
from living import Home, living_home, wait_for
from small import Small

pytestmark = pytest.mark.end_to_end

# Large enough that a transfer can be met in the middle.
LARGE = 64 << 20


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    """Give a submit directory that workers see empty."""
    needs_namespaces()
    directory = tmp_path / "work"
    directory.mkdir()
    return directory


@pytest.fixture
def home(tmp_path: Path, hidden: Path) -> Iterator[Home]:
    says_who = tmp_path / "elsewhere"
    hide(says_who, hidden)
    with living_home(tmp_path / "home", **variables(says_who)) as home:
        yield home


@pytest.fixture
def small(home: Home, hidden: Path) -> Small:
    return Small(home, hidden)


def submit(small: Small, jobs: list[dict[str, object]], **site: object) -> str:
    return small.submit(jobs, scratch=str(small.directory.parent / "scratch"), **site)


def large_file(path: Path) -> str:
    """Write one and return its hash."""
    content = random.Random(path.name).randbytes(LARGE)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def parts(directory: Path) -> list[Path]:
    """Files that have come in part."""
    found = []
    for file in directory.rglob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if 0 < file.stat().st_size < LARGE:
                found.append(file)
    return found


def scratches(small: Small) -> Path:
    return small.directory.parent / "scratch"


def cause(home: Home, run: str, name: str) -> str:
    return next(row.get("cause", "") for row in home.ask("jobs", run)["jobs"] if row["name"] == name)


def test_files_travel_to_and_from_workers_that_share_nothing(home: Home, small: Small) -> None:
    (small.directory / "in").write_text("hello\n")
    tool = small.directory / "tool"
    tool.write_text("#!/bin/sh\nrev <in >made\n")
    see = f"ls {shlex.quote(str(small.directory))} >seen"
    run = submit(
        small,
        [
            {
                "name": "a",
                "command": f"echo out; echo err >&2; {see}; ./tool",
                "inputs": ["in", {"path": "tool", "executable": True}],
                "outputs": [{"path": "out/a", "name": "made"}, "seen"],
            },
            {
                "name": "b",
                "needs": ["a"],
                "command": "echo $INTERCHANGE_ATTEMPT; rev <a >b; [ $INTERCHANGE_ATTEMPT = 1 ]",
                "retries": 1,
                "inputs": ["out/a"],
                "outputs": ["out/b"],
            },
        ],
    )
    assert home.wait_end(run) == "RUN_SUCCEEDED", cause(home, run, "a")
    # What the workers saw of the directory.
    assert (small.directory / "seen").read_text() == ""
    assert (small.directory / "out/a").read_text() == "olleh\n"
    assert (small.directory / "out/b").read_text() == "hello\n"
    [logs] = [file.parent for file in small.directory.rglob("a.stdout")]
    assert (logs / "a.stdout").read_text() == "out\n"
    assert (logs / "a.stderr").read_text() == "err\n"
    assert (logs / "b.stdout.0").read_text() == "0\n"
    assert (logs / "b.stdout").read_text() == "1\n"
    assert not list(scratches(small).glob("*/jobs/*"))
    home.run("interchange", "stop")
    wait_for("the scratch directory to go", lambda: not list(scratches(small).glob("*")))


@pytest.mark.long
def test_a_daemon_killed_in_the_middle_goes_on_both_ways(home: Home, small: Small) -> None:
    wanted = large_file(small.directory / "in")
    run = submit(
        small,
        [
            {
                "name": "a",
                "command": "echo x >>started; cp in made",
                "inputs": ["in"],
                "outputs": ["made", "started"],
            }
        ],
    )
    for where in (scratches(small), small.directory):
        wait_for("a file to be on its way", lambda where=where: parts(where))
        os.kill(home.daemon_pid(), signal.SIGKILL)
        home.run("interchange", "ensure")
    assert home.wait_end(run) == "RUN_SUCCEEDED", cause(home, run, "a")
    assert hash_of(small.directory / "made") == wanted
    assert (small.directory / "started").read_text() == "x\n"
    assert small.tries(run) == {"a": 1}
    assert not list(small.directory.rglob("*.part"))


def test_a_worker_killed_in_the_middle_costs_no_retry_and_leaves_nothing(home: Home, small: Small) -> None:
    wanted = large_file(small.directory / "in")
    run = submit(
        small, [{"name": "a", "command": "cp in made", "inputs": ["in"], "outputs": ["made"], "retries": 0}]
    )
    for where in (scratches(small), small.directory):
        wait_for("a file to be on its way", lambda where=where: parts(where))
        [worker] = home.worker_pids()
        os.kill(worker, signal.SIGKILL)
        wait_for("another worker", lambda worker=worker: set(home.worker_pids()) - {worker})
    assert home.wait_end(run) == "RUN_SUCCEEDED", cause(home, run, "a")
    assert hash_of(small.directory / "made") == wanted


@pytest.mark.parametrize("where", ["scratch", "work"])
def test_a_cancel_in_the_middle_is_quick_and_nothing_is_put_into_its_place(
    home: Home, small: Small, where: str
) -> None:
    large_file(small.directory / "in")
    run = submit(small, [{"name": "a", "command": "cp in made", "inputs": ["in"], "outputs": ["made"]}])
    wait_for("a file to be on its way", lambda: parts(small.directory.parent / where))
    home.run("interchange", "cancel", run)
    assert home.wait_end(run) == "RUN_DELETED"
    assert not (small.directory / "made").exists()
    wait_for("the job's directory to go", lambda: not list(scratches(small).glob("*/jobs/*")))


def test_what_is_missing_is_named(home: Home, small: Small) -> None:
    (small.directory / "folder").mkdir()
    run = submit(
        small,
        [
            {"name": "no-output", "command": "true", "outputs": ["made"]},
            {"name": "no-input", "command": "true", "inputs": ["absent"]},
            {"name": "folder", "command": "true", "inputs": ["folder"]},
            {"name": "failed", "command": "exit 3", "outputs": ["made"]},
        ],
    )
    assert home.wait_end(run) == "RUN_FAILED"
    assert "exit code 0, but it did not write the output 'made'" in cause(home, run, "no-output")
    assert f"there is no {small.directory}/absent on the submit host" in cause(home, run, "no-input")
    assert f"{small.directory}/folder is a directory" in cause(home, run, "folder")
    rows = {row["name"]: row for row in home.ask("jobs", run)["jobs"]}
    assert rows["failed"]["exitCode"] == 3


def test_a_full_disk_of_the_daemon_holds_outputs_up_until_there_is_room(
    home: Home, small: Small, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=True)
    try:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (3 << 20))
        run = submit(
            small,
            [
                {
                    "name": "a",
                    "command": "head -c 2M /dev/zero >made",
                    "outputs": [str(disk / "made")],
                    "retries": 0,
                }
            ],
        )
        wait_for(
            "the daemon to say that the disk is full", lambda: "made" in str(home.ask("info")["troubles"])
        )
        assert home.counts(run)["RUNNING"] == 1
        ballast.unlink()
        assert home.wait_end(run) == "RUN_SUCCEEDED"
        assert (disk / "made").stat().st_size == 2 << 20
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_what_many_jobs_want_travels_once(home: Home, small: Small) -> None:
    wanted = large_file(small.directory / "in")
    jobs: list[dict[str, object]] = [
        {
            "name": f"j{n}",
            "command": f"sha256sum <in >sum; echo x >>in; mv sum j{n}",
            "inputs": ["in"],
            "outputs": [f"j{n}"],
        }
        for n in range(6)
    ]
    run = submit(small, jobs)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert {(small.directory / f"j{n}").read_text().split()[0] for n in range(6)} == {wanted}
