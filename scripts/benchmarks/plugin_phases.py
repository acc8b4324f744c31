"""Builds a generic workflow, prepares it and submits it; prints, as JSON, what each took.

usage: plugin_phases.py DIRECTORY JOBS
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from lsst.ctrl.bps import (
    BPS_DEFAULTS,
    BPS_SEARCH_ORDER,
    BpsConfig,
    GenericWorkflow,
    GenericWorkflowExec,
    GenericWorkflowFile,
    GenericWorkflowJob,
)
from lsst.ctrl.bps.interchange import InterchangeService

LABELS = ("isr", "calibrate", "makeWarp", "coadd")
SERVICE = "lsst.ctrl.bps.interchange.InterchangeService"
PIPETASK = GenericWorkflowExec("pipetask", "<ENV:CTRL_MPEXEC_DIR>/bin/pipetask", transfer_executable=False)


def main() -> None:
    """Go through the phases."""
    directory, count = Path(sys.argv[1]), int(sys.argv[2])
    config = _config(directory)
    begin = time.monotonic()
    workflow = GenericWorkflow("bench")
    names = [_add(workflow, number) for number in range(count)]
    for number in range(count - 1):
        # Chains of the four labels.
        if number % len(LABELS) < len(LABELS) - 1:
            workflow.add_job_relationships(names[number], names[number + 1])
    built = time.monotonic()
    # Not counted as building: it is neither add_job nor add_job_relationships.
    graph = GenericWorkflowFile(
        "runQgraphFile",
        str(directory / "run.qg"),
        wms_transfer=True,
        job_access_remote=False,
        job_shared=True,
    )
    for name in names:
        workflow.add_job_inputs(name, [graph])
    _forget_peak()
    before = _mib("VmRSS")
    service = InterchangeService(config)
    ready = time.monotonic()
    prepared = service.prepare(config, workflow, str(directory))
    written = time.monotonic()
    service.submit(prepared)
    submitted = time.monotonic()
    answer = {
        "build": built - begin,
        "prepare": written - ready,
        "submit": submitted - written,
        "peak_mib": _mib("VmHWM") - before,
        "run": str(prepared.run_id),
    }
    print(json.dumps(answer))


def _config(directory: Path) -> BpsConfig:
    settings = {
        "wmsServiceClass": SERVICE,
        "computeSite": "here",
        # Its one block takes its time, so that the jobs, which can't run, don't.
        "site": {"here": {"provider": "local", "cores": 1, "commandPrefix": "sleep 60"}},
        "operator": "ann",
        "project": "bench",
        "campaign": "plugin",
        "payload": {"payloadName": "bench"},
        "submitPath": str(directory),
        "uniqProcName": "bench",
        "subDirTemplate": "{label}/{visit}",
    }
    return BpsConfig(settings, search_order=BPS_SEARCH_ORDER, defaults=BPS_DEFAULTS)


def _add(workflow: GenericWorkflow, number: int) -> str:
    """Add a job as BPS makes them of quanta."""
    label = LABELS[number % len(LABELS)]
    visit, detector = divmod(number // len(LABELS), 189)
    job = GenericWorkflowJob(
        name=f"{number:08d}_{label}_{visit}_{detector}",
        label=label,
        executable=PIPETASK,
        arguments="--long-log run-qbb {butlerConfig} <FILE:runQgraphFile> --qgraph-node-id {qgraphNodeId}",
        cmdvals={"butlerConfig": "<ENV:REPO>/butler.yaml", "qgraphNodeId": f"{number:032x}"},
        quanta_counts={label: 1},
        tags={"instrument": "TinyCam", "visit": str(visit), "detector": str(detector)},
        request_cpus=1,
        request_memory=2048,
        request_memory_max=8192,
        memory_multiplier=2.0,
        number_of_retries=2,
        environment={"OMP_NUM_THREADS": "1"},
        compute_site="here",
    )
    workflow.add_job(job)
    return str(job.name)


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _mib(key: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"this kernel does not tell {key}")


if __name__ == "__main__":
    main()
