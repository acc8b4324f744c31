"""What jobs print, where a site has it packed or sent, and how it is found and followed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from living import Home, living_home, wait_for
from small import Small

pytestmark = pytest.mark.end_to_end

WAYS = ("files", "pack", "stream")
# Until somebody makes the file.
UNTIL = 'while [ ! -e "{file}" ]; do sleep 0.1; done'


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with living_home(tmp_path / "home", TMPDIR=str(tmp_path)) as home:
        yield home


@pytest.fixture
def small(home: Home, tmp_path: Path) -> Small:
    return Small(home, tmp_path / "work")


def logs(home: Home, *arguments: str) -> str:
    return home.run("interchange", "logs", *arguments).stdout


def packs(small: Small) -> list[Path]:
    return list((small.directory / "logs" / "packs").glob("*.pack"))


@pytest.mark.parametrize("way", WAYS)
def test_what_jobs_print_is_found_and_followed(home: Home, small: Small, way: str) -> None:
    go = small.directory / "go"
    run = small.submit(
        [
            {"name": "a", "command": "echo out; echo err >&2"},
            {"name": "one", "command": "echo out; echo err >&2", "stdout": "logs/one", "stderr": "logs/one"},
            {
                "name": "b",
                "command": "echo try $INTERCHANGE_ATTEMPT; pwd; [ $INTERCHANGE_ATTEMPT = 1 ]",
                "retries": 1,
            },
            {"name": "slow", "command": f"echo begun; {UNTIL.format(file=go)}; echo done"},
            {"name": "silent", "command": "true"},
            {"name": "much", "command": "yes | head -c 3000000"},
        ],
        logs=way,
    )
    with subprocess.Popen(
        ["interchange", "logs", "-f", run, "slow"],
        env=home.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as follower:
        assert follower.stdout
        assert follower.stdout.readline() == "begun\n"
        go.touch()
        assert follower.stdout.read() == "done\n"
    assert follower.returncode == 0
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert logs(home, run, "a") == "out\n"
    assert logs(home, run, "a", "--stderr") == "err\n"
    assert logs(home, run, "one") == logs(home, run, "one", "--stderr") == "out\nerr\n"
    assert logs(home, run, "b", "--attempt", "0") == f"try 0\n{small.directory}\n"
    assert logs(home, run, "b") == logs(home, run, "-f", "b") == f"try 1\n{small.directory}\n"
    assert logs(home, run, "slow") == "begun\ndone\n"
    assert logs(home, run, "silent") == ""
    assert logs(home, run, "much") == "y\n" * 1_500_000
    files = [file for file in (small.directory / "logs").rglob("*") if file.is_file()]
    assert len(files) == (1 if way == "pack" else 13), files
    assert not list(small.directory.rglob("*.part"))
    refused = home.run("interchange", "logs", run, "a", "--attempt", "7", check=False)
    assert refused.returncode == 4
    assert "job 'a' has no attempt 7" in refused.stderr


def test_what_a_killed_worker_s_jobs_printed_is_found(home: Home, small: Small) -> None:
    run = small.submit(
        [
            {
                "name": "a",
                "command": "echo try $INTERCHANGE_ATTEMPT; [ $INTERCHANGE_ATTEMPT = 1 ] || sleep 600",
            },
            {"name": "quick", "command": "echo quick"},
        ],
        logs="pack",
    )
    # What is printed is in the pack within some seconds.
    wait_for("the first text", lambda: any(b"try 0" in pack.read_bytes() for pack in packs(small)))
    [worker] = home.worker_pids()
    os.kill(worker, signal.SIGKILL)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert logs(home, run, "a", "--attempt", "0") == "try 0\n"
    assert logs(home, run, "a") == "try 1\n"
    assert logs(home, run, "quick") == "quick\n"
    # No two processes ever write to one.
    assert len(packs(small)) == 2


def test_what_running_jobs_printed_outlives_the_removal_of_a_pack(home: Home, small: Small) -> None:
    go = small.directory / "go"
    run = small.submit(
        [{"name": "a", "command": f"echo begun; {UNTIL.format(file=go)}; echo done"}],
        logs="pack",
    )
    wait_for("the first text", lambda: any(b"begun" in pack.read_bytes() for pack in packs(small)))
    [pack] = packs(small)
    pack.unlink()
    wait_for("another pack", lambda: any(b"begun" in pack.read_bytes() for pack in packs(small)))
    go.touch()
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert logs(home, run, "a") == "begun\ndone\n"


def test_a_job_whose_output_cannot_be_packed_has_ended_as_it_has(home: Home, small: Small) -> None:
    obstacle = small.directory / "logs" / "packs"
    obstacle.parent.mkdir()
    obstacle.write_text("no directory")
    run = small.submit([{"name": "a", "command": "echo out"}], logs="pack")
    wait_for("the job", lambda: home.counts(run)["RUNNING"])
    obstacle.unlink()
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert logs(home, run, "a") == "out\n"


def test_output_that_is_wanted_elsewhere_is_a_file(home: Home, small: Small) -> None:
    run = small.submit([{"name": "a", "command": "echo out", "stdout": "mine"}], logs="pack")
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert (small.directory / "mine").read_text() == "out\n"
    assert logs(home, run, "a") == "out\n"


def test_the_report_says_how_to_see_what_failed_jobs_printed(home: Home, small: Small) -> None:
    run = small.submit([{"name": "a", "command": "echo no >&2; exit 3"}], logs="pack")
    assert home.wait_end(run) == "RUN_FAILED"
    assert f"`interchange logs {run} JOB --stderr`" in home.run("interchange", "report", run).stdout
