"""Bad input: a message that names the thing, the place and the next step, and nothing half done."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from living import Done, Home, living_home
from small import Small

from interchange_runtime import launcher

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


# Whole sentences: the thing, the place and the next step. FILE is the workflow's path.
@pytest.mark.parametrize(
    ("jobs", "site", "sentences"),
    [
        (
            [{"name": "egg", "needs": ["hen"], **TRUE}, {"name": "hen", "needs": ["egg"], **TRUE}],
            {},
            [
                "FILE: jobs need one another in a circle, so none of them could ever run: "
                r"'hen' \(line 3\) needs 'egg' \(line 2\) needs 'hen'; take one of these needs away"
            ],
        ),
        (
            [{"name": "orphan", "needs": ["ghost"], **TRUE}],
            {},
            [
                "FILE: job 'orphan': needs 'ghost', which is not in the workflow; "
                "add that job or take the need away"
            ],
        ),
        (
            [{"name": "twin", **TRUE}, {"name": "twin", **TRUE}],
            {},
            ["FILE: job 'twin': there is another job of this name, on line 2; rename one of them"],
        ),
        (
            [{"name": "fine", **TRUE}],
            {"corse": 2},
            [r"site 'here': there is no key 'corse'; did you mean 'cores'\?"],
        ),
        (
            [{"name": "giant", "cpus": 99, **TRUE}],
            {"oversize": "fail"},
            [
                "FILE: job 'giant': needs 99 cpus and 0 MiB; a worker of site 'here' has 2 cpus and 4096 MiB"
                "; ask for less, or give the site larger workers or oversize: alone"
            ],
        ),
        (
            [{"name": "typo", "comand": "true"}],
            {},
            [
                r"FILE:3: unknown key of a job 'comand': did you mean 'command'\?",
                r"FILE:3: job 'typo' has nothing to run: give it a 'command' \(for the shell\) or an 'argv'",
            ],
        ),
        (
            [{"name": "both", "command": "true", "argv": ["true"]}],
            {},
            [r"FILE:3: job 'both' has both 'command' \(for the shell\) and 'argv': keep one"],
        ),
        (
            [{"name": "greedy", "memory": "lots", **TRUE}],
            {},
            [r"FILE:3: 'memory' is 'lots', but must be MiB as a whole number from 1 to \d+"],
        ),
    ],
    ids=["cycle", "unknown need", "twin", "site key", "too big", "job key", "two commands", "type"],
)
def test_a_bad_workflow_is_refused_by_name(
    small: Small, jobs: list[dict[str, Any]], site: dict[str, Any], sentences: list[str]
) -> None:
    file = small.write(jobs, **site)
    done = small.home.run("interchange", "submit", str(file), check=False, cwd=small.directory)
    check_refused(done, file, sentences)
    assert small.home.ask("list")["runs"] == []
    assert not list((small.directory).glob(".interchange/*/workflow.jsonl"))


def check_refused(done: Done, file: Path, sentences: list[str]) -> None:
    """See that these sentences were said and no others."""
    assert done.returncode == USER_ERROR, done.stdout + done.stderr
    expected = [f"interchange: {sentence}" for sentence in sentences]
    pattern = "".join(f"{line}\n" for line in expected).replace("FILE", re.escape(str(file)))
    assert re.fullmatch(pattern, done.stderr), done.stderr


def test_a_site_that_does_not_exist_is_said(small: Small) -> None:
    file = small.directory / "w.yaml"
    file.write_text("name: w\nsite: nowhere\njobs:\n  - {name: lost, command: 'true'}\n")
    done = small.home.run("interchange", "submit", str(file), check=False, cwd=small.directory)
    sentence = (
        "FILE: job 'lost': there is no site 'nowhere'; "
        "describe it in the workflow, or in sites.yaml of the daemon's home"
    )
    check_refused(done, file, [sentence])


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
    ("lines", "sentence"),
    [
        ([], "FILE: is empty; write it again"),
        (
            [HEADER, {"job": {"name": "a", "label": "l", "command": "true"}}],
            "FILE: is cut off: there is no trailer after its 1 jobs; write it again",
        ),
        (
            [{"header": {**HEADER["header"], "format": 99}}],
            r"FILE:1: is of format 99, but this daemon knows formats up to \d+; "
            "update interchange and start the daemon again",
        ),
        (
            [HEADER, {"nonsense": 1}, {"trailer": {"jobs": "0"}}],
            "FILE:2: has the unknown field 'nonsense'; known: header, job, trailer",
        ),
    ],
    ids=["empty", "truncated", "newer", "unknown"],
)
def test_a_bad_workflow_file_is_refused(small: Small, lines: list[Any], sentence: str) -> None:
    file = small.directory / "w.jsonl"
    text = "".join(json.dumps(line) + "\n" for line in lines)
    file.write_text(text.replace("/nowhere", str(small.directory)))
    done = small.home.run("interchange", "submit", str(file), check=False, cwd=small.directory)
    check_refused(done, file, [sentence])


def test_without_autostart_nobody_is_started(tmp_path: Path) -> None:
    with living_home(tmp_path / "home", INTERCHANGE_AUTOSTART="0") as home:
        done = home.run("interchange", "list", check=False)
        assert done.returncode == NO_DAEMON
        said = (
            f"interchange: no daemon answers for {home.directory}, and starting one on demand is turned off "
            "(autostart): run 'interchange start'\n"
        )
        assert done.stderr == said
        assert not (home.directory / "journal.db").exists()


def test_a_second_daemon_on_one_directory_names_the_first(home: Home) -> None:
    home.run("interchange", "start")
    first = home.daemon_pid()
    done = home.run("interchange", "start", "--foreground", check=False)
    assert done.returncode == NO_DAEMON
    assert re.fullmatch(
        rf"interchange: {home.directory} belongs to the daemon with process id {first} on host \S+, which is "
        r"running \(`interchange info` asks it, `interchange stop` ends it\)\n",
        done.stderr,
    ), done.stderr
    assert home.daemon_pid() == first


@pytest.fixture
def public() -> Iterator[Path]:
    """Give a directory under /tmp itself, which any user may enter: those of pytest are closed to others."""
    with tempfile.TemporaryDirectory(prefix="interchange-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_a_submit_directory_that_can_not_be_written_is_said(
    public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = runnable_by_all(public, monkeypatch)
    own = public / "home"
    own.mkdir()
    os.chown(own, NOBODY, NOBODY)
    closed = public / "closed"
    closed.mkdir(mode=0o755)
    (closed / "w.yaml").write_text(
        "name: w\nsite: {name: here, provider: local, cores: 1, memory: 100}\n"
        "jobs:\n  - {name: a, command: 'true'}\n"
    )
    home = Home(own / "h", {"HOME": str(own)})
    try:
        home.run(*command, "version")
        done = home.run(*command, "submit", "w.yaml", check=False, cwd=closed)
        assert done.returncode == USER_ERROR, done.stdout + done.stderr
        said = (
            f"interchange: the directory {closed} can't be written (.+): jobs run there, "
            "so submit from one that can\n"
        )
        assert re.fullmatch(said, done.stderr), done.stderr
        assert [path.name for path in closed.iterdir()] == ["w.yaml"]
    finally:
        home.run(*command, "stop", "--now", check=False)
        home.clean_up()


def runnable_by_all(directory: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a command line for a user who can read neither this environment nor its Python."""
    java = Path(launcher.find_java())
    shutil.copytree(java.parents[1], directory / "java")
    shutil.copytree(launcher.jar_directory(), directory / "jars")
    monkeypatch.setattr(launcher, "find_java", lambda: str(directory / "java" / "bin" / java.name))
    monkeypatch.setattr(launcher, "jar_directory", lambda: str(directory / "jars"))
    monkeypatch.setenv("INTERCHANGE_CACHE", str(directory / "home" / "cache"))
    other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*other, *launcher.command([])]
