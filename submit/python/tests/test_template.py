"""Forks of a template are to be what fresh processes are: small console scripts, run both ways."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import pytest
from warming import STANDINS, run_in

sys.path.insert(0, str(STANDINS))

import warm_worker

# Each shows one thing that a fork might do otherwise than a fresh process.
PECULIAR = STANDINS.parent / "peculiar"
SCRIPTS = sorted(file.stem for file in PECULIAR.glob("*.py"))

BESIDE = {
    "beside": "",
    "loud": "import sys\nprint('imported')\nprint('with words', file=sys.stderr)",
    "warns": "import warnings\ndef warn(level): warnings.warn('beware', stacklevel=level)\nwarn(1)",
    "keeps": "import sys\nargv, out, main = sys.argv, sys.stdout, sys.modules['__main__']\n"
    "file = main.__file__",
    "speaks": "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
    "ends": "import atexit\natexit.register(print, 'of the module')",
    "sets": "import logging, os, signal, sys, warnings\n"
    "logging.basicConfig(level=10)\nos.environ['SET'] = 'by a module'\nsignal.signal(12, signal.SIG_IGN)\n"
    "sys.setrecursionlimit(900)\nwarnings.simplefilter('ignore')",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_fork_sees_and_leaves_what_a_fresh_process_does(name: str, make_warm: Any) -> None:
    warm = make_warm((PECULIAR / f"{name}.py").read_text())
    for module, text in BESIDE.items():
        warm.beside(module, text)
    arguments = ("run", "two words", "", "\u00e4", "--x=$HOME")
    cold = warm.observe("cold", 1, *arguments)
    # The first has nothing imported ahead, those that follow what the first has told.
    for way in ("warm", "grown", "anew"):
        assert warm.observe(way, 1, *arguments) == cold, way
    together = warm.observe("cold", 1, *arguments, one_file=True)
    assert warm.observe("warm", 1, *arguments, one_file=True) == together
    silent = ("nothing", "exit_with_nothing")
    assert (name in silent) == (cold.status == 0 and not (cold.stdout or cold.stderr or cold.files))


def test_times_that_modules_keep_are_those_of_the_job(make_warm: Any) -> None:
    warm = make_warm(
        "import keeps, sys\nprint([kept >= float(sys.argv[1]) - 0.01 for kept in keeps.times()])"
    )
    warm.beside(
        "keeps",
        "import time\na, b, c = time.time(), time.time_ns(), time.monotonic()\n"
        "def times(): return a, b / 1e9, c + time.time() - time.monotonic()",
    )
    assert "ready" in warm.ask("warm", 1, "0")["first"]
    assert run_in(warm, "warm", str(time.time())) == "[True, True, True]\n"


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
    drawn = [run_in(warm, way) for way in ("grown", "warm", "warm", "anew", "warm", "warm")]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("way", ["anew", "grown"])
def test_what_one_job_has_imported_is_there_in_the_next_template(way: str, make_warm: Any) -> None:
    warm = make_warm("import sys\nprint('decimal' in sys.modules)\nimport decimal")
    assert [run_in(warm, each) for each in ("warm", "warm", way)] == ["False\n", "False\n", "True\n"]


def test_one_that_grows_is_a_fork_and_takes_nothing_else_along(make_warm: Any) -> None:
    warm = make_warm(
        "import beside, loud, os, sys\nprint(os.getpgid(0) == os.getpid(), 'decimal' in sys.modules)\n"
        "if sys.argv[1:]: import decimal"
    )
    warm.beside("beside", "import time\nprint('once')\ntime.sleep(1)")
    warm.beside("loud", BESIDE["loud"])
    first = warm.ask("warm", 1, "it")
    begun = time.monotonic()
    answer = warm.ask("grown", 1)
    # It has not imported again what was there.
    assert time.monotonic() - begun < 0.9
    assert answer["again"] == []
    assert answer["template"] != first["template"]
    assert (warm.directory / "out").read_text() == "once\nimported\nTrue True\n"
    assert (warm.directory / "err").read_text() == "with words\n"
    # Twice, and the fork of a fork of a fork is still what a fresh process is.
    assert warm.ask("grown", 1)["template"] not in (first["template"], answer["template"])
    assert (warm.directory / "out").read_text() == "once\nimported\nTrue True\n"


def test_a_code_that_has_changed_before_it_grew_ends_it(make_warm: Any) -> None:
    warm = make_warm("import beside\nprint(beside.text)\nimport decimal")
    module = warm.beside("beside", "text = 'old'")
    assert run_in(warm, "warm") == "old\n"
    module.write_text("text = 'new'")
    answer = warm.ask("grown", 1)
    assert str(module) in str(answer["again"]) or answer["answer"] == {"changed": str(module)}
    assert run_in(warm, "anew") == "new\n"


def test_variables_are_those_of_the_attempt(make_warm: Any) -> None:
    warm = make_warm("import os\nprint(os.environ.get('SHARED'), os.environ['INTERCHANGE_ATTEMPT'])")
    assert run_in(warm, "warm") == "by all 0\n"
    warm.ask("warm", 1, set={"INTERCHANGE_ATTEMPT": "3"}, unset=["SHARED"])
    assert (warm.directory / "out").read_text() == "None 3\n"


def test_a_code_that_has_changed_ends_the_template(make_warm: Any) -> None:
    warm = make_warm("import beside\nprint(beside.text)")
    module = warm.beside("beside", "text = 'old'")
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
    warm.beside("busy", source)
    assert said in warm.ask("warm", 1)["first"]["cold"]


def test_the_pool_of_openblas_is_no_reason(make_warm: Any) -> None:
    warm = make_warm("import numpy, os\nprint(numpy.ones((300, 300)).dot(numpy.ones((300, 300))).sum())")
    assert [run_in(warm, way) for way in ("cold", "warm", "anew")] == ["27000000.0\n"] * 3


def test_a_directory_or_file_that_cannot_be_had_is_said(make_warm: Any) -> None:
    warm = make_warm("print('run')")
    assert "/nowhere" in warm.ask("warm", 1, directory="/nowhere")["answer"]["cold"]
    assert "/dev/null/err" in warm.ask("warm", 1, stderr="/dev/null/err")["answer"]["cold"]
    assert run_in(warm, "warm") == "run\n"


def test_the_directory_of_an_output_is_made_with_the_mask_of_the_job(make_warm: Any) -> None:
    warm = make_warm("print('run')")
    out = warm.directory / "logs" / "deep" / "out"
    assert warm.ask("warm", 1, stdout=str(out))["status"] == 0
    assert out.read_text() == "run\n"
    assert out.parent.stat().st_mode & 0o777 == out.parent.parent.stat().st_mode & 0o777 == 0o750


def test_the_death_of_the_template_does_not_touch_its_forks(make_warm: Any) -> None:
    warm = make_warm("import os, sys, time\nos.kill(int(sys.argv[1]), 9)\ntime.sleep(0.3)\nsys.exit(7)")
    template = warm.ask("warm", 1, "0", directory="/nowhere")["template"]
    assert os.waitstatus_to_exitcode(warm.observe("warm", 1, str(template)).status) == 7
    assert warm.ask("warm", 1, "0")["answer"] is None


@pytest.mark.parametrize("said", ["", '"no"\n', "rubbish\n"], ids=["nothing", "something else", "rubbish"])
def test_without_a_go_nothing_runs(said: str, make_warm: Any) -> None:
    warm = make_warm("import atexit\nimport marks\nopen('ran', 'w')")
    warm.beside("marks", "import atexit\natexit.register(open, 'ended', 'w')")
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


def test_usage_is_that_of_the_job(make_warm: Any) -> None:
    burning = "import time, numpy\nwhile time.process_time() < 0.2: pass\nprint(time.process_time() < 2)"
    warm = make_warm(burning)
    first, second = warm.ask("warm", 1), warm.ask("warm", 1)
    # Neither what the template has used nor what an earlier job has.
    assert 0.2 <= first["cpu"] < 0.4
    assert 0.2 <= second["cpu"] < 0.4


def test_outputs_may_be_other_than_files(make_warm: Any) -> None:
    warm = make_warm("import loud\nprint('run')")
    warm.beside("loud", BESIDE["loud"])
    assert warm.ask("warm", 1, stdout="/dev/null", stderr="/dev/null")["status"] == 0
    assert warm.ask("warm", 1, stdout="/dev/full", stderr="/dev/null")["status"] == 120 << 8
    assert run_in(warm, "warm") == "imported\nrun\n"
