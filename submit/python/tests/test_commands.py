from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from lsst.ctrl.bps.interchange.commands import all_exports, filled, program_text, split_environment
from lsst.ctrl.bps.interchange.wrapping import around, payload


def translated(arguments: str, cmdvals: dict[str, Any] | None = None, **variables: str) -> str:
    return filled(
        "run",
        arguments,
        cmdvals or {},
        {"graph": "/submit/g.qg", "out": "/submit/<ENV:SUB>/o", "blank": "/my runs/g"},
        variables.get,
    )


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


def test_a_path_with_blanks_stays_one_word_also_where_the_user_has_quoted_it() -> None:
    assert translated("<FILE:blank> \"<FILE:blank>\" it\\'s <FILE:blank> '\"' <FILE:blank>") == (
        "run '/my runs/g' \"/my runs/g\" it\\'s '/my runs/g' '\"' '/my runs/g'"
    )
    assert program_text("/my runs/final_job.bash") == "'/my runs/final_job.bash'"
    assert filled(program_text("<ENV:X>/run"), "", {}, {}, {}.get) == "${X}/run"


def ran(command: str) -> tuple[int, str]:
    done = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("before", "command", "after", "code", "out"),
    [
        ("", "echo c; exit 3", "", 3, "c\n"),
        ("echo b # why", "echo c", "", 0, "b\nc\n"),
        ("exit 4", "echo c", "", 4, ""),
        ("exit 4", "echo c", "echo a; exit 5", 4, "a\n"),
        ("", "exit 3", "echo a; exit 5", 3, "a\n"),
        ("", "exit 3", "echo a", 3, "a\n"),
        ("", "true", "echo a; exit 5", 5, "a\n"),
        ("X=1", "echo x$X", "echo a$X", 0, "x\na\n"),
    ],
)
def test_what_is_around_a_command(before: str, command: str, after: str, code: int, out: str) -> None:
    assert ran(around(command, before, after)) == (code, out)
    assert ran("set -e\n" + around(command, before, after)) == (code, out)
    template = "echo [; {gwjobCommand}; ret=$?; echo ]; exit $ret"
    assert ran(
        payload(template, around(command, before, after) if before + after else f"({command})", "")
    ) == (
        code,
        f"[\n{out}]\n",
    )


def test_a_payload_command_sets_the_environment_where_it_says() -> None:
    exports = all_exports({"A": "it's $HOME", "P": "new:<ENV:P>"})
    template = "P=old; {gwjobExports} {gwjobCommand}"
    assert ran(payload(template, 'echo "$A|$P|{gwjobExports}"', exports)) == (
        0,
        "it's $HOME|new:old|{gwjobExports}\n",
    )


def test_a_payload_command_must_run_the_job() -> None:
    with pytest.raises(ValueError, match=r"has no \{gwjobCommand\}"):
        payload("echo", "true", "")


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
