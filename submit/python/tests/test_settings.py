"""Settings that are looked up by label."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeConfig
from lsst.ctrl.bps.transform import gather_job_environment
from test_workflow import jobs, one_job, written

from lsst.ctrl.bps import GenericWorkflowExec, GenericWorkflowJob
from lsst.ctrl.bps.interchange.problems import WorkflowRefusedError


@pytest.mark.parametrize(
    ("fields", "limit", "expected"),
    [
        ({"memory_multiplier": 2, "request_memory": 100}, 1000, ("100", "1000")),
        ({"memory_multiplier": 2, "request_memory": 100, "request_memory_max": 400}, 1000, ("100", "400")),
        ({"memory_multiplier": 2, "request_memory": 100, "request_memory_max": 4000}, 1000, ("100", "1000")),
        ({"request_memory": 100, "request_memory_max": 400}, 300, ("100", "300")),
        ({"request_memory": 5000}, 1000, ("5000", None)),
        ({"memory_multiplier": 2, "request_memory": 5000}, 1000, ("1000", "1000")),
        ({"memory_multiplier": 1, "request_memory": 5000}, 1000, ("5000", None)),
        ({"memory_multiplier": "1.5", "request_memory": 100}, "", ("100", None)),
    ],
)
def test_memory_grows_up_to_the_least_of_both_limits(
    make_config: MakeConfig,
    tmp_path: Path,
    fields: dict[str, Any],
    limit: Any,
    expected: tuple[str, str | None],
) -> None:
    line = jobs(written(make_config(memoryLimit=limit), one_job(**fields), tmp_path))["isr_1"]
    assert (line["memoryMib"], line.get("memoryMaxMib")) == expected
    factor = float(fields.get("memory_multiplier", 0))
    assert line.get("memoryMultiplier") == (factor if factor > 1 else None)


def test_a_request_above_the_limit_is_lowered_with_a_warning(
    make_config: MakeConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(make_config(memoryLimit=1000), one_job(memory_multiplier=2, request_memory=5000), tmp_path)
    assert "label 'isr': requestMemory 5000 is above the most that is allowed" in caplog.text
    assert "1000 is asked for" in caplog.text


def test_the_memory_limit_is_that_of_the_site(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(site={"here": {"provider": "local", "memoryLimit": 700}})
    generic_workflow = one_job(memory_multiplier=2, request_memory=100)
    assert jobs(written(config, generic_workflow, tmp_path))["isr_1"]["memoryMaxMib"] == "700"


def test_max_jobs_is_that_of_a_label_and_never_that_of_a_site(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    generic_workflow = one_job()
    run = GenericWorkflowExec("run", "run")
    for label in ("calibrate", "coadd", "plain"):
        generic_workflow.add_job(GenericWorkflowJob(label, label, executable=run))
    generic_workflow.add_final(GenericWorkflowJob("finalJob", "finalJob", executable=run))
    header = written(
        make_config(
            site={"here": {"provider": "local", "maxJobs": 7}},
            pipetask={"isr": {"maxJobs": 3}, "calibrate": {"maxJobs": 9}},
            cluster={"coadd": {"maxJobs": "4"}},
            finalJob={"maxJobs": 1},
        ),
        generic_workflow,
        tmp_path,
    )[0]["header"]
    assert header["maxJobs"] == {"isr": 3, "calibrate": 9, "coadd": 4, "finalJob": 1}
    assert header["sites"]["here"]["maxJobs"] == 7
    assert header["notes"] == []


def test_a_wrong_max_jobs_is_refused(make_config: MakeConfig, tmp_path: Path) -> None:
    with pytest.raises(WorkflowRefusedError, match="label 'isr': maxJobs: 0 is less than 1"):
        written(make_config(pipetask={"isr": {"maxJobs": 0}}), one_job(), tmp_path)


@pytest.mark.parametrize(
    ("on", "returned", "expected"), [(3, None, (3, 3)), (3, 0, (3, 0)), ("4", "5", (4, 5)), (0, None, (0, 0))]
)
def test_an_aborted_run_ends_with_the_value_that_aborted_it_or_another(
    make_config: MakeConfig, tmp_path: Path, on: Any, returned: Any, expected: tuple[int, int]
) -> None:
    generic_workflow = one_job(abort_on_value=on, abort_return_value=returned)
    line = jobs(written(make_config(), generic_workflow, tmp_path))["isr_1"]
    assert (line["abortOnExit"], line["abortReturn"]) == expected


@pytest.mark.parametrize("field", ["request_walltime", "request_disk"])
def test_text_that_bps_has_put_together_is_refused(
    make_config: MakeConfig, tmp_path: Path, field: str
) -> None:
    fields: dict[str, Any] = {field: "9090", "quanta_counts": Counter(isr=2)}
    setting = "requestWalltime" if field == "request_walltime" else "requestDisk"
    with pytest.raises(WorkflowRefusedError, match=rf"{setting}: BPS adds .* \('9090'\): give a number"):
        written(make_config(), one_job(**fields), tmp_path)
    # Of one quantum, or of the cluster itself, it is what the user wrote.
    written(make_config(), one_job(**fields | {"quanta_counts": Counter(isr=1)}), tmp_path)
    written(make_config(cluster={"isr": {setting: "9090"}}), one_job(**fields), tmp_path)
    written(make_config(), one_job(**fields | {field: 9090}), tmp_path)


def test_no_retries_of_a_final_job_are_none_although_bps_loses_them(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    generic_workflow = one_job()
    last = GenericWorkflowJob("finalJob", "finalJob", executable=GenericWorkflowExec("run", "run"))
    generic_workflow.add_final(last)
    found = jobs(written(make_config(finalJob={"numberOfRetries": 0}), generic_workflow, tmp_path))
    assert found["finalJob"]["retries"] == 0
    assert "retries" not in found["isr_1"]


def test_no_retries_of_a_cluster_are_none_although_bps_takes_those_of_its_tasks(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(cluster={"isr": {"numberOfRetries": 0}})
    assert jobs(written(config, one_job(number_of_retries=5), tmp_path))["isr_1"]["retries"] == 0


def test_commands_around_a_job_have_its_variables(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = one_job(
        pre_cmdline="stage {campaign} {visit} <ENV:SCRATCH> # <WMS:attemptNum>",
        post_cmdline="clean {jobName}",
        tags={"visit": 7},
    )
    command = jobs(written(make_config(), generic_workflow, tmp_path))["isr_1"]["command"]
    assert command.startswith(
        "(\nstage drp 7 ${SCRATCH} # ${INTERCHANGE_ATTEMPT}\n) && (\nrun -v\n)"
        " && interchange_status=0 || interchange_status=$?\n"
    )
    assert "(\nclean isr_1\n)" in command


def test_a_payload_command_is_put_around_jobs_if_bps_makes_no_commands(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    settings = {
        "payloadCommand": (
            "source {stack}/load.sh; {gwjobExports} echo $X ${Y} <ENV:Z>; {gwjobCommand}; exit $?"
        ),
        "stack": "/stack",
        "bpsMakeCommand": False,
    }
    generic_workflow = one_job(environment={"A": "a b", "P": "/x:<ENV:P>"})
    for config in (
        make_config(**settings),
        make_config(site={"here": {"provider": "local", **settings}}),
    ):
        line = jobs(written(config, generic_workflow, tmp_path))["isr_1"]
        assert line["command"] == (
            "source /stack/load.sh; export A='a b'\nexport P=\"/x:${P}\"\n echo $X ${Y} ${Z}; "
            "{ run -v\n}; exit $?"
        )
        assert "environment" not in line


def test_a_payload_command_without_exports_leaves_the_environment_as_it_is(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(payloadCommand="time {gwjobCommand}", bpsMakeCommand=False)
    line = jobs(written(config, one_job(environment={"A": "a"}), tmp_path))["isr_1"]
    assert line["environment"] == {"A": "a"}
    assert line["command"] == "time { run -v\n}"


def test_no_payload_command_where_one_is_wanted_is_said(make_config: MakeConfig, tmp_path: Path) -> None:
    with pytest.raises(WorkflowRefusedError, match="'bpsMakeCommand: false' wants a payloadCommand"):
        written(make_config(bpsMakeCommand=False), one_job(), tmp_path)


def test_the_environment_is_put_together_from_all_levels(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(
        environment={"ALL": "root", "PATH": "/root:${PATH}", "GONE": "root", "SITE": "root"},
        site={"here": {"provider": "local", "environment": {"SITE": "site", "PATH": "/site:${PATH}"}}},
        pipetask={"isr": {"environment": {"GONE": "BPS_NONE", "N": "{campaign} {wmsAttemptNum}"}}},
    )
    environment = gather_job_environment(config, config.get_search_opts("isr"))
    line = jobs(written(config, one_job(environment=environment), tmp_path))["isr_1"]
    assert line["environment"] == {"ALL": "root", "SITE": "site"}
    assert line["command"] == (
        'export PATH="/site:/root:${PATH}"\nexport N="drp ${INTERCHANGE_ATTEMPT}"\nrun -v'
    )
