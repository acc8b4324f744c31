"""What a template imports ahead, and when it doesn't because forks would not be like fresh processes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from warming import Warm, run_in

# Each does at its import what all forks would share or lack.
SHARED = {
    "a descriptor": ("import os\nkept = os.open('/dev/null', 0)", "opened /dev/null"),
    "a socket": ("import socket\nkept = socket.socket()", "opened socket:"),
    "a lock": ("import multiprocessing\nkept = multiprocessing.Lock()", "shared memory"),
    "shared memory": ("import mmap\nkept = mmap.mmap(-1, 4096)", "shared memory"),
    "a directory": ("import tempfile\nkept = tempfile.mkdtemp()", "temporary"),
    "a process": ("import subprocess\nkept = subprocess.Popen(['sleep', '0.1'])", "a process"),
    "a timer": ("import signal\nsignal.setitimer(signal.ITIMER_REAL, 60)", "timers"),
    "an umask": ("import os\nos.umask(0)", "mask"),
    "the directory changed": ("import os\nos.chdir('/')", "the directory"),
    "a limit": ("import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))", "limits"),
    "niceness": ("import os\nos.nice(1)", "niceness"),
    "the directory kept": ("import os\nkept = os.getcwd()", "busy.kept keeps the directory"),
    "the directory as a path": ("import pathlib\nkept = pathlib.Path.cwd()", "keeps the directory"),
    "the arguments": ("import sys\nkept = list(sys.argv)", "keeps the arguments"),
    "the number of the process": ("import os\npid = os.getpid()", "keeps the number"),
    "a generator": ("import random\nkept = random.Random()", "generator of random numbers: Random"),
    "a seed": ("import random\nrandom.seed(3)", "seeded random"),
    "a generator of numpy": ("import numpy\nkept = numpy.random.default_rng()", "numbers: "),
    "a state of numpy": ("import numpy\nkept = numpy.random.RandomState()", "numbers: "),
    "a seed of numpy": ("import numpy\nnumpy.random.seed(3)", "seeded numpy"),
    "a relative path": ("import sys\nsys.path.append('lib')", "relative directory: 'lib'"),
}
HARMLESS = {
    "numbers drawn": "import random\nfor _ in range(3000): random.random()",
    "a seeded generator of numpy": "from numpy.random import *\nkept = default_rng(3), RandomState(3)",
    "a source of entropy": "import random\nkept = random.SystemRandom()",
    "a list": "import sys\nkept = sys.argv",
}


@pytest.mark.parametrize("name", SHARED)
def test_what_forks_would_share_lets_jobs_run_cold_with_the_cause(name: str, make_warm: Any) -> None:
    source, said = SHARED[name]
    warm = make_warm("import busy")
    warm.beside("busy", source)
    assert said in warm.ask("warm", 1)["first"]["cold"]


# A template that grows looks for the same by the same means.
WAYS = [(name, "anew") for name in SHARED] + [(name, "grown") for name in list(SHARED)[:7]]


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_what_one_job_would_make_all_share_is_not_imported_ahead(name: str, way: str, make_warm: Any) -> None:
    warm = make_warm("import sys\nif sys.argv[1:]:\n    import fractions, busy\nprint(*sys.modules)")
    warm.beside("busy", SHARED[name][0])
    assert "busy" in run_in(warm, "warm", "it").split()
    there = run_in(warm, way).split()
    assert "busy" not in there
    assert "fractions" in there
    assert warm.learnt["busy"]["apart"]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_fresh_processes_would_have_alike_is_no_reason(name: str, make_warm: Any) -> None:
    warm = make_warm("import busy")
    warm.beside("busy", HARMLESS[name])
    assert "ready" in warm.ask("warm", 1)["first"]


# What is seen by those that never import it.
SPOILING = {
    "print": "print('imported')",
    "print an error": "import sys\nprint('imported', file=sys.stderr)",
    "set a variable": "import os\nos.environ['SET'] = '1'",
    "filter warnings": "import warnings\nwarnings.simplefilter('ignore')",
    "set up logging": "import logging\nlogging.basicConfig()",
    "a level": "import logging\nlogging.getLogger('one').setLevel(10)",
    "ignore a signal": "import signal\nsignal.signal(12, signal.SIG_IGN)",
    "do something at the end": "import atexit\natexit.register(print, 'ended')",
    "a hook": "import sys\nsys.excepthook = print",
    "a locale": "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
    "a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    "a hidden thread": "import _thread, time\n_thread.start_new_thread(time.sleep, (9,))",
    "change a module": "import string\nstring.capwords = len",
    "add to a module": "import string\nstring.more = len",
    "a place of modules": "import sys\nsys.path.append('/nowhere')",
    "fail": "import os\nos.environ['SET'] = '1'\n"
    "if open(os.environ['HOME'] + '/bin/state').read() != 'first': 1/0",
}
SEEN = """import logging, os, signal, string, sys, threading, warnings
def main():
    if sys.argv[1:]:
        import spoils
    else:
        print(sorted(os.environ), warnings.filters, logging.root.handlers, signal.getsignal(12), sys.path)
        print(string.capwords('a'), hasattr(string, 'more'))
        print(logging.getLogger('one').level, 'spoils' in sys.modules, threading.active_count())
        1/0
main()"""


@pytest.mark.parametrize("way", ["anew", "grown"])
@pytest.mark.parametrize("name", SPOILING)
def test_what_one_job_imports_is_not_seen_by_another(name: str, way: str, make_warm: Any) -> None:
    warm = make_warm(SEEN)
    state = warm.script.parent / "state"
    state.write_text("first")
    warm.beside("spoils", SPOILING[name])
    cold = warm.observe("cold", 1)
    assert warm.ask("warm", 1, "it")["status"] == 0
    state.write_text("second")
    answer = warm.ask(way, 1)
    assert len(answer["again"]) in (1, 2), answer
    assert warm.observe("warm", 1) == cold
    assert warm.learnt["spoils"]["apart"]
    # Once is enough.
    assert warm.ask("anew", 1)["again"] == []


def test_what_all_jobs_import_is_imported_ahead_with_what_it_changes(make_warm: Any) -> None:
    warm = make_warm(
        "import os, sys\nprint('spoils' in sys.modules)\nimport spoils\nprint(os.environ['SET'])"
    )
    warm.beside("spoils", "import os\nos.environ['SET'] = '1'")
    assert [run_in(warm, way) for way in ("warm", "anew")] == ["False\n1\n"] * 2
    for _ in range(4):
        assert run_in(warm, "warm") == "False\n1\n"
    assert warm.ask("warm", 1)["more"]
    assert run_in(warm, "anew") == "True\n1\n"


def test_what_depends_on_what_is_apart_is_not_taken_for_the_cause(make_warm: Any) -> None:
    many = [f"depends{number}" for number in range(30)]
    warm = make_warm(f"import sys\nprint('spoils' in sys.modules)\nimport spoils, {', '.join(many)}")
    warm.beside("spoils", "import os\nos.environ['SET'] = '1'")
    for name in many:
        warm.beside(name, "import spoils")
    assert warm.ask("warm", 1)["status"] == 0
    # All of them in one.
    assert warm.ask("anew", 1)["again"] == [
        "importing spoils has changed the environment",
        "importing depends0 would import spoils, which not every job does",
    ]
    assert all(warm.learnt[name]["apart"] for name in many)
    # There is no hurry before all jobs have told; then they are imported ahead with what they change.
    assert [bool(warm.ask("warm", 1).get("more")) for _ in range(4)] == [False] * 3 + [True]
    assert run_in(warm, "anew") == "True\n"


def test_what_all_jobs_import_is_imported_whole_though_it_needs_what_one_has_not(make_warm: Any) -> None:
    warm = make_warm(
        "import sys, os\nif sys.argv[1:] == ['one']:\n    import spoils\nif sys.argv[1:] == ['all']:\n"
        "    import needs\n    print(os.environ['COUNT'], 'spoils' in sys.modules)"
    )
    warm.beside("spoils", "import os\nos.environ['SET'] = '1'")
    counts = "import os\nos.environ['COUNT'] = str(1 + int(os.environ.get('COUNT', 0)))\nimport spoils"
    warm.beside("needs", counts)
    run_in(warm, "warm", "one")
    run_in(warm, "anew", "none")
    assert run_in(warm, "warm", "all") == "1 True\n"
    for way in ("anew", "warm", "warm", "warm", "warm"):
        assert run_in(warm, way, "all") == "1 True\n"
    known = warm.learnt
    assert (
        known["spoils"]["had"] < known["spoils"]["of"] and known["needs"]["had"] == known["needs"]["of"] == 5
    )
    assert [run_in(warm, way, "all") for way in ("anew", "warm")] == ["1 True\n"] * 2


def test_what_one_job_of_many_has_not_imported_stays_apart(make_warm: Any) -> None:
    warm = make_warm("import sys\nif not sys.argv[1:]:\n    import spoils\nprint('spoils' in sys.modules)")
    warm.beside("spoils", "import os\nos.environ['SET'] = '1'")
    assert [run_in(warm, way) for way in ("warm", "anew")] == ["True\n"] * 2
    assert run_in(warm, "warm", "not") == "False\n"
    for _ in range(5):
        run_in(warm, "warm")
    assert run_in(warm, "anew", "not") == "False\n"


def test_a_module_that_a_job_has_found_elsewhere_is_not_imported_ahead(make_warm: Any) -> None:
    warm = make_warm(
        "import sys\nthere = 'own' in sys.modules\nif sys.argv[1:]: sys.path.insert(0, sys.argv[1])\n"
        "import own\nprint(there, own.text)"
    )
    warm.beside("own", "text = 'of all'")
    elsewhere = warm.directory / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "own.py").write_text("text = 'of one'")
    assert run_in(warm, "warm", str(elsewhere)) == "False of one\n"
    assert run_in(warm, "anew") == "False of all\n"
    assert run_in(warm, "anew", str(elsewhere)) == "False of one\n"


def test_a_module_that_is_gone_is_forgotten(make_warm: Any) -> None:
    warm = make_warm("import sys\nif sys.argv[1:]:\n    import beside\nprint('run')")
    module = warm.beside("beside", "")
    run_in(warm, "warm", "it")
    assert "beside" in warm.learnt
    module.unlink()
    run_in(warm, "anew")
    assert "beside" not in warm.learnt


@pytest.mark.parametrize("text", ["", "rubbish", "[]", '{"format": 1, "modules": [{"name": 3}]}', "{" * 9999])
def test_a_damaged_list_is_none(text: str, make_warm: Any) -> None:
    warm = make_warm("import decimal, sys\nprint('run')\nimport fractions")
    run_in(warm, "warm")
    (warm.directory / "template" / "modules").write_text(text)
    assert run_in(warm, "anew") == "run\n"
    assert "fractions" in warm.learnt


def test_a_job_with_much_that_is_new_is_worth_a_new_template(make_warm: Any) -> None:
    source = "import sys\nprint(*sys.modules)\nif sys.argv[1:]: import email.mime.text, http.client, csv"
    warm = make_warm(source)
    run_in(warm, "warm", "it")
    assert warm.ask("warm", 1)["more"]
    assert "http.client" in run_in(warm, "anew").split()
    run_in(warm, "warm", "it")
    assert "http.client" in run_in(warm, "warm").split()


def test_a_script_that_prepares_its_imports_runs_cold(make_warm: Any) -> None:
    warm = make_warm("import os\nos.environ['OMP_NUM_THREADS'] = '1'\nimport decimal")
    assert "before it imports" in warm.ask("warm", 1)["first"]["cold"]


@pytest.mark.parametrize("path", ["", "lib", "/nowhere:", ":/nowhere", "/nowhere::/no"])
def test_places_that_depend_on_the_directory_let_jobs_run_cold(path: str, make_warm: Any) -> None:
    first = make_warm("print('run')", {"PYTHONPATH": path}).ask("warm", 1)["first"]
    assert ("ready" in first) == (path == "")


def look_again(warm: Warm) -> dict[str, Any]:
    """Ask when the template looks for changes again."""
    time.sleep(1.1)
    answer: dict[str, Any] = warm.ask("warm", 1)
    return answer.get("answer") or {}


def test_a_busy_directory_does_not_end_the_template(make_warm: Any) -> None:
    warm = make_warm("import space.inner\nprint('run')")
    place = warm.script.parent
    (place / "space").mkdir()
    warm.beside("space/inner", "")
    assert run_in(warm, "warm") == "run\n"
    (place / "results.fits").write_text("")
    (place / "directory").mkdir()
    (place / "__pycache__").mkdir()
    assert look_again(warm) == {}
    (place / "decimal.py").write_text("")
    assert look_again(warm) == {"changed": str(place)}


@pytest.mark.parametrize("name", ["package/__init__.py", "more.pth", "module.abi3.so"])
def test_what_an_import_could_find_ends_the_template(name: str, make_warm: Any) -> None:
    warm = make_warm("print('run')")
    run_in(warm, "warm")
    new = warm.script.parent / name
    new.parent.mkdir(exist_ok=True)
    new.write_text("")
    assert look_again(warm) == {"changed": str(warm.script.parent)}


def test_a_text_that_leads_to_modules_ends_the_template_when_it_changes(make_warm: Any) -> None:
    warm = make_warm("print('run')")
    leading = warm.script.parent / "more.pth"
    leading.write_text("/nowhere")
    run_in(warm, "warm")
    leading.write_text("/nowhere/else")
    assert look_again(warm) == {"changed": str(leading)}


# What a file system does on which each look at a file takes a while.
SLOW = """import os, time
real, here = os.stat, os.path.dirname(__file__)
def slowly(path, *more, **named):
    if os.access(here + "/slow", os.F_OK):
        time.sleep(0.1)
    return real(path, *more, **named)
os.stat = slowly"""


def test_a_slow_look_is_said_and_goes_on(make_warm: Any) -> None:
    warm = make_warm("import slow\nprint('run')")
    warm.beside("slow", SLOW)
    run_in(warm, "warm")
    (warm.script.parent / "slow").touch()
    time.sleep(1.1)
    begun = time.monotonic()
    assert "takes long" in warm.ask("warm", 1)["answer"]["busy"]
    assert time.monotonic() - begun < 2
    (warm.script.parent / "slow").unlink()
    assert run_in(warm, "warm") == "run\n"


def test_a_script_that_has_changed_ends_the_template(make_warm: Any) -> None:
    warm = make_warm("print('old')")
    assert run_in(warm, "warm") == "old\n"
    warm.write("print('new one')")
    assert look_again(warm) == {"changed": str(warm.script)}
    assert run_in(warm, "anew") == "new one\n"


def test_a_module_that_changes_while_it_is_imported_makes_a_new_template(make_warm: Any) -> None:
    warm = make_warm("import first, second\nprint(second.text)")
    second = warm.beside("second", "text = 'old'")
    state = warm.directory / "changed"
    # Changed by somebody else, once, between the import and the end of all imports.
    warm.beside(
        "first",
        f"import os, second\nif not os.path.exists('{state}'):\n"
        f"    open('{state}', 'w'), open('{second}', 'w').write('text = \"new\"')",
    )
    answer = warm.ask("warm", 1)
    assert answer["again"] == [f"{second} has changed while it was imported"]
    assert (warm.directory / "out").read_text() == "new\n"


def test_a_pool_of_openmp_is_found_beside_that_of_openblas(make_warm: Any) -> None:
    library = Path("/usr/lib/x86_64-linux-gnu/libgomp.so.1")
    if not library.exists():
        pytest.skip("no OpenMP")
    warm = make_warm("import numpy, pool")
    warm.beside(
        "pool",
        f"import ctypes\nkind = ctypes.CFUNCTYPE(None, ctypes.c_void_p)\nwork = kind(lambda _: None)\n"
        f"ctypes.CDLL('{library}').GOMP_parallel(work, None, {os.cpu_count()}, 0)",
    )
    assert "OpenMP" in warm.ask("warm", 1)["first"]["cold"]


def test_the_stack_itself_is_warm(make_warm: Any) -> None:
    warm = make_warm(
        "import re\nimport sys\nfrom lsst.ctrl.mpexec.cli.pipetask import main\n"
        "if __name__ == '__main__':\n    sys.exit(main())"
    )
    cold = warm.observe("cold", 1, "run-qbb", "--help")
    assert cold.status == 0
    assert warm.observe("warm", 1, "run-qbb", "--help") == cold
    answer = warm.ask("anew", 1, "run-qbb", "--help")
    assert (answer["status"], answer["again"]) == (0, [])
    assert warm.observe("warm", 1, "run-qbb", "--help") == cold
    assert not any(module["apart"] for module in warm.learnt.values())
