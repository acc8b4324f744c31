"""Small workflows of shell commands, for what needs no pipeline."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from living import Home

# Holds a lock for as long as any process of it lives, so that a second one beside it is seen.
GUARDED = (
    'exec 9>"lock.$INTERCHANGE_JOB"; flock -n 9 || echo "$INTERCHANGE_JOB" >>overlaps; '
    'echo "$INTERCHANGE_JOB" >>started; {work}; echo "$INTERCHANGE_JOB" >>done'
)


def guarded(work: str) -> str:
    """Return a command that records what it does and whether it runs beside itself."""
    return GUARDED.replace("{work}", work)


class Small:
    """A directory with a workflow in YAML (which JSON is, too)."""

    def __init__(self, home: Home, directory: Path) -> None:
        self.home = home
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def write(self, jobs: Iterable[dict[str, Any]], **site: Any) -> Path:
        """Write the workflow, a job a line."""
        settings = {"name": "here", "provider": "local", "cores": 2, "memory": 4096, **site}
        file = self.directory / "workflow.yaml"
        lines = ",\n".join(json.dumps(job) for job in jobs)
        file.write_text(f'{{"name": "small", "site": {json.dumps(settings)},\n"jobs": [\n{lines}\n]}}\n')
        return file

    def submit(self, jobs: Iterable[dict[str, Any]], **site: Any) -> str:
        """Submit it and return the id of the run."""
        file = self.write(jobs, **site)
        done = self.home.run("interchange", "submit", str(file), "--json", cwd=self.directory)
        return str(json.loads(done.stdout)["run"])

    def recorded(self, name: str) -> Counter[str]:
        """How often each job wrote itself into a file."""
        file = self.directory / name
        return Counter(file.read_text().split()) if file.exists() else Counter()

    def tries(self, run: str) -> dict[str, int]:
        """Attempts by job."""
        return {row["name"]: int(row["attempts"]) for row in self.home.ask("jobs", run)["jobs"]}

    def check_alone(self) -> None:
        """See that no job ran beside itself."""
        assert not self.recorded("overlaps")
