"""Forks of a template are to be what fresh processes are: small console scripts, run both ways."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

STANDINS = Path(__file__).parent / "standins"
WORKER = STANDINS / "warm_worker.py"
sys.path.insert(0, str(STANDINS))

import warm_worker  # noqa: E402


@dataclass
class Observed:
    """What a job left."""

    status: int
    stdout: str
    stderr: str
    files: dict[str, str]


class Warm:
    """A worker of the test's own with a template."""

    def __init__(self, directory: Path, source: str, variables: dict[str, str] | None = None) -> None:
        self.directory = directory
        self.script = directory / "bin" / "tool"
        self.script.parent.mkdir(parents=True)
        self.write(source)
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(directory),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "SHARED": "by all",
        }
        self.environment |= variables or {}
        arguments = [str(directory / "template"), str(self.script), json.dumps(self.environment)]
        command = [sys.executable, str(WORKER), *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def write(self, source: str) -> None:
        self.script.write_text(f"#!{sys.executable}\n{source}\n")
        self.script.chmod(0o755)

    def ask(
        self, way: str, number: int, *arguments: str, one_file: bool = False, **more: Any
    ) -> dict[str, Any]:
        """Run the script in a directory of its own, always of the same name."""
        directory = self.directory / "job"
        subprocess.run(["rm", "-rf", directory], check=True)
        directory.mkdir()
        job = {
            "way": way,
            "argv": [str(self.script), *arguments],
            "directory": str(directory),
            "stdout": str(self.directory / "out"),
            "stderr": str(self.directory / ("out" if one_file else "err")),
            "set": {"INTERCHANGE_ATTEMPT_TOKEN": f"worker/1.2.{number}", "INTERCHANGE_ATTEMPT": "0"},
            "unset": [],
            **more,
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def observe(self, way: str, number: int, *arguments: str, one_file: bool = False) -> Observed:
        answer = self.ask(way, number, *arguments, one_file=one_file)
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


@pytest.fixture
def make_warm(tmp_path: Path) -> Iterator[Any]:
    made: list[Warm] = []

    def make(source: str, variables: dict[str, str] | None = None) -> Warm:
        made.append(Warm(tmp_path / f"warm{len(made)}", source, variables))
        return made[-1]

    yield make
    for each in made:
        each.end()


# Each shows one thing that a fork might do otherwise than a fresh process.
PECULIAR = STANDINS.parent / "peculiar"
SCRIPTS = sorted(file.stem for file in PECULIAR.glob("*.py"))

BESIDE = {"beside.py": "", "loud.py": "import sys\nprint('imported')\nprint('with words', file=sys.stderr)\n"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_fork_sees_and_leaves_what_a_fresh_process_does(name: str, make_warm: Any) -> None:
    warm = make_warm((PECULIAR / f"{name}.py").read_text())
    for module, text in BESIDE.items():
        (warm.script.parent / module).write_text(text)
    arguments = ("run", "two words", "", "\u00e4", "--x=$HOME")
    cold = warm.observe("cold", 1, *arguments)
    # The first has nothing imported ahead, the second what the first has told.
    assert warm.observe("warm", 1, *arguments) == cold
    assert warm.observe("anew", 1, *arguments) == cold
    together = warm.observe("cold", 1, *arguments, one_file=True)
    assert warm.observe("warm", 1, *arguments, one_file=True) == together
    silent = ("nothing", "exit_with_nothing")
    assert (name in silent) == (cold.status == 0 and not (cold.stdout or cold.stderr or cold.files))


def run_in(warm: Warm, way: str, *arguments: str) -> str:
    assert warm.observe(way, 1, *arguments).status == 0
    return (warm.directory / "out").read_text()


DRAWN = {
    "random": "import random\nprint(random.random())",
    "numpy": "import numpy.random\nprint(numpy.random.random())",
    "tempfile": "import tempfile\nprint(next(tempfile._get_candidate_names()))",
    "uuid": "import uuid\nprint(uuid.uuid4(), uuid.uuid1())",
    "secrets": "import secrets\nprint(secrets.token_hex())",
    "keys of processes": "import multiprocessing as m\nprint(bytes(m.current_process().authkey))",
}


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_by_chance_is_drawn_by_each_fork(name: str, make_warm: Any) -> None:
    warm = make_warm(DRAWN[name])
    # Imported ahead, so that whatever was drawn at import is shared.
    run_in(warm, "warm")
    drawn = [run_in(warm, "anew"), *(run_in(warm, "warm") for _ in range(3))]
    assert len(set(drawn)) == 4


def test_what_one_job_has_imported_is_there_in_the_next_template(make_warm: Any) -> None:
    warm = make_warm("import sys\nprint('decimal' in sys.modules)\nimport decimal")
    assert [run_in(warm, way) for way in ("warm", "warm", "anew")] == ["False\n", "False\n", "True\n"]


def test_variables_are_those_of_the_attempt(make_warm: Any) -> None:
    warm = make_warm("import os\nprint(os.environ.get('SHARED'), os.environ['INTERCHANGE_ATTEMPT'])")
    assert run_in(warm, "warm") == "by all 0\n"
    warm.ask("warm", 1, set={"INTERCHANGE_ATTEMPT": "3"}, unset=["SHARED"])
    assert (warm.directory / "out").read_text() == "None 3\n"


def test_a_code_that_has_changed_ends_the_template(make_warm: Any) -> None:
    warm = make_warm("import beside\nprint(beside.text)")
    module = warm.script.parent / "beside.py"
    module.write_text("text = 'old'")
    assert [run_in(warm, way) for way in ("warm", "anew")] == ["old\n", "old\n"]
    module.write_text("text = 'new'")
    time.sleep(1.1)
    assert warm.ask("warm", 1)["answer"] == {"changed": str(module)}
    assert run_in(warm, "anew") == "new\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
            "Thread-1",
        ),
        ("import _thread, time\n_thread.start_new_thread(time.sleep, (60,))", "started 1 threads"),
    ],
)
def test_a_module_that_starts_a_thread_lets_jobs_run_cold(source: str, said: str, make_warm: Any) -> None:
    warm = make_warm("import busy")
    (warm.script.parent / "busy.py").write_text(source)
    assert said in warm.ask("warm", 1)["first"]["cold"]


def test_the_pool_of_openblas_is_no_reason(make_warm: Any) -> None:
    warm = make_warm("import numpy, os\nprint(numpy.ones((300, 300)).dot(numpy.ones((300, 300))).sum())")
    assert [run_in(warm, way) for way in ("cold", "warm", "anew")] == ["27000000.0\n"] * 3


def test_a_directory_or_file_that_cannot_be_had_is_said(make_warm: Any) -> None:
    warm = make_warm("print('run')")
    assert "/nowhere" in warm.ask("warm", 1, directory="/nowhere")["answer"]["cold"]
    assert "/nowhere" in warm.ask("warm", 1, stderr="/nowhere/err")["answer"]["cold"]
    assert run_in(warm, "warm") == "run\n"


def test_the_death_of_the_template_does_not_touch_its_forks(make_warm: Any) -> None:
    warm = make_warm("import os, sys, time\nos.kill(int(sys.argv[1]), 9)\ntime.sleep(0.3)\nsys.exit(7)")
    template = warm.ask("warm", 1, "0", directory="/nowhere")["template"]
    assert os.waitstatus_to_exitcode(warm.observe("warm", 1, str(template)).status) == 7
    assert warm.ask("warm", 1, "0")["answer"] is None


@pytest.mark.parametrize("said", ["", '"no"\n', "rubbish\n"], ids=["nothing", "something else", "rubbish"])
def test_without_a_go_nothing_runs(said: str, make_warm: Any) -> None:
    warm = make_warm("import atexit\nimport marks\nopen('ran', 'w')")
    (warm.script.parent / "marks.py").write_text("import atexit\natexit.register(open, 'ended', 'w')")
    (warm.directory / "out").write_text("of an earlier attempt")
    answer = warm.ask("warm", 1, go=said)
    # Both have gone, which is what a worker waits for before it does something else with the job.
    assert answer["after"] is None
    assert answer["code"] == 0
    assert os.waitstatus_to_exitcode(answer["status"]) == 1
    assert list((warm.directory / "job").iterdir()) == []
    assert (warm.directory / "out").read_text() == "of an earlier attempt"


def test_the_token_of_the_attempt_is_seen_after_the_go(make_warm: Any) -> None:
    warm = make_warm((PECULIAR / "its_token.py").read_text())
    answer = warm.ask("warm", 1)
    assert answer["before"]["token"].rstrip() == f"INTERCHANGE_ATTEMPT_TOKEN={warm_worker.TOKEN}"
    assert "worker/1.2.1" in (warm.directory / "out").read_text()
