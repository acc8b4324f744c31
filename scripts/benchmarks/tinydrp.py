"""A small real pipeline: bare, by our plugin and by the Parsl plugin; and how long our submit() takes."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .bare import run_bare
from .daemon import Daemon
from .programs import bare_java
from .samples import interleaved, merged
from .workshop import HERE, TOP, Workshop, checked

__all__ = ["OURS", "Pipeline", "bare", "by_parsl", "ours", "phases", "submitting", "tinydrp", "variables"]

SOURCE = TOP / "submit" / "python" / "tests" / "tinydrp"
OURS = Path(sys.executable)
OUR_SERVICE = "lsst.ctrl.bps.interchange.InterchangeService"
ROUNDS = 3
SUBMITS = 5


@dataclass(frozen=True)
class Pipeline:
    """A repository with raw data, of which every measurement gets a copy."""

    template: Path
    flux: str
    size: tuple[str, ...]

    @classmethod
    def make(cls, workshop: Workshop, exposures: int = 3, detectors: int = 4) -> Pipeline:
        """Make the repository."""
        template = workshop.directory("template") / "repo"
        size = ("--exposures", str(exposures), "--detectors", str(detectors))
        line: list[str | Path] = [OURS, SOURCE / "make_repo.py", template, *size]
        printed = checked(line, environment=variables(OURS, template))
        return cls(template, printed.split()[-1], size)

    def copy(self, workshop: Workshop, service: str, site: dict[str, Any]) -> Path:
        """Return a new directory with a repository and the configuration of a submission."""
        directory = workshop.directory("tinydrp")
        shutil.copytree(self.template, directory / "repo")
        configuration = {
            "wmsServiceClass": service,
            "computeSite": "here",
            "site": {"here": site},
            "includeConfigs": [str(SOURCE / "bps.yaml")],
        }
        (directory / "bps.yaml").write_text(json.dumps(configuration))
        return directory

    def check(self, directory: Path) -> None:
        """See that the butler has the right result."""
        repo = directory / "repo"
        line: list[str | Path] = [OURS, SOURCE / "check_flux.py", repo, self.flux, *self.size]
        checked(line, environment=variables(OURS, repo))


def tinydrp(workshop: Workshop) -> dict[str, float]:
    """Measure from the plugin's submit() being entered, no daemon running, to the end of the final job."""
    pipeline = Pipeline.make(workshop)
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        found = interleaved(
            {
                "bare": lambda: bare(workshop, pipeline),
                "ours": lambda: ours(workshop, pipeline, daemon, {**_our_site(), "warm": False}),
                "parsl": lambda: by_parsl(workshop, pipeline),
            },
            ROUNDS,
        )
    return merged(
        [
            found["ours"].over(found["bare"]).flat("tinydrp_vs_bare"),
            found["ours"].over(found["parsl"]).flat("tinydrp_vs_parsl"),
            *(samples.flat(f"tinydrp_{name}_s") for name, samples in found.items()),
        ]
    )


def submitting(workshop: Workshop) -> dict[str, float]:
    """Measure the plugin's submit() from being entered to its return."""
    pipeline = Pipeline.make(workshop)
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        found = interleaved(
            {
                "cold": lambda: _submit(workshop, pipeline, daemon, stop_before=True),
                "warm": lambda: _submit(workshop, pipeline, daemon, stop_before=False),
                "java": bare_java,
            },
            SUBMITS,
        )
    return merged(
        [
            found["cold"].flat("submit_cold_s"),
            found["warm"].flat("submit_warm_s"),
            found["cold"].over(found["java"]).flat("submit_cold_vs_java"),
            found["warm"].over(found["java"]).flat("submit_warm_vs_java"),
        ]
    )


def variables(python: Path, repo: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a submission and its jobs need in their environment."""
    prefix = str(python.parent.parent)
    return {
        **(os.environ if base is None else base),
        "TINYDRP": str(SOURCE),
        "TINYDRP_REPO": str(repo),
        "CTRL_MPEXEC_DIR": prefix,
        "DAF_BUTLER_DIR": prefix,
        # Its sitecustomize mends the zipfile of some Pythons; everyone has it.
        "PYTHONPATH": str(SOURCE),
        "PATH": f"{python.parent}:{os.environ['PATH']}",
    }


def phases(python: Path, last: str, directory: Path, base: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Prepare a submission in its directory, and perhaps submit it; return what bps_phases.py tells."""
    # BPS puts the submission below $PWD.
    environment = {**variables(python, directory / "repo", base), "PWD": str(directory)}
    printed = checked([python, HERE / "bps_phases.py", last, "bps.yaml"], directory, environment)
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return answer


def bare(workshop: Workshop, pipeline: Pipeline) -> float:
    """Measure the commands alone, two at a time."""
    directory = pipeline.copy(workshop, OUR_SERVICE, _our_site())
    # No daemon has a part in it: `prepare` writes the file without one.
    nobody = {**os.environ, "INTERCHANGE_HOME": str(directory / "nobody")}
    submission = Path(phases(OURS, "prepare", directory, nobody)["directory"])
    seconds = run_bare(submission / "interchange" / "workflow.jsonl", variables(OURS, directory / "repo"))
    return _finished(workshop, pipeline, directory, seconds)


def ours(workshop: Workshop, pipeline: Pipeline, daemon: Daemon, site: dict[str, Any]) -> float:
    """Measure from submit()'s being entered, no daemon running, to the end of the final job."""
    directory = pipeline.copy(workshop, OUR_SERVICE, site)
    daemon.stop()
    answer = phases(OURS, "submit", directory, daemon.environment)
    run = daemon.follow(answer["run"])
    return _finished(workshop, pipeline, directory, run.ended - answer["entered"])


def by_parsl(workshop: Workshop, pipeline: Pipeline) -> float:
    """Measure from submit()'s being entered to its return, which is after the final job."""
    site = {"class": "lsst.ctrl.bps.parsl.sites.Local", "cores": 2}
    directory = pipeline.copy(workshop, "lsst.ctrl.bps.parsl.ParslService", site)
    answer = phases(workshop.bps_parsl(), "submit", directory)
    return _finished(workshop, pipeline, directory, answer["left"] - answer["entered"])


def _finished(workshop: Workshop, pipeline: Pipeline, directory: Path, seconds: float) -> float:
    pipeline.check(directory)
    workshop.discard(directory)
    return seconds


def _submit(workshop: Workshop, pipeline: Pipeline, daemon: Daemon, stop_before: bool) -> float:
    directory = pipeline.copy(workshop, OUR_SERVICE, _our_site())
    if stop_before:
        daemon.stop()
    else:
        daemon.ask("start")
    answer = phases(OURS, "submit", directory, daemon.environment)
    daemon.ask("cancel", answer["run"], "--force")
    workshop.discard(directory)
    return float(answer["left"]) - float(answer["entered"])


def _our_site() -> dict[str, Any]:
    return {"provider": "local", "nodesPerBlock": 1, "cores": 2, "memory": 4096}
