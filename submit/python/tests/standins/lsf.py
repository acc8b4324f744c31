"""What the stand-ins of IBM LSF and openlava have in common, and in what they differ."""

from __future__ import annotations

import getopt
import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from cluster import Cluster, Job, find, run_task

VERSION = {
    "lsf": "IBM Spectrum LSF Standard 10.1.0.0, Mar 29 2019\nCopyright International Business Machines Corp.",
    "openlava": "openlava project 2.2, Nov 22 2026",
}
OPTIONS = {"lsf": "b:c:e:E:G:HJ:L:m:M:n:No:P:q:rR:w:W:x", "openlava": "b:c:e:E:HJ:L:m:M:n:No:P:q:rR:w:W:x"}
HEAD = "JOBID   USER    STAT  QUEUE      FROM_HOST   EXEC_HOST   JOB_NAME   SUBMIT_TIME"
WIDTH = 80
INDENT = " " * 21
RESOURCES = {
    "lsf": r"(select\[[^]]+\] )?span\[ptile=(\d+)\]( rusage\[mem=\d+MB\])?",
    "openlava": r"(select\[[^]]+\] )?span\[ptile=(\d+)\]( rusage\[mem=\d+\])?",
}
FIELDS = "jobid stat exit_code time_left exec_host job_name exit_reason pend_reason delimiter='|'"


def stop(code: int, *words: str) -> NoReturn:
    """End with words on stderr."""
    for line in words:
        print(line, file=sys.stderr)
    sys.exit(code)


def hang_if_down(cluster: Cluster) -> None:
    """Do as LSF does without its daemons."""
    if cluster.down:
        print("LSF daemon (LIM) not responding ... still trying", file=sys.stderr, flush=True)
        signal.pause()


# ---- bsub


def bsub(kind: str) -> None:
    cluster = find()
    if sys.argv[1:] == ["-V"]:
        stop(0, VERSION[kind])
    hang_if_down(cluster)
    script = sys.stdin.read()
    lines = [line[len("#BSUB ") :] for line in script.splitlines() if line.startswith("#BSUB ")]
    given = dict(
        option for line in [*lines, shlex.join(sys.argv[1:])] for option in parse(shlex.split(line), kind)
    )
    if not script.strip():
        stop(255, "No command is specified. Job not submitted.")
    queue = given.get("-q", cluster.queues[0])
    if queue not in cluster.queues:
        stop(255, f"{queue}: No such queue. Job not submitted.")
    resources = re.fullmatch(RESOURCES[kind], given.get("-R", "span[ptile=1]"))
    if not resources:
        stop(255, "Bad resource requirement syntax. Job not submitted.")
    slots = int(resources[2])
    number = int(given.get("-n", "1"))
    if number > sum(cluster.nodes.values()):
        stop(255, "Too many processors requested. Job not submitted.")
    job = cluster.submit(
        {
            "kind": kind,
            "name": given.get("-J", "STDIN"),
            "queue": queue,
            "nodes": -(-number // slots),
            "slots": slots,
            "whole": "-x" in given,
            "walltime": 60 * int(given.get("-W", "0")),
            "output": given.get("-o", "/dev/null"),
            "shell": [],
            # All of it travels.
            "environment": dict(os.environ),
            "waiting": "PEND",
            "running": "RUN",
            "done": "DONE",
            "failed": "EXIT",
            "signals": [int(signal.SIGINT), int(signal.SIGTERM)],
            "late_signals": [int(signal.SIGUSR2), int(signal.SIGINT), int(signal.SIGTERM)],
            "tracks": True,
        },
        script,
    )
    kind_of_queue = "queue" if "-q" in given else "default queue"
    print(f"Job <{job['number']}> is submitted to {kind_of_queue} <{queue}>.")


def parse(arguments: list[str], kind: str) -> list[tuple[str, str]]:
    try:
        return getopt.getopt(arguments, OPTIONS[kind])[0]
    except getopt.GetoptError as e:
        stop(255, f"bsub: illegal option -- {e.opt}", "Usage: bsub [-h] [-V] [-x] [-H] [-r] [-N] [-B]")


# ---- bjobs


def bjobs(kind: str) -> None:
    cluster = find()
    arguments = sys.argv[1:]
    formatted = arguments[:4] == ["-a", "-noheader", "-o", FIELDS]
    if formatted and kind == "openlava":
        stop(
            255,
            "bjobs: invalid option -- 'n'",
            "Usage: bjobs [-h] [-V] [-w |-l] [-a] [-d] [-p] [-s] [-r] [-A]",
        )
    options, ids = ([("-a", "")], arguments[4:]) if formatted else getopt.getopt(arguments, "awl")
    hang_if_down(cluster)
    if not ids:
        if not (jobs := cluster.jobs()):
            stop(255 if kind == "lsf" else 254, "No unfinished job found")
    else:
        jobs = [job for one in ids if (job := cluster.job(one))]
    long = ("-l", "") in options
    if jobs and not formatted and not long:
        print(HEAD)
    for job in jobs:
        if formatted:
            print(row(job))
        elif long:
            print_long(job, history=False)
        else:
            print(line(job, wide=("-w", "") in options))
    missing = [one for one in ids if not cluster.job(one)]
    for one in missing:
        print(f"Job <{one}> is not found", file=sys.stderr)
    sys.exit(255 if missing else 0)


def hosts(kind: str, job: Job) -> str:
    slots = max(1, job["slots"])
    if kind == "lsf":
        return ":".join(f"{slots}*{host}" for host in job["hosts"])
    return ":".join(host for host in job["hosts"] for _ in range(slots))


def line(job: Job, wide: bool) -> str:
    where = hosts(job["kind"], job) or ("   -   " if wide else "")
    when = time.strftime("%b %d %H:%M", time.localtime(job["submitted"]))
    columns = f"{job['number']:<7} {job['owner']:<7} {job['state']:<5} {job['queue']:<10}"
    return f"{columns} {'vm':<11} {where:<11} {job['name']:<10} {when}"


def row(job: Job) -> str:
    code = exit_code(job)
    left = (
        int(job["started"] + job["walltime"] - time.time())
        if job["state"] == "RUN" and job["walltime"]
        else -1
    )
    reason = ""
    if job["cancelled"]:
        reason = "TERM_OWNER: job killed by owner"
    elif job.get("timeout"):
        reason = "TERM_RUNLIMIT: job killed after reaching LSF run time limit"
    cells = [
        job["number"],
        job["state"],
        str(code) if code else "",
        f"{left // 3600}:{left // 60 % 60:02d} L" if left >= 0 else "",
        hosts("lsf", job),
        job["name"],
        reason,
        "New job is waiting for scheduling;" if job["state"] == "PEND" else "",
    ]
    return "|".join(cell or "-" for cell in cells)


def exit_code(job: Job) -> int:
    code = job["exit"] or 0
    return int(128 - code if code < 0 else code)


def print_wrapped(text: str) -> None:
    """Wrap in mid-word, as they do."""
    while len(text) > WIDTH:
        print(text[:WIDTH])
        text = INDENT + text[WIDTH:]
    print(text)


def print_long(job: Job, history: bool) -> None:
    def happened(when: float, words: str) -> None:
        print_wrapped(f"{time.strftime('%a %b %d %H:%M:%S', time.localtime(when))}: {words}")

    status = "" if history else f", Status <{job['state']}>, Queue <{job['queue']}>"
    print()
    command = "#!/bin/sh;#BSUB -J x;exec sh block.sh"
    print_wrapped(
        f"Job <{job['number']}>, Job Name <{job['name']}>, User <{job['owner']}>, Project <default>{status}, "
        f"Command <{command}>"
    )
    happened(job["submitted"], "Submitted from host <vm>, CWD </>;")
    if job["hosts"]:
        names = " ".join(f"<{host}>" for host in job["hosts"] for _ in range(max(1, job["slots"])))
        many = "" if names.count("<") == 1 else f"{names.count('<')} Hosts/Processors "
        verb = "Dispatched to" if history else "Started on"
        happened(job["started"], f"{verb} {many}{names}{';' if history else ', Execution Home </root>;'}")
    if job["state"] in ("DONE", "EXIT"):
        if history and job["cancelled"]:
            happened(job["ended"], f"Signal <KILL> requested by user or administrator <{job['owner']}>;")
        words = f"Exited with exit code {exit_code(job)}." if exit_code(job) else "Exited."
        if job["state"] == "DONE":
            words = "Done successfully."
        happened(job["ended"], f"{words} The CPU time used is 0.0 seconds.")
    print()


def bhist(kind: str) -> None:
    cluster = find()
    assert sys.argv[1] == "-l"
    jobs = [job for one in sys.argv[2:] if (job := cluster.job(one))]
    for job in jobs:
        print_long(job, history=True)
    if not jobs:
        print("No matching job found")
        sys.exit(255)


# ---- the others


def bkill(kind: str) -> None:
    cluster = find()
    hang_if_down(cluster)
    code = 0
    for one in sys.argv[1:]:
        job = cluster.job(one)
        if job is None:
            print(f"Job <{one}>: No matching job found", file=sys.stderr)
            code = 255
        elif job["state"] in ("DONE", "EXIT"):
            print(f"Job <{one}>: Job has already finished", file=sys.stderr)
            code = 255
        else:
            cluster.cancel(job)
            print(f"Job <{one}> is being terminated")
    sys.exit(code)


def blaunch(kind: str) -> None:
    launch(sys.argv[1], sys.argv[2:])


def lsrun(kind: str) -> None:
    assert sys.argv[1] == "-m"
    launch(sys.argv[2], sys.argv[3:])


def launch(host: str, program: list[str]) -> None:
    cluster = find()
    number = os.environ["LSB_JOBID"]
    job = cluster.job(number)
    assert job is not None
    if host not in job["hosts"]:
        stop(255, f"{host}: host is not in the job's allocation")
    sys.exit(run_task(cluster, number, program, {}))


COMMANDS: dict[str, Callable[[str], None]] = {
    "bsub": bsub,
    "bjobs": bjobs,
    "bhist": bhist,
    "bkill": bkill,
    "blaunch": blaunch,
    "lsrun": lsrun,
}


def main(kind: str) -> None:
    COMMANDS[Path(sys.argv[0]).name](kind)
