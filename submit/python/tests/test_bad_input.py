"""Bad input: a message that names the thing, the place and the next step, and nothing half done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from living import Home, living_home
from small import Small

pytestmark = pytest.mark.end_to_end

USER_ERROR = 2
NO_DAEMON = 3
NOBODY = 65534


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with living_home(tmp_path_factory.mktemp("home") / "h") as living:
        yield living


@pytest.fixture
def small(home: Home, tmp_path: Path) -> Small:
    return Small(home, tmp_path / "work")


TRUE = {"command": "true"}


@pytest.mark.parametrize(
    ("jobs", "site", "words"),
    [
        (
            [{"name": "a", "needs": ["b"], **TRUE}, {"name": "b", "needs": ["a"], **TRUE}],
            {},
            ["a", "b", "workflow"],
        ),
        ([{"name": "a", "needs": ["ghost"], **TRUE}], {}, ["ghost", "a"]),
        ([{"name": "twin", **TRUE}, {"name": "twin", **TRUE}], {}, ["twin"]),
        ([{"name": "a", **TRUE}], {"corse": 2}, ["corse", "cores", "here"]),
        ([{"name": "a", "cpus": 99, **TRUE}], {"oversize": "fail"}, ["a", "99", "2"]),
        ([{"name": "a", "comand": "true"}], {}, ["comand", "command"]),
        ([{"name": "a", "command": "true", "argv": ["true"]}], {}, ["a", "command", "argv"]),
        ([{"name": "a", "memory": "lots", **TRUE}], {}, ["memory", "lots"]),
    ],
    ids=["cycle", "unknown need", "twin", "site key", "too big", "job key", "two commands", "type"],
)
def test_a_bad_workflow_is_refused_by_name(
    small: Small, jobs: list[dict[str, Any]], site: dict[str, Any], words: list[str]
) -> None:
    file = small.write(jobs, **site)
    done = small.home.run("interchange", "submit", str(file), check=False, cwd=small.directory)
    assert done.returncode == USER_ERROR, done.stdout + done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    assert small.home.ask("list")["runs"] == []
    assert not list((small.directory).glob(".interchange/*/workflow.jsonl"))


def test_a_site_that_does_not_exist_is_said(small: Small) -> None:
    file = small.directory / "w.yaml"
    file.write_text("name: w\nsite: nowhere\njobs:\n  - {name: a, command: 'true'}\n")
    done = small.home.run("interchange", "submit", str(file), check=False, cwd=small.directory)
    assert done.returncode == USER_ERROR
    assert "nowhere" in done.stderr and "sites.yaml" in done.stderr


HEADER = {
    "header": {
        "format": 1,
        "submission": "00000000-0000-4000-8000-000000000000",
        "name": "w",
        "submitDirectory": "/nowhere",
        "site": "here",
        "sites": {"here": {"provider": "local", "cores": 1, "memory": 100}},
    }
}


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([], "empty"),
        ([HEADER, {"job": {"name": "a", "label": "l", "command": "true"}}], "trailer"),
        ([{"header": {**HEADER["header"], "format": 99}}], "99"),
        ([HEADER, {"nonsense": 1}, {"trailer": {"jobs": "0"}}], "nonsense"),
    ],
    ids=["empty", "truncated", "newer", "unknown"],
)
def test_a_bad_workflow_file_is_refused(small: Small, lines: list[Any], word: str) -> None:
    file = small.directory / "w.jsonl"
    text = "".join(json.dumps(line) + "\n" for line in lines)
    file.write_text(text.replace("/nowhere", str(small.directory)))
    done = small.home.run("interchange", "submit", str(file), check=False, cwd=small.directory)
    assert done.returncode == USER_ERROR, done.stdout + done.stderr
    assert "w.jsonl" in done.stderr and word in done.stderr.lower()


def test_without_autostart_nobody_is_started(tmp_path: Path) -> None:
    with living_home(tmp_path / "home", INTERCHANGE_AUTOSTART="0") as home:
        done = home.run("interchange", "list", check=False)
        assert done.returncode == NO_DAEMON
        assert "interchange start" in done.stderr
        assert not (home.directory / "journal.db").exists()


def test_a_second_daemon_on_one_directory_names_the_first(home: Home) -> None:
    home.run("interchange", "start")
    first = home.daemon_pid()
    done = home.run("interchange", "start", "--foreground", check=False)
    assert done.returncode != 0
    assert str(first) in done.stderr + done.stdout
    assert home.daemon_pid() == first


def test_a_submit_directory_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, to be another user")
    # Under /tmp itself: the directories of pytest are closed to others.
    base = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    try:
        base.chmod(0o755)
        (base / "home").mkdir()
        os.chown(base / "home", NOBODY, NOBODY)
        closed = base / "closed"
        closed.mkdir(mode=0o755)
        (closed / "w.yaml").write_text(
            "name: w\nsite: {name: here, provider: local, cores: 1, memory: 100}\n"
            "jobs:\n  - {name: a, command: 'true'}\n"
        )
        home = Home(base / "home" / "h", {"HOME": str(base / "home")})
        other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        try:
            can_run = home.run(*other, "interchange", "version", check=False)
            if can_run.returncode != 0:
                pytest.skip(f"another user can't run the command here: {can_run.stderr.strip()}")
            done = home.run(*other, "interchange", "submit", "w.yaml", check=False, cwd=closed)
            assert done.returncode == USER_ERROR, done.stdout + done.stderr
            assert str(closed) in done.stderr
        finally:
            home.run(*other, "interchange", "stop", "--now", check=False)
            home.clean_up()
    finally:
        shutil.rmtree(base)
