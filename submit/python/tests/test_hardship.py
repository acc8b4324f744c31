"""A full disk and strangers on the sockets: runs go on."""

from __future__ import annotations

import random
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from living import Home, living_home, wait_for
from small import Small, guarded

pytestmark = pytest.mark.end_to_end

DISK_MIB = 16


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of its own."""
    mount = tmp_path / "disk"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(mount)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {made.stderr.strip()}")
    yield mount
    subprocess.run(["umount", "--lazy", str(mount)], check=True)


def fill(file: Path) -> None:
    """Leave no room."""
    with file.open("wb", buffering=0) as sink:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    sink.write(b"x" * size)
            except OSError:
                continue


def test_a_full_disk_holds_a_run_up_until_there_is_room_again(small_disk: Path, tmp_path: Path) -> None:
    with living_home(small_disk / "home") as home:
        small = Small(home, tmp_path / "work")
        jobs = [{"name": f"j{n}", "command": guarded("sleep 0.2")} for n in range(150)]
        run = small.submit(jobs)
        wait_for("some jobs to end", lambda: len(small.recorded("done")) > 5)
        ballast = small_disk / "ballast"

        def stuck() -> bool:
            fill(ballast)
            return bool(home.ask("info")["troubles"])

        wait_for("the daemon to say that the disk is full", stuck)
        held_up = len(small.recorded("done"))
        assert held_up < 150
        assert home.counts(run).total() == 150
        ballast.unlink()
        assert home.wait_end(run) == "RUN_SUCCEEDED"
        assert home.ask("info")["troubles"] == []
        assert set(small.recorded("done").values()) == {1}
        small.check_alone()


def port_of(home: Home, kind: str) -> int:
    found = re.search(r"^port=(\d+)$", (home.directory / f"{kind}.connection").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def test_strangers_change_nothing_but_a_counter(tmp_path: Path) -> None:
    chance = random.Random(7)
    with living_home(tmp_path / "home") as home:
        small = Small(home, tmp_path / "work")
        run = small.submit([{"name": f"j{n}", "command": guarded("sleep 0.1")} for n in range(60)])
        wait_for("some jobs to end", lambda: len(small.recorded("done")) > 2)
        greeting = b"\xff\0\0\0\0\0\0\0\1\x7f\3\0CURVE".ljust(64, b"\0")
        for kind in ("client", "worker"):
            for number in range(100):
                with socket.create_connection(("127.0.0.1", port_of(home, kind)), timeout=10) as stranger:
                    start = greeting if number % 2 else b""
                    stranger.sendall(start + chance.randbytes(chance.randrange(2000)))
        assert home.wait_end(run) == "RUN_SUCCEEDED"
        assert home.counts(run) == {"SUCCEEDED": 60}
        small.check_alone()
        told = home.ask("info")
        assert int(told["refusedHandshakes"]) + int(told["droppedMessages"]) > 0
