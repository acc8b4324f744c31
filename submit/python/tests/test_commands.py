from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from lsst.ctrl.bps import GenericWorkflowExec, GenericWorkflowJob
from lsst.ctrl.bps.interchange.commands import command_line, split_environment


def translated(arguments: str, cmdvals: dict[str, Any] | None = None, **variables: str) -> str:
    job = GenericWorkflowJob(
        "j1", "isr", executable=GenericWorkflowExec("run", "run"), arguments=arguments, cmdvals=cmdvals or {}
    )
    return command_line(job, {"graph": "/submit/g.qg", "out": "/submit/<ENV:SUB>/o"}, variables.get)


def test_values_may_hold_files_and_files_may_hold_environment() -> None:
    assert translated("{a} x", {"a": "<FILE:out>"}) == "run /submit/${SUB}/o x"


def test_the_attempt_is_asked_of_the_worker() -> None:
    assert translated("--n <WMS:attemptNum>") == "run --n ${INTERCHANGE_ATTEMPT}"
    assert translated("--n {wmsAttemptNum}") == "run --n ${INTERCHANGE_ATTEMPT}"


def test_what_bps_took_for_a_name_and_is_none_comes_out_as_it_was() -> None:
    assert translated("<ENV:HOME/a b> <ENV:X>") == "run $HOME/a b ${X}"


def test_variables_of_a_custom_command_come_from_the_configuration() -> None:
    assert translated("--project {project}", project="tiny") == "run --project tiny"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("<FILE:other>", "neither an input nor an output"),
        ("<WMS:nodeName>", "is not known here; there is {wmsAttemptNum}"),
        ("awk '{print $1}'", "a brace as such is written twice"),
        ("{unclosed", "a brace as such is written twice"),
        ("{0}", "positional fields"),
    ],
)
def test_a_placeholder_without_a_value_is_refused(arguments: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        translated(arguments)


def test_a_job_without_executable_is_refused() -> None:
    with pytest.raises(ValueError, match="no executable"):
        command_line(GenericWorkflowJob("j1", "isr"), {}, {}.get)


def test_an_environment_that_refers_to_another_is_made_by_the_shell() -> None:
    divided = split_environment({"A": "plain $HOME", "P": 'new:<ENV:P>:"`$(id)`\\', "N": "<WMS:attemptNum>"})
    assert divided.values == {"A": "plain $HOME"}
    done = subprocess.run(
        ["/bin/bash", "-c", divided.exports + 'printf "%s|%s" "$P" "$N"'],
        env={**os.environ, "P": "old", "INTERCHANGE_ATTEMPT": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == 'new:old:"`$(id)`\\|3'


@pytest.mark.parametrize("environment", [{"A=B": "x"}, {"": "x"}, {"A": "x\0"}, {"a-b": "<ENV:X>"}])
def test_an_environment_that_can_not_be_set_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="environment"):
        split_environment(environment)
