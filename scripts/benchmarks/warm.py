"""What jobs cost that are forks of a template: whole runs against peers, one quantum against a bare fork."""

from __future__ import annotations

import json
import shutil
import statistics
from pathlib import Path

from .daemon import Daemon
from .samples import interleaved, merged
from .tinydrp import OURS, Pipeline, bare, by_parsl, ours, phases, variables
from .workshop import HERE, Workshop, checked

__all__ = ["quantum", "warm"]

LARGE = (10, 6)
# Of the large run a round takes six minutes, nearly all of them the peers'.
LARGE_ROUNDS, SMALL_ROUNDS, QUANTUM_ROUNDS = 1, 3, 3
SITE = {"provider": "local", "nodesPerBlock": 1, "cores": 2, "memory": 4096}
ONE_AT_A_TIME = {**SITE, "cores": 1}
QUANTA = ("isr", "calibrate")


def warm(workshop: Workshop) -> dict[str, float]:
    """Measure from submit()'s being entered, no daemon and nothing learnt, to the final job's end."""
    small, large = Pipeline.make(workshop), Pipeline.make(workshop, *LARGE)
    with Daemon(workshop) as daemon:
        daemon.make_caches()
        of_small = interleaved(
            {
                "ours": lambda: _first(workshop, small, daemon),
                "parsl": lambda: by_parsl(workshop, small),
            },
            SMALL_ROUNDS,
        )
        of_large = interleaved(
            {
                "ours": lambda: _first(workshop, large, daemon),
                "parsl": lambda: by_parsl(workshop, large),
                "bare": lambda: bare(workshop, large),
            },
            LARGE_ROUNDS,
        )
    return merged(
        [
            of_small["ours"].over(of_small["parsl"]).flat("warm_small_vs_parsl"),
            of_large["ours"].over(of_large["parsl"]).flat("warm_tinydrp_vs_parsl"),
            of_large["ours"].over(of_large["bare"]).flat("warm_tinydrp_vs_bare"),
            *(samples.flat(f"warm_small_{name}_s") for name, samples in of_small.items()),
            *(samples.flat(f"warm_tinydrp_{name}_s") for name, samples in of_large.items()),
        ]
    )


def _first(workshop: Workshop, pipeline: Pipeline, daemon: Daemon) -> float:
    """Run as on the first day: what earlier runs have learnt is thrown away."""
    shutil.rmtree(daemon.home / "warm", ignore_errors=True)
    return ours(workshop, pipeline, daemon, SITE)


def quantum(workshop: Workshop) -> dict[str, float]:
    """Measure one quantum after the other, on a worker that has learnt their imports, and as bare forks."""
    pipeline = Pipeline.make(workshop)
    with Daemon(workshop) as daemon:
        daemon.make_caches()
        ours(workshop, pipeline, daemon, ONE_AT_A_TIME)
        modules = workshop.directory("modules") / "modules"
        modules.write_text(_modules_of(daemon))
        found = interleaved(
            {
                "ours": lambda: _our_quantum(workshop, pipeline, daemon),
                "fork": lambda: _forked_quantum(workshop, pipeline, modules),
            },
            QUANTUM_ROUNDS,
        )
    return merged(
        [
            found["ours"].over(found["fork"]).flat("warm_quantum_vs_fork"),
            *(
                samples.of(lambda seconds: seconds * 1000).flat(f"warm_quantum_{name}_ms")
                for name, samples in found.items()
            ),
        ]
    )


def _modules_of(daemon: Daemon) -> str:
    """Return what the run before has told, and what the script imports at its top."""
    (file,) = (daemon.home / "warm").glob("*.modules")
    learnt = [module["name"] for module in json.loads(file.read_text())["modules"]]
    return "\n".join(["lsst.ctrl.mpexec.cli.pipetask", *learnt]) + "\n"


def _our_quantum(workshop: Workshop, pipeline: Pipeline, daemon: Daemon) -> float:
    """Return the median of the times from the start to the end of a quantum."""
    directory = pipeline.copy(workshop, "lsst.ctrl.bps.interchange.InterchangeService", ONE_AT_A_TIME)
    answer = phases(OURS, "submit", directory, daemon.environment)
    daemon.follow(answer["run"])
    jobs = [
        job for job in daemon.ask("jobs", answer["run"])["jobs"] if job["label"] in QUANTA and job["warm"]
    ]
    if len(jobs) < 12:
        raise RuntimeError(f"only {len(jobs)} quanta were started warm")
    workshop.discard(directory)
    return statistics.median(
        (int(job["endedEpochMillis"]) - int(job["startedEpochMillis"])) / 1000 for job in jobs
    )


def _forked_quantum(workshop: Workshop, pipeline: Pipeline, modules: Path) -> float:
    directory = pipeline.copy(workshop, "lsst.ctrl.bps.interchange.InterchangeService", ONE_AT_A_TIME)
    nobody = {"INTERCHANGE_HOME": str(directory / "nobody")}
    submission = Path(
        phases(OURS, "prepare", directory, {**variables(OURS, directory / "repo"), **nobody})["directory"]
    )
    workflow = submission / "interchange" / "workflow.jsonl"
    printed = checked(
        [OURS, HERE / "fork_quanta.py", workflow, modules], environment=variables(OURS, directory / "repo")
    )
    workshop.discard(directory)
    took: dict[str, list[float]] = json.loads(printed.splitlines()[-1])
    took_quanta = [seconds for label in QUANTA for seconds in took[label]]
    return float(statistics.median(took_quanta))
