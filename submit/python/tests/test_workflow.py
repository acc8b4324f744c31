from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeConfig
from lsst.ctrl.bps.tests import gw_test_utils

from lsst.ctrl.bps import (
    BpsConfig,
    GenericWorkflow,
    GenericWorkflowExec,
    GenericWorkflowJob,
)
from lsst.ctrl.bps.interchange import InterchangeWorkflow
from lsst.ctrl.bps.interchange.problems import WorkflowRefusedError

Lines = list[dict[str, Any]]


def written(config: BpsConfig, generic_workflow: GenericWorkflow, directory: Path) -> Lines:
    workflow = InterchangeWorkflow.from_generic_workflow(config, generic_workflow, str(directory), "")
    workflow.write(str(directory))
    assert workflow.path is not None
    return [json.loads(line) for line in workflow.path.read_text().splitlines()]


def jobs(lines: Lines) -> dict[str, dict[str, Any]]:
    return {line["job"]["name"]: line["job"] for line in lines if "job" in line}


def one_job(**fields: Any) -> GenericWorkflow:
    generic_workflow = GenericWorkflow("one")
    settings = {"executable": GenericWorkflowExec("run", "run"), "arguments": "-v", **fields}
    generic_workflow.add_job(GenericWorkflowJob("isr_1", "isr", **settings))
    return generic_workflow


def test_the_file_has_header_jobs_in_order_and_a_trailer_with_their_number(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    generic_workflow = gw_test_utils.make_3_label_workflow("three", final=True)
    lines = written(make_config(), generic_workflow, tmp_path)
    names = [line["job"]["name"] for line in lines[1:-1]]
    assert len(names) == 20
    assert names[0] == "pipetaskInit" and names[-1] == "finalJob"
    assert lines[-1] == {"trailer": {"jobs": "20"}}
    header = lines[0]["header"]
    assert header["format"] == 1
    assert header["name"] == "three"
    assert header["submitDirectory"] == str(tmp_path)
    assert header["labels"] == ["pipetaskInit", "label1", "label2", "label3", "finalJob"]
    assert header["site"] == "here"
    assert header["sites"] == {"here": {"provider": "local", "cores": 2}}


def test_edges_are_those_of_the_generic_workflow(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = gw_test_utils.make_5_label_workflow("five", final=True)
    found = jobs(written(make_config(), generic_workflow, tmp_path))
    assert {name: job.get("needs", []) for name, job in found.items() if name != "finalJob"} == {
        name: sorted(generic_workflow.predecessors(name)) for name in generic_workflow
    }
    assert sum(len(job.get("needs", [])) for job in found.values()) == 45


def test_the_final_job_is_marked_and_needs_nothing(make_config: MakeConfig, tmp_path: Path) -> None:
    final = jobs(written(make_config(), gw_test_utils.make_3_label_workflow("t", True), tmp_path))["finalJob"]
    assert final["final"] is True
    assert "needs" not in final


def test_only_its_owner_can_read_the_file(make_config: MakeConfig, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        workflow = InterchangeWorkflow.from_generic_workflow(make_config(), one_job(), str(tmp_path), "")
        workflow.write(str(tmp_path))
    finally:
        os.umask(old)
    assert workflow.path is not None
    assert stat.S_IMODE(workflow.path.stat().st_mode) == 0o600


def test_every_submission_has_an_id_of_its_own(make_config: MakeConfig, tmp_path: Path) -> None:
    first = written(make_config(), one_job(), tmp_path / "a")[0]["header"]["submission"]
    second = written(make_config(), one_job(), tmp_path / "b")[0]["header"]["submission"]
    assert first != second


def test_settings_of_a_job_are_translated(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = one_job(
        request_cpus="4",
        request_memory=2048,
        request_memory_max=8192,
        memory_multiplier=2.0,
        request_walltime="01:30:00",
        number_of_retries=5,
        retry_unless_exit=[1, 2],
        priority="7",
        environment={"A": "1", "PATH": "/x:<ENV:PATH>"},
        compute_site="other",
        concurrency_limit="db_limit, disk:2",
        abort_on_value=3,
    )
    job = jobs(written(make_config(), generic_workflow, tmp_path))["isr_1"]
    assert job == {
        "name": "isr_1",
        "label": "isr",
        "command": 'export PATH="/x:${PATH}"\nrun -v',
        "environment": {"A": "1"},
        "cpus": 4,
        "memoryMib": "2048",
        "memoryMaxMib": "8192",
        "memoryMultiplier": 2.0,
        "abortOnExit": 3,
        "abortReturn": 3,
        "walltimeSeconds": "5400",
        "retries": 5,
        "retryUnlessExit": [1, 2],
        "priority": 7,
        "site": "other",
        "concurrencyLimit": "db_limit,disk:2",
        "stdout": "logs/isr/isr_1.stdout",
        "stderr": "logs/isr/isr_1.stderr",
    }


def test_a_job_that_must_not_be_retried_says_so(make_config: MakeConfig, tmp_path: Path) -> None:
    assert jobs(written(make_config(), one_job(number_of_retries=0), tmp_path))["isr_1"]["retries"] == 0


def test_logs_lie_where_the_template_says(make_config: MakeConfig, tmp_path: Path) -> None:
    template = {"subDirTemplate": "{label}/{visit}/{tract}/{detector}"}
    config = make_config(**template, pipetask={"label2": {"subDirTemplate": "../own/{visit}"}})
    found = jobs(written(config, gw_test_utils.make_3_label_workflow("t", True), tmp_path))
    assert found["label1_301_10"]["stdout"] == "logs/label1/301/10/label1_301_10.stdout"
    assert found["label2_301_10"]["stderr"] == "logs/own/301/label2_301_10.stderr"
    assert found["finalJob"]["stdout"] == "logs/finalJob/finalJob.stdout"


def test_what_changes_nothing_is_noted(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = one_job(
        mail_to="ann", request_disk=5, preemptible=False, queue="q", memory_multiplier=2
    )
    config = make_config(maxJobs=3, payloadCommand="{gwjobCommand}")
    assert written(config, generic_workflow, tmp_path)[0]["header"]["notes"] == [
        "mailTo changes nothing: nobody is mailed (isr)",
        "queue changes nothing: the queue of blocks is a key of the site (isr)",
        "preemptible: false changes nothing: a job ends with its block, and runs again (isr)",
        "payloadCommand changes nothing without 'bpsMakeCommand: false' (isr)",
        "maxJobs outside of sections changes nothing: set it in pipetask.LABEL, cluster.LABEL or the site",
    ]


def test_the_queue_of_a_site_is_no_setting_of_its_jobs(make_config: MakeConfig, tmp_path: Path) -> None:
    # BPS finds it there when it looks for that of a job.
    config = make_config(site={"here": {"provider": "slurm", "queue": "short"}})
    assert written(config, one_job(queue="short"), tmp_path)[0]["header"]["notes"] == []


def test_run_attributes_are_those_that_bps_reports(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = one_job()
    generic_workflow.run_attrs.update({"bps_isjob": "True", "bps_project": "tiny", "bps_operator": "ann"})
    attributes = written(make_config(), generic_workflow, tmp_path)[0]["header"]["attributes"]
    assert attributes == {"isjob": "True", "project": "tiny", "operator": "ann"}


def test_a_site_section_has_the_users_keys_and_not_those_of_bps(
    make_config: MakeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK", "/stack")
    section = {
        "class": "lsst.ctrl.bps.parsl.sites.Slurm",
        "nodes": 3,
        "queue": "short",
        "commandPrefix": "source ${STACK}/load.bash {project}",
        "scheduler_options": ["--one", "--two={campaign}"],
        "exclusive": True,
        "profile": {"condor": {"x": 1}},
        "environment": {"A": "1"},
        "requestMemory": 4096,
        "memoryLimit": 1,
        "payloadCommand": "{setupEnv} {gwjobCommand}",
        "setupEnv": "source stack",
        "preCmdline": "date",
    }
    header = written(make_config(site={"here": section}), one_job(), tmp_path)[0]["header"]
    assert header["sites"]["here"] == {
        "class": "lsst.ctrl.bps.parsl.sites.Slurm",
        "nodes": 3,
        "queue": "short",
        "commandPrefix": "source /stack/load.bash tiny",
        "scheduler_options": ["--one", "--two=drp"],
        "exclusive": True,
    }


def test_all_sites_that_jobs_name_are_sent_to_be_checked(make_config: MakeConfig, tmp_path: Path) -> None:
    sections = {name: {"provider": "local", "cores": 1} for name in ("here", "there", "unused")}
    generic_workflow = one_job(compute_site="there")
    run = GenericWorkflowExec("run", "run")
    generic_workflow.add_job(GenericWorkflowJob("b", "isr", executable=run, compute_site="elsewhere"))
    workflow = InterchangeWorkflow.from_generic_workflow(
        make_config(site=sections), generic_workflow, str(tmp_path), "service"
    )
    workflow.write(str(tmp_path))
    assert workflow.site_settings["names"] == ["here", "there", "elsewhere"]
    assert set(workflow.site_settings["sites"]) == {"here", "there"}


def test_a_site_without_a_section_is_left_to_the_daemon(make_config: MakeConfig, tmp_path: Path) -> None:
    header = written(make_config(computeSite="sdf"), one_job(), tmp_path)[0]["header"]
    assert header["site"] == "sdf"
    assert header["sites"] == {}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"request_walltime": "soon"}, "label 'isr': requestWalltime: 'soon' is no time"),
        ({"request_cpus": 0}, "label 'isr': requestCpus: 0 is less than 1"),
        ({"request_memory": "much"}, "label 'isr': requestMemory: 'much' is no whole number"),
        ({"priority": "high"}, "label 'isr': priority: 'high' is no whole number"),
        ({"retry_unless_exit": "never"}, "label 'isr': retryUnlessExit: 'never' is no whole number"),
        ({"number_of_retries": -1}, "label 'isr': numberOfRetries: -1 is less than 0"),
        ({"memory_multiplier": "twice"}, "label 'isr': memoryMultiplier: 'twice' is no number"),
        ({"concurrency_limit": "a,,b"}, "label 'isr': concurrencyLimit: 'a,,b' is no list of limits"),
        ({"concurrency_limit": "a:0"}, "label 'isr': concurrencyLimit: 'a:0' is no list of limits"),
        ({"concurrency_limit": "a,a"}, "label 'isr': concurrencyLimit: 'a,a' names a limit twice"),
        ({"abort_on_value": 256}, "label 'isr': abortOnValue: 256 is above 255"),
        ({"abort_on_value": 1, "abort_return_value": -1}, "label 'isr': abortReturnValue: -1 is less than 0"),
        ({"abort_return_value": 0}, "label 'isr': abortReturnValue says nothing without abortOnValue"),
        ({"pre_cmdline": "cat <FILE:x>"}, "label 'isr': <FILE:x> is neither"),
        ({"executable": None}, "label 'isr': it has no executable"),
        ({"arguments": "<FILE:x>"}, "label 'isr': <FILE:x> is neither"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_label(
    make_config: MakeConfig, tmp_path: Path, fields: dict[str, Any], message: str
) -> None:
    generic_workflow = one_job()
    job = generic_workflow.get_job("isr_1")
    for name, value in fields.items():
        setattr(job, name, value)
    with pytest.raises(WorkflowRefusedError) as refused:
        written(make_config(), generic_workflow, tmp_path)
    assert message in str(refused.value)
    assert list((tmp_path / "interchange").iterdir()) == []


def test_all_faults_are_said_at_once_and_each_once(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = gw_test_utils.make_3_label_workflow("t", True)
    for name in generic_workflow:
        generic_workflow.get_job(name).request_walltime = "soon"
    generic_workflow.get_final().priority = "high"
    with pytest.raises(WorkflowRefusedError) as refused:
        written(make_config(), generic_workflow, tmp_path)
    assert str(refused.value).count("requestWalltime") == 4
    assert str(refused.value).count("priority") == 1


def test_a_missing_site_is_refused(make_config: MakeConfig, tmp_path: Path) -> None:
    with pytest.raises(WorkflowRefusedError, match="set 'computeSite'"):
        written(make_config(computeSite=""), one_job(), tmp_path)
