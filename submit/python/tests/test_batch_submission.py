"""What `bpsBatchSubmission: true` makes, its two jobs run by hand in place of a daemon."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import HERE
from living import Home, Tinydrp

pytestmark = pytest.mark.end_to_end

BATCH = """bpsBatchSubmission: true
ordering: {by_exposure: {labels: 'isr, calibrate', dimensions: exposure}}"""


@pytest.fixture
def tinydrp(tmp_path: Path) -> Tinydrp:
    fake = tmp_path / "fake"
    fake.mkdir()
    for command, answer in {"start": {}, "check": {}, "submit": {"run": 7}}.items():
        (fake / f"{command}.json").write_text(
            json.dumps({"answer": json.dumps(answer), "exit": 0, "says": ""})
        )
    cli = f"{sys.executable} -S {HERE / 'fake_cli.py'} {fake}"
    made = Tinydrp(Home(tmp_path / "home", {"INTERCHANGE_CLI": cli}), tmp_path / "tinydrp", 2, 2)
    made.make()
    return made


def read(file: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    header, *jobs, trailer = [json.loads(line) for line in file.read_text().splitlines()]
    assert trailer == {"trailer": {"jobs": str(len(jobs))}}
    return header["header"], [line["job"] for line in jobs]


def test_the_jobs_of_the_control_workflow_write_the_payload(tinydrp: Tinydrp, tmp_path: Path) -> None:
    config = tinydrp.configure("batch.yaml", BATCH)
    assert tinydrp.submit(config) == "7"
    [file] = tinydrp.directory.rglob("workflow.jsonl")
    header, control = read(file)
    assert header["labels"] == ["buildQuantumGraph", "preparePayloadWorkflow"]
    assert not header["name"].endswith("_ctrl")
    calls = (tmp_path / "fake" / "calls.jsonl").read_text()
    for job in control:
        of_worker = {"INTERCHANGE_RUN": "7", "INTERCHANGE_JOB": job["name"], "INTERCHANGE_ATTEMPT": "0"}
        variables = {**tinydrp.variables, **job.get("environment", {}), **of_worker}
        tinydrp.home.run("bash", "-c", job["command"], cwd=Path(header["submitDirectory"]), **variables)
    # No job asks a daemon.
    assert (tmp_path / "fake" / "calls.jsonl").read_text() == calls

    assert control[-1]["brings"] == "interchange/payload.jsonl"
    brought, payload = read(Path(header["submitDirectory"], control[-1]["brings"]))
    assert brought["name"] == header["name"]
    assert brought["attributes"] == header["attributes"]
    assert brought["writtenByAttempt"] == 0
    assert brought["labels"] == ["pipetaskInit", "isr", "calibrate", "summarize", "finalJob"]
    assert len([job for job in payload if "kind" not in job]) == tinydrp.jobs
    assert [job["label"] for job in payload if job.get("final")] == ["finalJob"]
    assert {job["name"] for job in control}.isdisjoint(job["name"] for job in payload)
    assert sorted(path.name for path in file.parent.iterdir()) == ["payload.jsonl", "workflow.jsonl"]
