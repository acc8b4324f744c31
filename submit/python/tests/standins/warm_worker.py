"""What a worker does with a template, in few lines: starts it, has jobs made of it, and waits for their ends.

Reads a line of JSON for each job on standard input, and answers each with a line: how it ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).resolve().parents[4] / "worker/src/main/resources/interchange/worker/template.py"
PR_SET_CHILD_SUBREAPER = 36
SECONDS = 60.0


class Template:
    """A template, and the worker's end of the line to it."""

    def __init__(self, directory: Path, script: str, environment: dict[str, str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.modules = directory / "modules"
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = directory / "line"
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        listening.listen()
        shebang = Path(script).read_text().splitlines()[0].removeprefix("#!").split()
        # Room for what /proc is to show of a fork.
        filler = " " * 1000
        # A template finds there what it has printed itself, and nothing of the one before.
        for output in ("stdout", "stderr"):
            (directory / output).write_bytes(b"")
        with (directory / "stdout").open("ab") as stdout, (directory / "stderr").open("ab") as stderr:
            self.process = subprocess.Popen(
                [*shebang, str(TEMPLATE), str(path), script, str(self.modules), filler],
                env={**environment, "INTERCHANGE_ATTEMPT_TOKEN": " " * 100},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        self.line, _ = listening.accept()
        self.text = b""
        self.first = self.hear()

    def say(self, message: Any) -> None:
        self.line.sendall(json.dumps(message).encode() + b"\n")

    def hear(self) -> Any:
        """Return the next message; nothing at the end of the connection."""
        while b"\n" not in self.text:
            assert select.select([self.line], [], [], SECONDS)[0], "the template says nothing"
            piece = self.line.recv(1 << 16)
            if not piece:
                return None
            self.text += piece
        first, _, self.text = self.text.partition(b"\n")
        return json.loads(first)

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Have a job made and wait for its end."""
        try:
            self.say({**job, "modules": str(self.modules)})
            answer = self.hear()
        except ConnectionError:
            answer = None
        if answer is None or "pid" not in answer:
            return {"answer": answer}
        self.say("go")
        # What our jobs have left behind is ours as well.
        while True:
            pid, status, usage = os.wait4(-1, 0)
            if pid == answer["pid"]:
                return {"pid": pid, "status": status, "cpu": usage.ru_utime + usage.ru_stime}


def cold(job: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """Run the same as a fresh process."""
    mask = os.umask(job["umask"])
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    stdout = os.open(job["stdout"], flags, 0o666)
    stderr = stdout if job["stderr"] == job["stdout"] else os.open(job["stderr"], flags, 0o666)
    child = subprocess.Popen(
        job["argv"],
        cwd=job["directory"],
        env={**environment, **job["set"]},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )
    os.umask(mask)
    _, status, usage = os.wait4(child.pid, 0)
    for descriptor in {stdout, stderr}:
        os.close(descriptor)
    return {"pid": child.pid, "status": status, "cpu": usage.ru_utime + usage.ru_stime}


def next_line() -> str:
    """Return what is asked next; nothing at the end. Who dies meanwhile is taken away."""
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    return sys.stdin.readline()


def main() -> None:
    """Serve."""
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    directory, environment = Path(sys.argv[1]), json.loads(sys.argv[2])
    template: Template | None = None
    while line := next_line():
        job = json.loads(line)
        way = job.pop("way")
        if way == "cold":
            answer = cold(job, environment)
        else:
            if template is None or way == "anew":
                template = Template(directory, job["argv"][0], environment)
            answer = {"first": template.first, "template": template.process.pid}
            if "ready" in template.first:
                answer |= template.run(job)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
