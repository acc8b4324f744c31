"""A worker of a test's own with a template, and what jobs leave that it runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STANDINS = Path(__file__).parent / "standins"
WORKER = STANDINS / "warm_worker.py"
# Whatever Python a stack has.
PYTHON = os.environ.get("INTERCHANGE_TEMPLATE_PYTHON", sys.executable)


@dataclass
class Observed:
    """What a job left."""

    status: int
    stdout: str
    stderr: str
    files: dict[str, str]


class Warm:
    """A worker of the test's own with a template."""

    def __init__(
        self,
        directory: Path,
        source: str,
        variables: dict[str, str] | None = None,
        beginning: str = PYTHON,
        script: str = "bin/tool",
    ) -> None:
        self.directory = directory
        self.beginning = beginning
        self.script = directory / "bin" / "tool"
        self.script.parent.mkdir(parents=True)
        self.write(source)
        self.environment = {
            "PATH": f"{self.script.parent}:{Path(PYTHON).parent}:/usr/bin:/bin",
            "HOME": str(directory),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "SHARED": "by all",
        }
        self.environment |= variables or {}
        arguments = [str(directory / "template"), str(directory / script), json.dumps(self.environment)]
        command = [sys.executable, str(WORKER), *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    @property
    def learnt(self) -> dict[str, Any]:
        """What the template knows of modules, by their names."""
        content = json.loads((self.directory / "template" / "modules").read_text())
        return {module["name"]: module for module in content["modules"]}

    def beside(self, name: str, text: str) -> Path:
        """Write a module beside the script."""
        module = self.script.parent / f"{name}.py"
        module.write_text(text)
        return module

    def write(self, source: str) -> None:
        self.script.write_text(f"#!{self.beginning}\n{source}\n")
        self.script.chmod(0o755)

    def ask(
        self, way: str, number: int, *arguments: str, one_file: bool = False, **more: Any
    ) -> dict[str, Any]:
        """Run the script in a directory of its own, always of the same name."""
        directory = self.directory / "job"
        subprocess.run(["rm", "-rf", directory], check=True)
        directory.mkdir()
        for name in more.pop("files", ()):
            (directory / name).write_text("")
        job = {
            "way": way,
            "argv": [str(self.script), *arguments],
            "directory": str(directory),
            "stdout": str(self.directory / "out"),
            "stderr": str(self.directory / ("out" if one_file else "err")),
            "set": {"INTERCHANGE_ATTEMPT_TOKEN": f"worker/1.2.{number}", "INTERCHANGE_ATTEMPT": "0"},
            "unset": [],
            "shell": "command" in more,
            **more,
        }
        if "command" in more:
            del job["argv"]
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def observe(
        self, way: str, number: int, *arguments: str, one_file: bool = False, **more: Any
    ) -> Observed:
        answer = self.ask(way, number, *arguments, one_file=one_file, **more)
        assert "status" in answer, answer
        out, err = self.directory / "out", self.directory / "err"
        made = {file.name: file for file in (self.directory / "job").iterdir()}
        return Observed(
            answer["status"],
            same(out.read_text(), answer["pid"]),
            "" if one_file else same(err.read_text(), answer["pid"]),
            {
                name: f"{file.stat().st_mode:o} {same(file.read_text(), answer['pid'])}"
                for name, file in made.items()
            },
        )

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def same(text: str, pid: int) -> str:
    """Return a text without what differs between two fresh processes."""
    text = re.sub(rf"\b{pid}\b", "PID", text)
    return re.sub(r"0x[0-9a-f]+", "ADDRESS", text)


def run_in(warm: Warm, way: str, *arguments: str, **more: Any) -> str:
    """Return what a job prints that succeeds."""
    assert warm.observe(way, 1, *arguments, **more).status == 0
    return (warm.directory / "out").read_text()
