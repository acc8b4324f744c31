"""Which files of a job travel, and how its command knows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import MakeConfig
from test_workflow import jobs, one_job, written

from lsst.ctrl.bps import GenericWorkflow, GenericWorkflowExec, GenericWorkflowFile, GenericWorkflowGroup
from lsst.ctrl.bps.interchange.problems import WorkflowRefusedError

Line = dict[str, Any]


def with_files(
    inputs: list[GenericWorkflowFile], outputs: list[GenericWorkflowFile] | None = None, **fields: Any
) -> GenericWorkflow:
    names = " ".join(f"<FILE:{file.name}>" for file in [*inputs, *(outputs or [])])
    generic_workflow = one_job(arguments=names, **fields)
    generic_workflow.add_job_inputs("isr_1", inputs)
    generic_workflow.add_job_outputs("isr_1", outputs or [])
    return generic_workflow


@pytest.fixture
def line(make_config: MakeConfig, tmp_path: Path) -> Any:
    def translated(generic_workflow: GenericWorkflow, **settings: Any) -> Line:
        return jobs(written(make_config(**settings), generic_workflow, tmp_path))["isr_1"]

    return translated


def file(name: str, uri: str, transfer: bool, shared: bool = False, remote: bool = False) -> Any:
    return GenericWorkflowFile(name, uri, wms_transfer=transfer, job_shared=shared, job_access_remote=remote)


@pytest.mark.parametrize(
    ("transfer", "job_shared", "use_shared", "travels"),
    [
        (True, True, True, False),
        (True, False, True, True),
        (True, True, False, True),
        (True, False, False, True),
        (False, False, True, False),
        (False, True, True, False),
    ],
)
def test_a_file_travels_if_it_is_to_be_transferred_and_can_not_be_shared(
    line: Any, transfer: bool, job_shared: bool, use_shared: bool, travels: bool
) -> None:
    found = line(
        with_files(
            [file("in", "/data/in.qg", transfer, job_shared)],
            [file("out", "/data/out.txt", transfer, job_shared)],
        ),
        bpsUseShared=use_shared,
    )
    if travels:
        assert found["command"] == "run in.qg out.txt"
        assert found["files"] == [{"path": "/data/in.qg"}, {"path": "/data/out.txt", "output": True}]
    else:
        assert found["command"] == "run /data/in.qg /data/out.txt"
        assert "files" not in found


def test_the_site_of_a_label_says_whether_its_files_can_be_shared(line: Any) -> None:
    sites = {"here": {"provider": "local"}, "far": {"provider": "local", "bpsUseShared": False}}
    settings = {"site": sites, "pipetask": {"isr": {"computeSite": "far"}}, "bpsUseShared": True}
    generic_workflow = with_files([file("in", "/data/in.qg", True, True)])
    assert line(generic_workflow, **settings)["files"] == [{"path": "/data/in.qg"}]
    assert "files" not in line(generic_workflow, site=sites)


@pytest.mark.parametrize("shared", [True, False])
def test_an_executable_travels_where_nothing_is_shared(
    line: Any, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    monkeypatch.setenv("TOOLS", "/tools")
    run = GenericWorkflowExec("run.sh", "<ENV:TOOLS>/run.sh", transfer_executable=True)
    found = line(one_job(executable=run), bpsUseShared=shared)
    if shared:
        assert found["command"] == "${TOOLS}/run.sh -v"
        assert "files" not in found
    else:
        assert found["command"] == "./run.sh -v"
        assert found["files"] == [{"path": "/tools/run.sh", "executable": True}]


def test_an_executable_that_is_there_does_not_travel(line: Any) -> None:
    found = line(one_job(executable=GenericWorkflowExec("pipetask", "pipetask")), bpsUseShared=False)
    assert found["command"] == "pipetask -v"
    assert "files" not in found


def test_what_is_read_and_written_travels_both_ways(line: Any) -> None:
    found = line(with_files([file("in", "/data/x", True)], [file("out", "/data/x", True)]))
    assert found["files"] == [{"path": "/data/x"}, {"path": "/data/x", "output": True}]
    assert found["command"] == "run x x"


def test_a_file_that_can_be_read_from_afar_is(line: Any) -> None:
    found = line(with_files([file("in", "s3://bucket/in.qg", True, remote=True)]), bpsUseShared=False)
    assert found["command"] == "run s3://bucket/in.qg"
    assert "files" not in found


def test_a_file_of_a_group_is_found_in_the_group_or_in_the_workflow(line: Any) -> None:
    generic_workflow = with_files([file("in", "/data/in.qg", True, True)])
    job = generic_workflow.get_job("isr_1")
    generic_workflow.remove_node("isr_1")
    group = GenericWorkflowGroup("g", "order")
    group.add_job(job)
    group.add_job_outputs("isr_1", [file("out", "/data/out.txt", True, True)])
    job.arguments = "<FILE:in> <FILE:out>"
    generic_workflow.add_job(group)
    assert line(generic_workflow)["command"] == "run /data/in.qg /data/out.txt"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([("in", "/data/in.txt", False)], "file 'in' (/data/in.txt) is neither transferred nor readable"),
        ([("in", "s3://b/in.txt", True)], "file 'in' (s3://b/in.txt) can't travel, as it has no path"),
        ([("in", "/data/dir/", True)], "input 'in' (/data/dir/) is a directory"),
        ([("in", "/", True)], "input 'in' (/) is a directory"),
        (
            [("one", "/a/x.txt", True), ("two", "/b/x.txt", True)],
            "file 'two' (/b/x.txt) and /a/x.txt would both be 'x.txt' in the job's directory",
        ),
        (
            [("one", "/a/run.sh", True)],
            "executable 'run.sh' (/t/run.sh) and /a/run.sh would both be 'run.sh'",
        ),
    ],
)
def test_what_can_not_travel_is_said_by_name(
    make_config: MakeConfig, tmp_path: Path, files: list[tuple[str, str, bool]], message: str
) -> None:
    run = GenericWorkflowExec("run.sh", "/t/run.sh", transfer_executable=True)
    generic_workflow = with_files([file(*each) for each in files], executable=run)
    with pytest.raises(WorkflowRefusedError) as refused:
        written(make_config(bpsUseShared=False), generic_workflow, tmp_path)
    assert f"label 'isr': {message}" in str(refused.value)


def test_an_output_that_is_a_directory_is_said(make_config: MakeConfig, tmp_path: Path) -> None:
    with pytest.raises(WorkflowRefusedError, match=r"output 'out' \(/data/out/\) is a directory"):
        written(make_config(), with_files([], [file("out", "/data/out/", True)]), tmp_path)


def test_an_executable_whose_place_nobody_knows_can_not_travel(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    run = GenericWorkflowExec("run.sh", "<ENV:NO_SUCH_VARIABLE>/run.sh", transfer_executable=True)
    with pytest.raises(WorkflowRefusedError, match=r"executable 'run.sh' \(<ENV:NO_.*can't travel"):
        written(make_config(bpsUseShared=False), one_job(executable=run), tmp_path)


def test_a_script_that_comes_as_an_input_can_be_run(line: Any, tmp_path: Path) -> None:
    script = tmp_path / "helper.sh"
    script.write_text("#!/bin/sh\n")
    for mode, executable in ((0o600, False), (0o700, True)):
        script.chmod(mode)
        found = line(with_files([file("in", str(script), True)]), bpsUseShared=False)
        assert found["files"][0].get("executable", False) is executable


def test_jobs_of_which_nothing_travels_are_told_of(
    make_config: MakeConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = GenericWorkflowExec("true", "/bin/true", transfer_executable=False)
    written(make_config(bpsUseShared=False), one_job(executable=run), tmp_path)
    assert "'isr': bpsUseShared: false, but no file of some jobs travels" in caplog.text
    caplog.clear()
    written(make_config(), one_job(executable=run), tmp_path)
    assert "travels" not in caplog.text


def test_a_local_butler_without_a_shared_file_system_is_noted(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(bpsUseShared=False, payload={"butlerConfig": "/repo"})
    assert written(config, one_job(), tmp_path)[0]["header"]["notes"] == [
        "bpsUseShared: false, but nodes must see butlerConfig /repo under that path (isr)"
    ]


def test_a_setting_that_is_neither_yes_nor_no_is_refused(make_config: MakeConfig, tmp_path: Path) -> None:
    with pytest.raises(WorkflowRefusedError, match="bpsUseShared: 'perhaps' is neither true nor false"):
        written(make_config(bpsUseShared="perhaps"), one_job(), tmp_path)
