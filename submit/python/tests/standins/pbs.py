"""What the stand-ins of OpenPBS and Torque have in common, and in what they differ."""

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

WIDTH = 79
SERVER = {"pbs": "vm", "torque": "head.example.org"}
OPTIONS = {
    "pbs": "a:A:c:C:e:fhIj:J:k:l:m:M:N:o:p:P:q:r:R:S:u:v:VW:Xz",
    "torque": "a:A:b:c:C:d:D:e:fF:hIj:k:K:l:L:m:M:nN:o:p:P:q:r:S:t:T:u:v:Vw:W:xXz",
}
RESOURCES = {
    "pbs": {"select", "place", "walltime", "software"},
    "torque": {"nodes", "mem", "walltime", "naccesspolicy", "software"},
}


def stop(code: int, *words: str) -> NoReturn:
    """End with words on stderr."""
    for line in words:
        print(line, file=sys.stderr)
    sys.exit(code)


def refuse_if_down(cluster: Cluster, command: str) -> None:
    """Say what each command says when there is no server."""
    if not cluster.down:
        return
    if command == "qdel":
        stop(162, "Connection refused", "Couldn't connect to cluster: vm")
    stop(
        162 if command == "qsub" else 255,
        "Connection refused",
        f"{command}: cannot connect to server vm (errno=15010)",
    )


def seconds(clock: str) -> int:
    """Of H:M:S."""
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total


def job_id(kind: str, job: Job) -> str:
    return f"{job['number']}.{SERVER[kind]}"


# ---- qsub


def head_options(script: str, kind: str) -> list[tuple[str, str]]:
    """Options at the head, up to the first line of the shell."""
    found: list[tuple[str, str]] = []
    for line in script.splitlines():
        if line.startswith("#PBS "):
            found += parse(shlex.split(line[len("#PBS ") :]), kind)[0]
        elif line.strip() and not line.startswith("#"):
            break
    return found


def parse(arguments: list[str], kind: str) -> tuple[list[tuple[str, str]], list[str]]:
    try:
        return getopt.getopt(arguments, OPTIONS[kind])
    except getopt.GetoptError as e:
        stop(2, f"qsub: invalid option -- '{e.opt}'", "usage: qsub [-a date_time] [-A account_string]")


def qsub(kind: str) -> None:
    cluster = find()
    options, rest = parse(sys.argv[1:], kind)
    try:
        script = Path(rest[0]).read_text() if rest else sys.stdin.read()
    except OSError:
        stop(1, "qsub: script file:: No such file or directory")
    # What is said last wins, and the command line over the script.
    given: dict[str, str] = {}
    resources: dict[str, str] = {}
    for name, value in head_options(script, kind) + options:
        if name == "-l":
            for part in value.split(","):
                key, _, amount = part.partition("=")
                resources[key] = amount
        given[name] = value
    refuse_if_down(cluster, "qsub")
    for key in resources:
        if key not in RESOURCES[kind]:
            stop(187, f"qsub: Unknown resource Resource_List.{key}")
    if len(given.get("-N", "x")) > 15 or not re.fullmatch(r"[A-Za-z]\S*", given.get("-N", "x")):
        stop(2, "qsub: illegal -N value")
    if given.get("-q", cluster.queues[0]) not in cluster.queues:
        unknown = {
            "pbs": "qsub: Unknown queue",
            "torque": "qsub: submit error (Unknown queue MSG=cannot locate queue)",
        }
        stop(170, unknown[kind])
    nodes, slots = shape(kind, resources)
    policy = resources.get("place", "") + resources.get("naccesspolicy", "")
    job = cluster.submit(
        {
            "kind": kind,
            "id": f"NUMBER.{SERVER[kind]}",
            "name": given.get("-N", "STDIN"),
            "queue": given.get("-q", cluster.queues[0]),
            "nodes": nodes,
            "slots": slots,
            "whole": "excl" in policy or policy == "singlejob",
            "walltime": seconds(resources["walltime"]) if "walltime" in resources else 0,
            "output": given.get("-o", "/dev/null"),
            "shell": shlex.split(given.get("-S", "/bin/bash")),
            "resources": resources,
            "environment": {},
            "waiting": "Q",
            "running": "R",
            "done": "F" if kind == "pbs" else "C",
            "failed": "F" if kind == "pbs" else "C",
            "signals": [int(signal.SIGTERM)],
            "late_signals": [int(signal.SIGTERM)],
            "tracks": False,
        },
        script,
    )
    print(job_id(kind, job))


def shape(kind: str, resources: dict[str, str]) -> tuple[int, int]:
    """Nodes and slots of each."""
    chunk = resources.get("select" if kind == "pbs" else "nodes", "1").split(":")
    pattern = "ncpus=" if kind == "pbs" else "ppn="
    slots = [int(part[len(pattern) :]) for part in chunk[1:] if part.startswith(pattern)]
    return int(chunk[0]), slots[0] if slots else 1


# ---- qstat


def qstat(kind: str) -> None:
    cluster = find()
    if sys.argv[1:] == ["--version"]:
        if kind == "pbs":
            print("pbs_version = 23.06.06")
        else:
            print("Version: 6.1.1\nCommit: unknown", file=sys.stderr)
        return
    options, ids = getopt.getopt(sys.argv[1:], "fx")
    history = ("-x", "") in options
    if ("-f", "") not in options or (history and kind == "torque"):
        stop(2, "this stand-in knows only qstat -f")
    refuse_if_down(cluster, "qstat")
    if history and (cluster.state / "nohistory").exists():
        stop(0, "qstat: PBS is not configured to maintain job history")
    code = 0
    for one in ids:
        job = cluster.job(one.split(".")[0])
        if job is None or (job["state"] == "F" and (cluster.state / "nohistory").exists()):
            word = "Unknown Job Id" if kind == "pbs" else "Unknown Job Id Error"
            print(f"qstat: {word} {one}", file=sys.stderr)
            code = 153
        elif job["state"] == "F" and not history:
            print(
                f"qstat: {one} Job has finished, use -x or -H to obtain historical job information",
                file=sys.stderr,
            )
            code = 35
        else:
            show(kind, job)
    sys.exit(code)


def show(kind: str, job: Job) -> None:
    state = job["state"]
    # There is no state of being deleted.
    shown = {"Job_Name": job["name"], "Job_Owner": f"{job['owner']}@localhost"}
    if "started" in job:
        used = int(job.get("ended", time.time()) - job["started"])
        shown["resources_used.walltime"] = f"{used // 3600:02d}:{used // 60 % 60:02d}:{used % 60:02d}"
    shown |= {"job_state": state, "queue": job["queue"]}
    if job["hosts"]:
        last = max(1, job["slots"])
        part = {"pbs": f"/0*{last}" if last > 1 else "/0", "torque": f"/0-{last - 1}" if last > 1 else "/0"}[
            kind
        ]
        shown["exec_host"] = "+".join(host + part for host in job["hosts"])
    shown |= {"Output_Path": f"vm:{job['output']}", "Rerunable": "True"}
    shown |= {f"Resource_List.{key}": value for key, value in job["resources"].items()}
    if kind == "pbs":
        deleted = job["cancelled"]
        substate = {"Q": 10, "R": 42}.get(state) or (91 if deleted else 93 if job["exit"] else 92)
        shown["substate"] = str(substate)
    shown["Variable_List"] = (
        f"PBS_O_HOME=/home/{job['owner']},PBS_O_LANG=C.UTF-8,PBS_O_PATH={os.defpath}:/usr/local/bin:/opt/bin"
    )
    if job["runs"]:
        shown["run_count" if kind == "pbs" else "start_count"] = str(job["runs"])
    if kind == "pbs" and (comment := comment_of(job)):
        shown["comment"] = comment
    if job["exit"] is not None:
        shown["Exit_status" if kind == "pbs" else "exit_status"] = str(status_of(kind, job))
    print(f"Job Id: {job_id(kind, job)}")
    for name, value in shown.items():
        line = f"    {name} = {value}"
        while len(line) > WIDTH:
            print(line[:WIDTH])
            line = "\t" + line[WIDTH:]
        print(line)
    print()


def status_of(kind: str, job: Job) -> int:
    if job.get("timeout"):
        return -29 if kind == "pbs" else -11
    code = int(job["exit"])
    return 256 - code if code < 0 else code


def comment_of(job: Job) -> str:
    if not job["hosts"]:
        return "Not Running: Insufficient amount of resource: ncpus" + (
            " and terminated" if job["cancelled"] else ""
        )
    run = f"Job run at Sun Nov 22 at 15:27 on ({job['hosts'][0]}:ncpus={max(1, job['slots'])})"
    if job["state"] != "F":
        return run
    if job["cancelled"]:
        return f"{run} and terminated by {job['owner']}@localhost"
    if job.get("timeout"):
        return f"{run} and exceeded resource walltime"
    return f"{run} and {'failed' if job['exit'] else 'finished'}"


# ---- the others


def qdel(kind: str) -> None:
    cluster = find()
    refuse_if_down(cluster, "qdel")
    code = 0
    for one in sys.argv[1:]:
        job = cluster.job(one.split(".")[0])
        if job is None:
            print(f"qdel: Unknown Job Id {one}", file=sys.stderr)
            code = 153
        elif job["state"] == "F":
            print(f"qdel: Job has finished {one}", file=sys.stderr)
            code = 35
        elif job["state"] == "C":
            print(
                f"qdel: Request invalid for state of job MSG=invalid state for job - COMPLETE {one}",
                file=sys.stderr,
            )
            code = 170
        else:
            cluster.cancel(job)
    sys.exit(code)


def qselect(kind: str) -> None:
    cluster = find()
    refuse_if_down(cluster, "qselect")
    options = dict(getopt.getopt(sys.argv[1:], "N:u:")[0])
    for job in cluster.jobs():
        mine = job["owner"] == options.get("-u", job["owner"])
        if mine and job["state"] not in ("F",) and job["name"] == options.get("-N", job["name"]):
            print(job_id(kind, job))


def pbsdsh(kind: str) -> None:
    cluster = find()
    if os.environ.get("PBS_ENVIRONMENT") is None:
        stop(1, "pbsdsh: not executing under PBS")
    options, program = getopt.getopt(sys.argv[1:], "c:n:h:svo")
    place = int(dict(options)["-n"])
    number = os.environ["PBS_JOBID"].split(".")[0]
    lines = (cluster.state / f"{number}.nodes").read_text().splitlines()
    if place >= len(lines):
        stop(1, f"pbsdsh: spawn failed on node {place} err TM_ENOTFOUND")
    marks = {"PBS_NODENUM": str(place), "PBS_TASKNUM": "2"}
    # That of OpenPBS does not wait once it was told to end, and does not tell how the task ended.
    code = run_task(cluster, number, program, marks, stays=kind != "pbs")
    sys.exit(0 if kind == "pbs" else code)


COMMANDS: dict[str, Callable[[str], None]] = {
    "qsub": qsub,
    "qstat": qstat,
    "qdel": qdel,
    "qselect": qselect,
    "pbsdsh": pbsdsh,
}


def main(kind: str) -> None:
    COMMANDS[Path(sys.argv[0]).name](kind)
