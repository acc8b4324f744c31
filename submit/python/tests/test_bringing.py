"""The job that makes a payload workflow on a node and adds it to its own run, as `bps batch-prepare` does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import FakeCli, MakeConfig
from lsst.ctrl.bps.tests import gw_test_utils
from test_workflow import one_job

from lsst.ctrl.bps.interchange import InterchangeService, InterchangeWorkflow
from lsst.ctrl.bps.interchange.problems import WorkflowRefusedError


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be the second attempt of a job that brings a payload into a run."""
    (tmp_path / "submit" / "interchange").mkdir(parents=True)
    target = tmp_path / "submit" / "interchange" / "payload.jsonl"
    monkeypatch.setenv("INTERCHANGE_BRINGS", str(target))
    monkeypatch.setenv("INTERCHANGE_ATTEMPT", "1")
    return target


def prepared(make_config: MakeConfig, directory: Path) -> InterchangeWorkflow:
    generic_workflow = gw_test_utils.make_3_label_workflow("u_ann_run", final=True)
    return InterchangeService({}).prepare(make_config(), generic_workflow, str(directory))


def test_the_payload_is_there_when_it_is_added_and_not_before(
    inside: Path, make_config: MakeConfig, fake_cli: FakeCli
) -> None:
    workflow = prepared(make_config, inside.parent.parent)
    assert not inside.exists()
    workflow.add_to_parent_workflow(make_config())
    assert [path.name for path in inside.parent.iterdir()] == ["payload.jsonl"]
    lines = [json.loads(line) for line in inside.read_text().splitlines()]
    assert lines[0]["header"]["writtenByAttempt"] == 1
    assert lines[0]["header"]["name"] == "u_ann_run"
    assert lines[-1] == {"trailer": {"jobs": "20"}}
    assert lines[-2]["job"]["final"] is True
    assert inside.stat().st_mode & 0o777 == 0o600
    # There is no daemon to be asked on a node.
    assert fake_cli.calls == []


def test_what_an_earlier_attempt_has_left_is_replaced(inside: Path, make_config: MakeConfig) -> None:
    inside.write_text("old")
    inside.with_suffix(".1.partial").write_text("half")
    prepared(make_config, inside.parent.parent).add_to_parent_workflow(make_config())
    assert json.loads(inside.read_text().splitlines()[0])["header"]["writtenByAttempt"] == 1


def test_a_refused_payload_leaves_nothing(inside: Path, make_config: MakeConfig) -> None:
    generic_workflow = one_job(priority="high")
    with pytest.raises(WorkflowRefusedError, match="priority"):
        InterchangeService({}).prepare(make_config(), generic_workflow, str(inside.parent.parent))
    assert list(inside.parent.iterdir()) == []


def test_a_node_may_know_the_submit_directory_by_another_name(
    inside: Path, make_config: MakeConfig, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(inside.parent.parent)
    prepared(make_config, tmp_path / "link").add_to_parent_workflow(make_config())
    assert inside.exists()


def test_another_workflow_that_is_prepared_in_such_a_job_is_one_as_any(
    inside: Path, make_config: MakeConfig, tmp_path: Path, fake_cli: FakeCli
) -> None:
    fake_cli.answers("check", {})
    workflow = prepared(make_config, tmp_path / "other")
    assert workflow.path == tmp_path / "other" / "interchange" / "workflow.jsonl"
    assert list(inside.parent.iterdir()) == []
    assert fake_cli.calls == [["check", "--json"]]
    with pytest.raises(WorkflowRefusedError, match="has no run to become part of"):
        workflow.add_to_parent_workflow(make_config())


def test_without_an_attempt_nothing_is_prepared_for_a_run(
    inside: Path, make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INTERCHANGE_ATTEMPT")
    with pytest.raises(WorkflowRefusedError, match="to prepare a workflow by hand, unset it"):
        prepared(make_config, inside.parent.parent)


def test_a_control_workflow_has_the_name_of_the_run(
    make_config: MakeConfig, tmp_path: Path, fake_cli: FakeCli
) -> None:
    fake_cli.answers("check", {})
    generic_workflow = gw_test_utils.make_lazy_workflow("u_ann_run_ctrl", final=False)
    generic_workflow.run_attrs["bps_run"] = "u_ann_run"
    workflow = InterchangeService({}).prepare(make_config(), generic_workflow, str(tmp_path))
    assert workflow.name == "u_ann_run"
    assert workflow.path is not None
    header = json.loads(workflow.path.read_text().splitlines()[0])["header"]
    assert header["name"] == "u_ann_run"
    assert header["attributes"]["run"] == "u_ann_run"
    assert "writtenByAttempt" not in header


def test_batch_submission_needs_a_shared_file_system(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = gw_test_utils.make_lazy_workflow("w", final=False)
    with pytest.raises(WorkflowRefusedError, match=r"'lazy2' .* but 'bpsUseShared: false' hides that"):
        InterchangeService({}).prepare(make_config(bpsUseShared=False), generic_workflow, str(tmp_path))
