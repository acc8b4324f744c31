"""A batch system of one machine that really runs its jobs: what the stand-ins of PBS and LSF share.

Commands of a stand-in are called by links in CLUSTER/bin; beside them is CLUSTER/state:

    nodes        a name and its slots in each line; the nodes are this machine, under several names
    queues       names of queues, the first is the standard one
    down         while this file is there, nobody answers
    closed       while this file is there, nothing is started
    jobs/ID      what is known of each job
    ID.script    what it runs
    ID.cancel    it is to be ended
    ID.late      its time is over, whatever it was
    ID.tasks/    sessions that it has on other nodes than its first

Each job has a process of its own that waits for room, runs it, and writes down how it ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Job = dict[str, Any]

LOOK_SECONDS = 0.1
# What PBS does by default; LSF has longer ones.
KILL_AFTER_SECONDS = 5.0
OVER = ("F", "C", "DONE", "EXIT")


def find() -> Cluster:
    """Return the cluster whose command we are."""
    return Cluster(Path(sys.argv[0]).absolute().parent.parent)


class Cluster:
    """The state of a stand-in."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.state = directory / "state"
        self.commands = directory / "bin"

    @property
    def down(self) -> bool:
        """Whether nobody answers."""
        return (self.state / "down").exists()

    @property
    def nodes(self) -> dict[str, int]:
        """Slots by name."""
        lines = (self.state / "nodes").read_text().splitlines()
        return {name: int(slots) for name, slots in (line.split() for line in lines)}

    @property
    def queues(self) -> list[str]:
        """Names of queues."""
        return (self.state / "queues").read_text().split()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep all others out."""
        with (self.state / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def jobs(self) -> list[Job]:
        """Return all jobs, the oldest first."""
        files = [file for file in (self.state / "jobs").glob("*") if file.name.isdigit()]
        return [json.loads(file.read_text()) for file in sorted(files, key=lambda file: int(file.name))]

    def job(self, number: str) -> Job | None:
        """Return one job."""
        file = self.state / "jobs" / number
        return json.loads(file.read_text()) if number.isdigit() and file.exists() else None

    def write(self, job: Job) -> None:
        """Keep what is known of a job."""
        file = self.state / "jobs" / job["number"]
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        fresh.write_text(json.dumps(job))
        fresh.rename(file)

    def submit(self, job: Job, script: str) -> Job:
        """Take a job in and leave a process behind that runs it."""
        with self.locked():
            (self.state / "jobs").mkdir(exist_ok=True)
            number = str(max([int(known["number"]) for known in self.jobs()], default=0) + 1)
            job = {**job, "number": number, "state": job["waiting"], "submitted": time.time(), "hosts": []}
            job |= {"owner": pwd.getpwuid(os.getuid()).pw_name, "exit": None, "cancelled": False, "runs": 0}
            (self.state / f"{number}.script").write_text(script)
            (self.state / f"{number}.tasks").mkdir()
            self.write(job)
        program = [sys.executable, "-S", str(Path(__file__).absolute()), str(self.directory), number]
        log = (self.state / f"{number}.runner").open("w")
        subprocess.Popen(
            program, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
        )
        return job

    def cancel(self, job: Job) -> None:
        """Ask for the end of a job."""
        (self.state / f"{job['number']}.cancel").touch()
        # What waits is over at once.
        with self.locked():
            fresh = self.job(job["number"])
            assert fresh is not None
            if fresh["state"] == fresh["waiting"]:
                self.write({**fresh, "state": fresh["failed"], "cancelled": True, "ended": time.time()})

    def requeue(self, job: Job) -> None:
        """Let a job start anew, as when its node has failed."""
        (self.state / f"{job['number']}.requeue").touch()

    def free(self) -> dict[str, int]:
        """Slots that nobody has, by node."""
        free = dict(self.nodes)
        for job in self.jobs():
            if job["state"] not in (*OVER, job["waiting"]):
                for host in job["hosts"]:
                    free[host] -= free[host] if job["whole"] else job["slots"]
        return free


class Runner:
    """Runs one job to its end."""

    def __init__(self, cluster: Cluster, number: str) -> None:
        self.cluster = cluster
        self.number = number
        self.state = cluster.state

    @property
    def job(self) -> Job:
        """What is known of it."""
        job = self.cluster.job(self.number)
        assert job is not None
        return job

    def run(self) -> None:
        """Wait for room and run, as often as it is put back."""
        while True:
            while not self.start():
                if self.job["state"] in OVER:
                    return
                time.sleep(LOOK_SECONDS)
            again = self.live()
            if not again:
                return

    def start(self) -> bool:
        """Take nodes, if there are any."""
        with self.cluster.locked():
            job = self.job
            if job["state"] in OVER or (self.state / "closed").exists():
                return False
            wanted = max(1, job["slots"])
            nodes = self.cluster.nodes
            free = self.cluster.free()
            fitting = [
                name for name, slots in free.items() if slots >= (nodes[name] if job["whole"] else wanted)
            ]
            if len(fitting) < job["nodes"]:
                return False
            hosts = fitting[: job["nodes"]]
            self.cluster.write(
                {
                    **job,
                    "hosts": hosts,
                    "state": job["running"],
                    "started": time.time(),
                    "runs": job["runs"] + 1,
                }
            )
            return True

    def live(self) -> bool:
        """Run the script; whether it is to start anew."""
        job = self.job
        spool = self.state / f"{self.number}.out"
        with spool.open("a") as out:
            script = subprocess.Popen(
                self.program(job),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment(self.cluster, job, first=True),
                cwd=pwd.getpwuid(os.getuid()).pw_dir,
            )
            reason = self.watch(script, job)
        again = reason == "requeue"
        # As batch systems do without cgroups: what is still in a session that they know.
        for session in [script.pid, *self.tasks()]:
            signal_session(session, signal.SIGKILL)
        for task in (self.state / f"{self.number}.tasks").iterdir():
            task.unlink()
        self.finish(job, script.returncode, reason, spool)
        return again

    def program(self, job: Job) -> list[str]:
        script = str(self.state / f"{self.number}.script")
        return [*job["shell"], script] if job["shell"] else ["/bin/sh", script]

    def tasks(self) -> list[int]:
        return [int(task.name) for task in (self.state / f"{self.number}.tasks").iterdir()]

    def watch(self, script: subprocess.Popen[bytes], job: Job) -> str:
        """Return why it ended: by itself (empty), cancel, walltime or requeue."""
        told = 0.0
        reason = ""
        signals: Iterator[int] = iter(())
        while script.poll() is None:
            now = time.monotonic()
            if not reason:
                reason = self.cause(job)
                signals = iter(job["late_signals" if reason == "walltime" else "signals"])
            if reason and now >= told:
                # Those of the first node: the others hear of it from what started them.
                deliver = signal_descendants if job["tracks"] else signal_session
                deliver(script.pid, next(signals, signal.SIGKILL))
                told = now + KILL_AFTER_SECONDS
            time.sleep(LOOK_SECONDS)
        return reason or self.cause(job, late=True)

    def cause(self, job: Job, late: bool = False) -> str:
        for word in ("cancel", "requeue"):
            if (self.state / f"{self.number}.{word}").exists():
                return word
        over = job["walltime"] and time.time() > self.job["started"] + job["walltime"]
        over = over or (self.state / f"{self.number}.late").exists()
        return "walltime" if over and not late else ""

    def finish(self, job: Job, code: int, reason: str, spool: Path) -> None:
        with self.cluster.locked():
            job = self.job
            if reason == "requeue":
                (self.state / f"{self.number}.requeue").unlink()
                self.cluster.write({**job, "state": job["waiting"], "hosts": []})
                return
            ended = {"ended": time.time(), "exit": code, "cancelled": reason == "cancel"}
            ended["timeout"] = reason == "walltime"
            word = job["failed"] if code or (reason and job["failed"] == "EXIT") else job["done"]
            with contextlib.suppress(OSError):
                shutil.copyfile(spool, job["output"])
            self.cluster.write({**job, **ended, "state": word})


def environment(cluster: Cluster, job: Job, first: bool) -> dict[str, str]:
    """Return what a job sees: little, and less where another program of its own started it."""
    me = pwd.getpwuid(os.getuid())
    plain = {
        "HOME": me.pw_dir,
        "USER": me.pw_name,
        "LOGNAME": me.pw_name,
        "SHELL": "/bin/sh",
        "PATH": "/usr/bin:/bin",
    }
    if first:
        plain["PATH"] = f"{cluster.commands}:{Path(sys.executable).parent}:/usr/bin:/bin"
        plain |= job["environment"]
    number, hosts, slots = (
        job["number"],
        job["hosts"] or cluster.job(job["number"])["hosts"],
        max(1, job["slots"]),
    )  # type: ignore[index]
    nodefile = cluster.state / f"{number}.nodes"
    if job["kind"] in ("pbs", "torque"):
        lines = [host for host in hosts for _ in range(slots if job["kind"] == "torque" else 1)]
        nodefile.write_text("".join(f"{line}\n" for line in lines))
        plain |= {
            "PBS_JOBID": job["id"].replace("NUMBER", number),
            "PBS_ENVIRONMENT": "PBS_BATCH",
            "PBS_NODEFILE": str(nodefile),
            "PBS_JOBNAME": job["name"],
        }
        plain |= (
            {"PBS_NUM_PPN": str(slots)}
            if job["kind"] == "torque"
            else {"NCPUS": str(slots), "OMP_NUM_THREADS": str(slots)}
        )
    else:
        plain |= {
            "LSB_JOBID": number,
            "LSB_JOBNAME": job["name"],
            "LSB_HOSTS": " ".join(host for host in hosts for _ in range(slots)),
            "LSB_MCPU_HOSTS": "".join(f"{host} {slots} " for host in hosts),
        }
        if job["kind"] == "lsf":
            nodefile.write_text("".join(f"{host}\n" for host in hosts for _ in range(slots)))
            plain["LSB_DJOB_HOSTFILE"] = str(nodefile)
    return plain


def run_task(
    cluster: Cluster, number: str, program: list[str], marks: dict[str, str], stays: bool = True
) -> int:
    """Run a program on another node of a job: with little of an environment, and hand signals on.

    Without ``stays`` it fails as soon as it was told to end.
    """
    job = cluster.job(number)
    assert job is not None
    task = subprocess.Popen(
        program,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        env={**environment(cluster, job, first=False), **marks},
        cwd=pwd.getpwuid(os.getuid()).pw_dir,
    )
    mine = cluster.state / f"{number}.tasks" / str(task.pid)
    mine.touch()

    def hand_on(number: int, frame: object) -> None:
        signal_session(task.pid, number)
        if not stays:
            os._exit(1)

    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, hand_on)
    code = task.wait()
    signal_session(task.pid, signal.SIGKILL)
    mine.unlink(missing_ok=True)
    return code if code >= 0 else 128 - code


def processes() -> dict[int, tuple[int, int, int]]:
    """Return parent, group and session of each process."""
    found: dict[int, tuple[int, int, int]] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if entry.name.isdigit():
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = (int(fields[1]), int(fields[2]), int(fields[3]))
    return found


def signal_session(session: int, number: int) -> None:
    """Send a signal to all processes of a session."""
    for pid, (_, _, present) in processes().items():
        if present == session:
            with contextlib.suppress(OSError):
                os.kill(pid, number)


def signal_descendants(root: int, number: int) -> None:
    """Send a signal to the groups of a process and of all that came from it, the youngest first."""
    known = processes()
    family = [root]
    for pid in family:
        family += [child for child, (parent, _, _) in known.items() if parent == pid]
    groups = dict.fromkeys(known[pid][1] for pid in reversed(family) if pid in known)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, number)


if __name__ == "__main__":
    # What a shell starts in the background ignores INT, what the daemon starts HUP; jobs ignore neither.
    for each in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)
    Runner(Cluster(Path(sys.argv[1])), sys.argv[2]).run()
