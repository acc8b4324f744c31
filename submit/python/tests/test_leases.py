"""What a worker runs is given to another only when the first can't be running it any more."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from living import Home, living_home, wait_for
from small import Small, guarded

pytestmark = pytest.mark.end_to_end

# The times of the design, shortened alike.
CONFIG = "heartbeatInterval: 500 ms\nleaseMargin: 5 s\nblockEndWait: 2 s\n"
SITE = {"disconnectGrace": "8 s", "killGrace": "1 s"}
CUT_SECONDS = 2.0

# The first attempt would run on long after its lease; what comes after it is quick.
LONG = guarded('[ "$INTERCHANGE_ATTEMPT" != 0 ] || sleep 60')
SHORT = guarded("sleep 6")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    directory = tmp_path / "home"
    directory.mkdir(mode=0o700)
    (directory / "config.yaml").write_text(CONFIG)
    with living_home(directory) as living:
        yield living


@pytest.fixture
def small(home: Home, tmp_path: Path) -> Small:
    return Small(home, tmp_path / "work")


def jobs(command: str) -> list[dict[str, object]]:
    return [{"name": f"j{number}", "command": command} for number in range(2)]


def both_running(small: Small) -> bool:
    return len(small.recorded("started")) == 2


def test_a_worker_that_is_stopped_for_less_than_its_lease_goes_on(home: Home, small: Small) -> None:
    run = small.submit(jobs(SHORT), **SITE)
    wait_for("two jobs to run", lambda: both_running(small))
    [worker] = home.worker_pids()
    os.kill(worker, signal.SIGSTOP)
    time.sleep(CUT_SECONDS)
    os.kill(worker, signal.SIGCONT)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert small.tries(run) == {"j0": 1, "j1": 1}
    small.check_alone()


def test_a_worker_that_is_stopped_for_longer_is_killed_with_its_jobs(home: Home, small: Small) -> None:
    run = small.submit(jobs(LONG), **SITE)
    wait_for("two jobs to run", lambda: both_running(small))
    [worker] = home.worker_pids()
    os.kill(worker, signal.SIGSTOP)
    wait_for("the keeper to end it", lambda: not Path(f"/proc/{worker}/cwd").exists(), 30)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert small.tries(run) == {"j0": 2, "j1": 2}
    small.check_alone()


class Proxy:
    """Stands between workers and the daemon, and can be cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._cut = False
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where to connect."""
        return int(self._server.getsockname()[1])

    def cut(self) -> None:
        """End all connections and take no others."""
        with self._lock:
            self._cut = True
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._open.clear()

    def mend(self) -> None:
        """Take connections again."""
        with self._lock:
            self._cut = False

    def close(self) -> None:
        """End everything."""
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            with self._lock:
                if self._cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(home: Home) -> Iterator[Proxy]:
    """Make workers connect through a proxy, by the connection file that they read at each attempt."""
    home.run("interchange", "start")
    file = home.directory / "worker.connection"
    text = file.read_text()
    port = re.search(r"^port=(\d+)$", text, re.MULTILINE)
    assert port, text
    between = Proxy(int(port[1]))
    text = text.replace(port[0], f"port={between.port}")
    file.write_text(re.sub(r"^addresses=.*$", "addresses=127.0.0.1", text, flags=re.MULTILINE))
    yield between
    between.close()


def test_a_link_cut_for_less_than_the_lease_costs_nothing(home: Home, small: Small, proxy: Proxy) -> None:
    run = small.submit(jobs(SHORT), **SITE)
    wait_for("two jobs to run", lambda: both_running(small))
    proxy.cut()
    time.sleep(CUT_SECONDS)
    proxy.mend()
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert small.tries(run) == {"j0": 1, "j1": 1}
    small.check_alone()


def test_a_link_cut_for_longer_ends_the_jobs_before_others_run_them(
    home: Home, small: Small, proxy: Proxy
) -> None:
    run = small.submit(jobs(LONG), **SITE)
    wait_for("two jobs to run", lambda: both_running(small))
    [worker] = home.worker_pids()
    proxy.cut()
    wait_for("the worker to leave", lambda: not Path(f"/proc/{worker}/cwd").exists(), 30)
    proxy.mend()
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert small.tries(run) == {"j0": 2, "j1": 2}
    small.check_alone()
