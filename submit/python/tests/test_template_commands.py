"""How a template comes to the words of a command, and what happens when something goes wrong on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from warming import PYTHON, STANDINS, run_in

sys.path.insert(0, str(STANDINS))

import warm_worker

ARGUMENTS = "import os, sys\nprint(sys.argv, sys.orig_argv, __file__)"
ENVIRONMENT = (
    "import os\nprint({k: v for k, v in sorted(os.environ.items()) if k != 'INTERCHANGE_ATTEMPT_TOKEN'})"
)
COMMANDS = [
    "tool",
    "tool a 'b c' \"d  e\" '' \\'",
    "tool $SHARED ${SHARED} \"$SHARED\" '$SHARED' ${NONE:-none} --x=$HOME ~ --y=~/z ~root",
    "tool *.txt nothing*.txt [ab].txt {c,d}.txt {1..3} $((1 + 2)) ${#SHARED}",
    "tool -n --null=%s %d '\\n' -- $'a\\tb' \u00e4 \u2603",
    "tool   a \\\n  b",
    "tool $0 $# $* ${PWD##*/} $SHLVL $IFS",
]


def with_files(warm: Any, way: str, command: str) -> Any:
    # Below the directory that is made anew for each job.
    return warm.observe(way, 1, command=command, files=["a.txt", "b.txt", "c c.txt"])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_shell_expands_a_command_as_it_does_cold(command: str, make_warm: Any) -> None:
    warm = make_warm(ARGUMENTS)
    assert with_files(warm, "warm", command) == with_files(warm, "cold", command)


@pytest.mark.parametrize("set_too", [{}, {"PWD": "/nowhere", "SHLVL": "3", "OLDPWD": "/tmp", "_": "x"}])
def test_a_command_has_the_variables_of_its_shell(set_too: dict[str, str], make_warm: Any) -> None:
    warm = make_warm(ENVIRONMENT)
    more = {"command": "tool", "set": {"INTERCHANGE_ATTEMPT_TOKEN": "worker/1", **set_too}}
    cold = warm.observe("cold", 1, **more)
    assert warm.observe("warm", 1, **more) == cold
    assert "'SHLVL'" in cold.stdout


def test_words_have_no_variables_of_a_shell(make_warm: Any) -> None:
    warm = make_warm(ENVIRONMENT)
    assert warm.observe("warm", 1) == warm.observe("cold", 1)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("tool ${NONE:?is not set}", "is not set"),
        ("tool 'no end", "unexpected EOF"),
        ("other a", "no command other in PATH"),
        ("A=b tool", "no command A=b"),
        ("./tool", "./tool leads to"),
        ("/bin/true", "leads to /bin/true"),
        ("$NONE", "unbound variable"),
        ("${NONE:-}", "no words"),
        ("tool $$", "its shell"),
        ("tool ${RANDOM}", "its shell"),
    ],
)
def test_a_command_that_cannot_be_warm_runs_cold_alone(command: str, said: str, make_warm: Any) -> None:
    warm = make_warm("print('run')")
    assert said in warm.ask("warm", 1, command=command)["answer"]["cold"]
    assert run_in(warm, "warm") == "run\n"


@pytest.mark.parametrize(
    ("set_too", "said"),
    [
        ({"BASH_FUNC_tool%%": "() { echo function; }"}, "tool is a function"),
        ({"BASH_FUNC_printf%%": "() { echo function; }"}, "changes what a shell does"),
        ({"PYTHONPATH": "/elsewhere"}, "PYTHONPATH is not that of the template"),
        ({"OMP_NUM_THREADS": "7"}, "OMP_NUM_THREADS is not that of the template"),
        ({"PATH": "/usr/bin"}, "no command tool"),
    ],
)
def test_variables_that_come_too_late_let_a_job_run_cold(
    set_too: dict[str, str], said: str, make_warm: Any
) -> None:
    warm = make_warm("print('run')")
    assert said in warm.ask("warm", 1, command="tool", set=set_too)["answer"]["cold"]
    assert run_in(warm, "warm") == "run\n"


def test_variables_of_the_attempt_are_set_by_the_shell(make_warm: Any) -> None:
    warm = make_warm("import os, sys\nprint(os.environ['OF'], repr(os.environ['NONE']), sys.argv[1:])")
    exports = 'export OF="$INTERCHANGE_ATTEMPT of $SHARED"\nexport NONE="${INTERCHANGE_ATTEMPT%?}"\n'
    command = f'"{warm.script}" "$OF" $NONE x'
    cold = warm.observe("cold", 1, command=exports + command)
    late = {"exports": exports, "exported": ["OF", "NONE"]}
    assert warm.observe("warm", 1, command=command, **late) == cold
    assert (warm.directory / "out").read_text() == "0 of by all '' ['0 of by all', 'x']\n"
    late = {"exports": 'export TZ="$INTERCHANGE_ATTEMPT"\n', "exported": ["TZ"]}
    assert "TZ differs" in warm.ask("warm", 1, command=command, **late)["answer"]["cold"]


def test_a_bare_word_is_found_in_path(make_warm: Any) -> None:
    warm = make_warm(ARGUMENTS)
    argv = ["tool", "a"]
    assert warm.observe("warm", 1, argv=argv) == warm.observe("cold", 1, argv=argv)


def test_a_path_with_dots_or_links_is_seen_as_it_is(make_warm: Any) -> None:
    warm = make_warm(
        f"import traceback, beside\n{ARGUMENTS}\nprint(sys.path[0])\n1/0", script="bin/../bin/tool"
    )
    warm.beside("beside", "")
    links = warm.directory / "links"
    links.mkdir()
    (links / "tool").symlink_to(warm.script)
    for path in (warm.script, warm.script.parent / ".." / "bin" / "tool", links / "tool"):
        cold = warm.observe("cold", 1, argv=[str(path)])
        assert warm.observe("warm", 1, argv=[str(path)]) == cold
        assert str(path) in cold.stdout


BEGINNINGS = ["/usr/bin/env python3", f"{PYTHON} -I", f"{PYTHON} -W error -s", f"{PYTHON} -OO", f" {PYTHON} "]
SEEN = (
    "import sys\nprint(sys.orig_argv, sys.argv, sys.flags, sys.path, sys.executable, sys.warnoptions)\n"
    "print(open('/proc/self/cmdline').read().rstrip(chr(0)).split(chr(0)), open('/proc/self/comm').read())"
)


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_the_first_line_of_the_script_is_honoured(beginning: str, make_warm: Any) -> None:
    warm = make_warm(SEEN, beginning=beginning)
    assert warm.observe("warm", 1, "a") == warm.observe("cold", 1, "a")
    assert warm.observe("warm", 1, command="tool a") == warm.observe("cold", 1, command="tool a")


def test_a_job_that_is_no_job_runs_cold(make_warm: Any) -> None:
    warm = make_warm("print('run')")
    assert "cold" in warm.ask("warm", 1, nonsense=1)["answer"]
    assert "cold" in warm.ask("warm", 1, argv=[])["answer"]
    assert "cold" in warm.ask("warm", 1, argv=None)["answer"]
    assert run_in(warm, "warm") == "run\n"


def test_a_fork_that_dies_before_its_answer_has_one(make_warm: Any, tmp_path: Path) -> None:
    warm = make_warm("print('run')")
    assert run_in(warm, "warm") == "run\n"
    # Opening it waits for a reader.
    os.mkfifo(tmp_path / "pipe")
    answer = warm.ask("warm", 1, stdout=str(tmp_path / "pipe"), killed=True)["answer"]
    assert "ended before its start" in answer["cold"]
    assert run_in(warm, "warm") == "run\n"


def test_a_module_that_ignores_the_ends_of_children_is_no_trouble(make_warm: Any) -> None:
    warm = make_warm("import ignores\nprint('run')")
    warm.beside("ignores", "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)")
    assert [run_in(warm, "warm"), run_in(warm, "warm")] == ["run\n"] * 2


def test_a_module_with_a_handler_that_raises_is_no_trouble(make_warm: Any) -> None:
    warm = make_warm("import raises\nprint('run')")
    warm.beside(
        "raises",
        "import os, signal, sys\nsignal.signal(signal.SIGCHLD, lambda *_: None)\n"
        "os.register_at_fork(after_in_child=lambda: sys.exit(3) if os.path.exists('/nowhere') else None)",
    )
    assert [run_in(warm, "warm"), run_in(warm, "warm")] == ["run\n"] * 2


def test_numbers_of_threads_are_those_of_the_environment(make_warm: Any) -> None:
    source = (
        "import numpy, os\na = numpy.ones((300, 300))\na.dot(a)\nprint(len(os.listdir('/proc/self/task')))"
    )
    alone = make_warm(source, {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
    assert run_in(alone, "warm") == run_in(alone, "cold") == "1\n"
    three = make_warm(source, {"OPENBLAS_NUM_THREADS": "3"})
    assert run_in(three, "warm") == run_in(three, "cold")


# ---- how a template is started

STARTED = [
    ({"stdin": subprocess.PIPE}, "standard input is not"),
    ({"stdout": subprocess.DEVNULL}, "standard output or error"),
    ({"stderr": subprocess.PIPE}, "standard output or error"),
    ({"close_fds": False}, "the template was started with"),
]


@pytest.mark.parametrize(("more", "said"), STARTED)
def test_a_template_that_is_started_otherwise_says_so(
    more: dict[str, Any], said: str, tmp_path: Path
) -> None:
    script = tmp_path / "tool"
    script.write_text(f"#!{PYTHON}\nprint('run')\n")
    kept = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(kept, True)
    try:
        template = warm_worker.Template(tmp_path / "template", str(script), {"PATH": "/usr/bin:/bin"}, **more)
    finally:
        os.close(kept)
    assert said in template.first["cold"]
    assert template.process.wait() == 0


def test_a_worker_that_is_no_parent_of_the_template_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text(f"#!{PYTHON}\nprint('run')\n")
    listening = (
        "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\n"
        "print('listens', flush=True)\ns.settimeout(60)\nprint(s.accept()[0].makefile().readline())"
    )
    line = tmp_path / "line"
    other = subprocess.Popen([sys.executable, "-c", listening, str(line)], stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert other.stdout.readline() == "listens\n"
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        words = [PYTHON, str(warm_worker.TEMPLATE), str(line), str(script), str(tmp_path / "modules")]
        subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, check=True)
    assert "not among the parents" in other.communicate()[0]


def test_a_job_whose_fork_does_not_become_the_workers_child_runs_cold(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text(f"#!{PYTHON}\nopen('ran', 'w')\n")
    # Unlike a worker this process takes no orphans.
    template = warm_worker.Template(tmp_path / "template", str(script), {"PATH": "/usr/bin:/bin"})
    job = {"argv": [str(script)], "directory": str(tmp_path), "stdout": "/dev/null", "stderr": "/dev/null"}
    template.say({**job, "set": {}, "unset": [], "modules": str(template.modules)})
    assert "is the fork's parent, not the worker" in template.hear()["cold"]
    template.line.close()
    assert template.process.wait() == 0
    assert not (tmp_path / "ran").exists()
