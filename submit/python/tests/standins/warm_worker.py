"""What a worker does with a template, in few lines: starts it, has jobs made of it, and waits for their ends.

Reads a line of JSON for each job on standard input, and answers each with a line: how it ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).resolve().parents[4] / (
    "worker/src/main/resources/interchange/worker/template_importlib_bootstrap/__main__.py"
)
PR_SET_CHILD_SUBREAPER = 36
SECONDS = 60.0
TOKEN = "worker/template"
UMASK = 0o027
# New templates, until one has set all apart that is to be.
ROUNDS = 12


def shebang(script: str, environment: dict[str, str]) -> list[str]:
    """Return what the kernel starts for a script, and its first argument."""
    words = Path(script).read_text().splitlines()[0].removeprefix("#!").strip().split(None, 1)
    if Path(words[0]).name == "env":
        return [str(shutil.which(words[1], path=environment["PATH"]))]
    return words


class Template:
    """A template, and the worker's end of the line to it."""

    def __init__(self, directory: Path, script: str, environment: dict[str, str], **more: Any) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.modules = directory / "modules"
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = directory / "line"
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        listening.listen()
        beginning = shebang(script, environment)
        # Room for what /proc is to show of a fork.
        filler = " " * 1000
        # A template finds there what it has printed itself, and nothing of the one before.
        for output in ("stdout", "stderr"):
            (directory / output).write_bytes(b"")
        words = [*beginning, str(TEMPLATE), str(path), script, str(self.modules), filler]
        with (directory / "stdout").open("ab") as stdout, (directory / "stderr").open("ab") as stderr:
            streams = {"stdin": subprocess.DEVNULL, "stdout": stdout, "stderr": stderr}
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", 'exec "$@"', "bash", *words],
                env={**environment, "INTERCHANGE_ATTEMPT_TOKEN": TOKEN.ljust(100)},
                start_new_session=True,
                **{**streams, **more},
            )
        listening.settimeout(SECONDS)
        self.pid, self.wait = self.process.pid, self.process.wait
        self.directory, self.generation = directory, 0
        self.listen_to(listening)

    def listen_to(self, listening: socket.socket) -> None:
        self.line, _ = listening.accept()
        self.line.settimeout(None)
        self.text = b""
        self.first = self.hear()

    def grow(self) -> None:
        """Have a fork take its place, which imports what jobs have imported since."""
        self.generation += 1
        names = {name: str(self.directory / f"{name}.{self.generation}") for name in ("stdout", "stderr")}
        path = self.directory / f"line.{self.generation}"
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(path))
        listening.listen()
        listening.settimeout(SECONDS)
        token = f"{TOKEN}{self.generation}".ljust(100)
        self.say({"successor": {**names, "socket": str(path), "modules": str(self.modules), "token": token}})
        answer = self.hear()
        if answer is None or "pid" not in answer:
            self.first = {"again": str(answer)}
            return
        self.line.sendall(b'"go"\n')
        before, wait_before = self.line, self.wait
        self.pid, self.wait = answer["pid"], lambda: os.waitpid(answer["pid"], 0)[1]
        self.listen_to(listening)
        before.close()
        wait_before()

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
        word, _, what = first.decode().partition(" ")
        if word == "pid":
            pid, _, more = what.partition(" ")
            return {"pid": int(pid), "more": more == "more"}
        return {word: what}

    def fork(self) -> int:
        """Wait for a fork that has not answered yet."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            if forks := [int(child) for child in children if int(child) != self.pid]:
                return forks[0]
            time.sleep(0.01)
        raise TimeoutError("no fork")

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Have a job made and wait for its end."""
        go, is_killed = job.pop("go", '"go"\n'), job.pop("killed", False)
        try:
            self.say({**job, "modules": str(self.modules)})
            if is_killed:
                os.kill(self.fork(), signal.SIGKILL)
            answer = self.hear()
            # It was busy before.
            if answer and "ready" in answer:
                answer = self.hear()
        except ConnectionError:
            answer = None
        if answer is None or "pid" not in answer:
            return {"answer": answer}
        fork = answer["pid"]
        told = {**answer, "before": seen(fork)}
        self.line.sendall(go.encode())
        if go != '"go"\n':
            self.line.shutdown(socket.SHUT_WR)
            told |= {"after": self.hear(), "code": self.wait()}
        # What our jobs have left behind is ours as well.
        while True:
            pid, status, usage = os.wait4(-1, 0)
            if pid == fork:
                return {**told, "status": status, "cpu": usage.ru_utime + usage.ru_stime}


def seen(fork: int) -> dict[str, Any]:
    """Return what is seen of a fork that waits for its go."""
    variables = Path(f"/proc/{fork}/environ").read_text().split("\0")
    return {"token": next(each for each in variables if each.startswith("INTERCHANGE_ATTEMPT_TOKEN="))}


def cold(job: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """Run the same as a fresh process."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    stdout = os.open(job["stdout"], flags, 0o666)
    stderr = stdout if job["stderr"] == job["stdout"] else os.open(job["stderr"], flags, 0o666)
    path = (environment | job["set"])["PATH"]
    child = subprocess.Popen(
        job["argv"] if "argv" in job else ["/bin/bash", "-c", job["command"]],
        executable=shutil.which(job["argv"][0], path=path) if "argv" in job else None,
        cwd=job["directory"],
        env={**environment, **job["set"]},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )
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


def ready(
    directory: Path, script: str, environment: dict[str, str], **more: Any
) -> tuple[Template, list[str]]:
    """Start templates until one doesn't say that another would be better."""
    said = []
    while True:
        template = Template(directory, script, environment, **more)
        if "again" not in template.first or len(said) == ROUNDS:
            return template, said
        said.append(template.first["again"])
        template.process.wait()


def main() -> None:
    """Serve."""
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    os.umask(int(sys.argv[4]) if sys.argv[4:] else UMASK)
    directory, script, environment = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    template: Template | None = None
    said: list[str] = []
    while line := next_line():
        job = json.loads(line)
        way = job.pop("way")
        if way == "cold":
            answer = cold(job, environment)
        else:
            refused = []
            if template is not None and way == "grown":
                template.grow()
                refused = [template.first["again"]] if "again" in template.first else []
            if template is None or way == "anew" or refused:
                template, said = ready(directory, script, environment)
                said = refused + said
            answer = {"first": template.first, "template": template.pid, "again": said}
            if "ready" in template.first:
                answer |= template.run(job)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
