"""A daemon of the test's own, real runs of tinydrp on it, and ways to see and end their processes."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

HERE = Path(__file__).parent
TINYDRP = HERE / "tinydrp"
WARM_WORKER = HERE / "standins" / "warm_worker.py"
LIGHT = HERE / "standins" / "light"
BIN = Path(sys.executable).parent
SERVICE = "lsst.ctrl.bps.interchange.InterchangeService"

# A tinydrp job takes 3 s on a quiet machine; these are for busy ones.
RUN_SECONDS = 600.0
SOON_SECONDS = 60.0


Done = subprocess.CompletedProcess[str]
UMASK = os.umask(0o022)
os.umask(UMASK)


def wait_for(what: str, condition: Callable[[], Any], seconds: float = SOON_SECONDS) -> Any:
    """Return what the condition returns once that is true."""
    begun = time.monotonic()
    deadline = begun + seconds
    while not (found := condition()):
        now = time.monotonic()
        assert now < deadline, f"not within {seconds:g} s: {what}"
        # To ask a command line takes a third of the time at most: what is waited for needs the processor too.
        time.sleep(max(0.1, 2 * (now - begun)))
        begun = time.monotonic()
    return found


class Bps:
    """A template of bps, since to import the middleware takes most of the time of each command of it."""

    _all: ClassVar[dict[str, Bps]] = {}

    @classmethod
    def of(cls, environment: dict[str, str]) -> Bps:
        """Return the one for which what is read at the start of a process is the same."""
        # All else comes with each command.
        at_start = "PYTHON|LC_|LD_|LANG|TZ|OMP_|OPENBLAS_|MKL_"
        names = [name for name in environment if re.match(at_start, name)]
        key = json.dumps({name: environment[name] for name in sorted(names)})
        return cls._all.get(key) or cls._all.setdefault(key, cls(json.loads(key)))

    def __init__(self, environment: dict[str, str]) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="interchange-bps-"))
        atexit.register(shutil.rmtree, self._directory, ignore_errors=True)
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(Path.home()), **environment}
        self._way = "warm"
        words = [WARM_WORKER, self._directory, BIN / "bps", json.dumps(self._environment), UMASK]
        self._worker = subprocess.Popen(
            [sys.executable, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        assert self._worker.stdin and self._worker.stdout
        self._worker.stdin.write(json.dumps(job) + "\n")
        self._worker.stdin.flush()
        if not select.select([self._worker.stdout], [], [], RUN_SECONDS)[0]:
            raise subprocess.TimeoutExpired(job["argv"], RUN_SECONDS)
        answer: dict[str, Any] = json.loads(self._worker.stdout.readline())
        return answer

    def run(self, line: Sequence[str], cwd: Path, environment: dict[str, str]) -> Done:
        """Run a command of bps."""
        outputs = [self._directory / name for name in ("out", "err")]
        job = {
            "argv": [str(BIN / "bps"), *line[1:]],
            "directory": str(cwd),
            "stdout": str(outputs[0]),
            "stderr": str(outputs[1]),
            "shell": False,
            "set": environment,
            "unset": [name for name in self._environment if name not in environment],
        }
        answer = self._ask({"way": self._way, **job})
        # It has gone, perhaps since a file has changed; or this command can't be one of its forks.
        for way in ("anew", "cold"):
            if "status" not in answer:
                answer = self._ask({"way": way, **job})
        self._way = "anew" if answer.get("more") else "warm"
        code = os.waitstatus_to_exitcode(answer["status"])
        return Done(line, code, *(output.read_text() for output in outputs))


@dataclass
class Home:
    """The directory of a daemon, and what commands see of the world."""

    directory: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("INTERCHANGE_")},
            "INTERCHANGE_HOME": str(self.directory),
            "INTERCHANGE_CACHE": os.environ["INTERCHANGE_CACHE"],
            "BPS_WMS_SERVICE_CLASS": SERVICE,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            **self.environment,
        }
        if java := os.environ.get("INTERCHANGE_JAVA"):
            self.environment.setdefault("INTERCHANGE_JAVA", java)

    def run(
        self, *line: str, check: bool = True, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        # BPS takes the submit directory from $PWD, which a change of directory alone leaves as it was.
        environment = {**self.environment, "PWD": str(cwd or Path.cwd()), **more}
        if line[0] == "bps":
            done = Bps.of(environment).run(line, cwd or Path.cwd(), environment)
        else:
            done = subprocess.run(
                line, cwd=cwd, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS
            )
        if check:
            assert done.returncode == 0, f"{line} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done

    def ask(self, *arguments: str) -> dict[str, Any]:
        """Run the command line and return its answer."""
        return self.run_json(*arguments)

    def run_json(self, *arguments: str, cwd: Path | None = None) -> dict[str, Any]:
        """Run the command line in a directory and return its answer."""
        answer: dict[str, Any] = json.loads(self.run("interchange", *arguments, "--json", cwd=cwd).stdout)
        return answer

    def bps(self, *arguments: str, check: bool = True, cwd: Path | None = None, **more: str) -> str:
        """Run bps and return all it printed."""
        done = self.run("bps", *arguments, check=check, cwd=cwd, **more)
        return done.stdout + done.stderr

    def counts(self, run: str) -> Counter[str]:
        """Jobs of a run by state."""
        return Counter(
            {row["state"]: int(row["count"]) for row in self.ask("report", run)["summary"]["counts"]}
        )

    def state(self, run: str) -> str:
        """State of a run."""
        return str(self.ask("report", run)["summary"]["state"])

    def wait_end(self, run: str) -> str:
        """Wait until a run has ended and return its state."""
        ended = ("RUN_SUCCEEDED", "RUN_FAILED", "RUN_DELETED")
        watched = self.run("interchange", "watch", run, check=False)
        state = self.state(run)
        assert state in ended, f"{state}\n{watched.stdout}\n{watched.stderr}"
        if state == "RUN_FAILED":
            # Shown where a test did not mean it.
            print(self.run("interchange", "report", run, check=False).stdout)
        return state

    def daemon_pid(self) -> int:
        """Process of the daemon."""
        return int(self.ask("info")["pid"])

    def worker_pids(self) -> list[int]:
        """Processes of connected workers."""
        return [int(row["pid"]) for row in self.ask("workers")["workers"] if row["state"] == "connected"]

    def processes(self, having: str = "") -> dict[int, str]:
        """Command lines of living processes that carry this home (or other text) in their environment."""
        return processes_with(having or f"INTERCHANGE_HOME={self.directory}")

    def clean_up(self) -> None:
        """End the daemon and whatever else still lives of this home."""
        self.run("interchange", "stop", "--now", check=False)
        with contextlib.suppress(AssertionError):
            wait_for("the end of all processes", lambda: not self.processes(), 10)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def processes_with(text: str) -> dict[int, str]:
    """Command lines by process of those whose environment has this entry."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if text.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
    return found


def jobs_of(home: Home, run: str) -> dict[int, str]:
    """Living processes of the jobs of a run."""
    of_home = home.processes()
    of_run = processes_with(f"INTERCHANGE_RUN={run}")
    return {pid: line for pid, line in of_run.items() if pid in of_home}


@dataclass
class Tinydrp:
    """A butler repository with raw data, and submissions of the pipeline that works on it."""

    home: Home
    directory: Path
    exposures: int
    detectors: int
    flux: float = 0.0
    # Jobs that import nothing and compute nothing, where it is only about when they run.
    light: bool = False

    @property
    def quanta(self) -> int:
        """Of isr, and of calibrate."""
        return self.exposures * self.detectors

    @property
    def jobs(self) -> int:
        """Quanta, the summary, the initialisation and the final job."""
        return 2 * self.quanta + 3

    @property
    def records(self) -> Path:
        """Where jobs write down their starts and ends."""
        return self.directory / "records"

    @property
    def variables(self) -> dict[str, str]:
        """What a submission needs in its environment."""
        return {
            "TINYDRP": str(TINYDRP),
            "TINYDRP_REPO": str(self.directory / "repo"),
            "CTRL_MPEXEC_DIR": str(BIN.parent),
            "DAF_BUTLER_DIR": str(LIGHT if self.light else BIN.parent),
            "PYTHONPATH": str(TINYDRP),
            "RECORDS": str(self.records),
            "REAL_PIPETASK": str(BIN / "pipetask"),
            **({"PIPETASK_OF_JOBS": str(LIGHT / "bin" / "pipetask")} if self.light else {}),
            "PATH": f"{HERE / 'recorder'}:{self.home.environment['PATH']}",
        }

    def make(self) -> None:
        """Make the repository and the configuration."""
        self.records.mkdir(parents=True)
        made = self._made_before()
        shutil.copytree(made, self.directory / "repo")
        self.flux = float((made.parent / "flux").read_text())
        (self.directory / "bps.yaml").write_text(
            "computeSite: here\n"
            f"wmsServiceClass: {SERVICE}\n"
            "site:\n"
            "  here: {provider: local, nodesPerBlock: 1, cores: 2, memory: 4096}\n"
            f"includeConfigs: ['{TINYDRP / 'bps.yaml'}']\n"
        )

    def _made_before(self) -> Path:
        """Return a repository of this size, which all tests copy, since to make one takes longer."""
        all_sizes = Path(os.environ["INTERCHANGE_TEST_REPOSITORIES"])
        directory = all_sizes / f"{self.exposures}x{self.detectors}"
        with (all_sizes / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (directory / "flux").exists():
                shutil.rmtree(directory, ignore_errors=True)
                size = ["--exposures", str(self.exposures), "--detectors", str(self.detectors)]
                line = [sys.executable, str(TINYDRP / "make_repo.py"), str(directory / "repo"), *size]
                printed = self.home.run(*line, **self.variables).stdout
                (directory / "flux").write_text(printed.split()[-1])
        return directory / "repo"

    def configure(self, name: str, settings: str) -> str:
        """Write a configuration with more settings, and return its name."""
        (self.directory / name).write_text(f"{settings}\nincludeConfigs: [bps.yaml]\n")
        return name

    def submit(self, config: str = "bps.yaml", **environment: str) -> str:
        """Submit it by bps and return the id of the run."""
        printed = self.home.bps("submit", config, cwd=self.directory, **{**self.variables, **environment})
        found = re.search(r"^Run Id: (\d+)$", printed, re.MULTILINE)
        assert found, printed
        return found[1]

    def submit_directory(self, run: str) -> Path:
        """Where its logs are."""
        return Path(self.home.ask("report", run)["summary"]["submitDirectory"])

    def check_flux(self) -> None:
        """See that the butler has the right result."""
        assert not self.light
        size = ["--exposures", str(self.exposures), "--detectors", str(self.detectors)]
        repo = str(self.directory / "repo")
        check = [sys.executable, str(TINYDRP / "check_flux.py"), repo, str(self.flux), *size]
        self.home.run(*check, **self.variables)

    def recorded(self, what: str) -> Counter[str]:
        """How often each job wrote down a start or an end."""
        found: Counter[str] = Counter()
        for file in self.records.glob("*.records"):
            lines = file.read_text().splitlines()
            found[file.stem] = sum(line.startswith(f"{what} ") for line in lines)
        return found

    def running(self) -> set[int]:
        """Processes of jobs that live; a fork shows the variables of its template."""
        begun = {int(pid) for file in self.records.glob("*.pids") for pid in file.read_text().split()}
        return {pid for pid in self.home.processes() if pid in begun}

    def check_records(self, run: str = "") -> None:
        """See that no job ran beside itself and that none that had succeeded ran again.

        Whose worker was killed with it may do so, if a run is given: a job writes its end down some moments
        before its worker can tell of it.
        """
        overlaps = self.records / "overlaps"
        assert not overlaps.exists(), overlaps.read_text()
        for file in self.records.glob("*.records"):
            lines = [line.split() for line in file.read_text().splitlines()]
            succeeded = [index for index, line in enumerate(lines) if line[0] == "end" and line[2] == "0"]
            if run and len(succeeded) > 1:
                lost = self._lost(run, file.stem)
                succeeded = [index for index in succeeded if lines[index][1] not in lost]
            assert succeeded in ([], [len(lines) - 1]), f"{file.stem} ran again after its success: {lines}"

    def _lost(self, run: str, job: str) -> list[str]:
        """Return the numbers of the attempts that the daemon has taken for lost with their worker."""
        attempts = self.home.ask("logs", run, job)["attempts"]
        return [str(row["attempts"]) for row in attempts if row["cause"].startswith("WORKER_DIED")]


@contextlib.contextmanager
def living_home(directory: Path, **environment: str) -> Iterator[Home]:
    """Give a home whose processes are gone afterwards."""
    home = Home(directory, environment)
    try:
        yield home
    finally:
        home.clean_up()


def copied(template: Tinydrp, home: Home, directory: Path, light: bool = False) -> Tinydrp:
    """Return a repository of its own for one test; copying is quicker than making."""
    shutil.copytree(template.directory, directory)
    return Tinydrp(home, directory, template.exposures, template.detectors, template.flux, light)
