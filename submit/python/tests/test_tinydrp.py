"""A real pipeline by `bps submit`, on a daemon and workers of this machine."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from living import RUN_SECONDS, Home, Tinydrp, copied, jobs_of, living_home, wait_for

pytestmark = pytest.mark.end_to_end

MakeTinydrp = Callable[[], Tinydrp]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with living_home(tmp_path_factory.mktemp("home") / "interchange") as home:
        yield home


def made(home: Home, directory: Path, detectors: int) -> Tinydrp:
    """Return one of two exposures."""
    tinydrp = Tinydrp(home, directory, exposures=2, detectors=detectors)
    tinydrp.make()
    return tinydrp


@pytest.fixture(scope="module")
def template(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Tinydrp:
    # A quantum takes 3 s of a processor: as few as show something.
    return made(home, tmp_path_factory.mktemp("template"), detectors=1)


@pytest.fixture
def tinydrp(home: Home, template: Tinydrp, tmp_path: Path) -> Tinydrp:
    return copied(template, home, tmp_path / "tinydrp")


@pytest.fixture
def light(home: Home, template: Tinydrp, tmp_path: Path) -> Tinydrp:
    return copied(template, home, tmp_path / "light", light=True)


@pytest.fixture(scope="module")
def wide_template(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Tinydrp:
    return made(home, tmp_path_factory.mktemp("wide"), detectors=2)


@pytest.fixture
def wide(home: Home, wide_template: Tinydrp, tmp_path: Path) -> Tinydrp:
    """Give one in which an exposure has several jobs of a label."""
    return copied(wide_template, home, tmp_path / "wide")


@pytest.fixture
def light_and_wide(home: Home, wide_template: Tinydrp, tmp_path: Path) -> Tinydrp:
    return copied(wide_template, home, tmp_path / "light_and_wide", light=True)


def under_way(home: Home, run: str) -> None:
    """Wait until some jobs of a run are done and others run."""

    def both() -> bool:
        counts = home.counts(run)
        return counts["SUCCEEDED"] >= 2 and counts["RUNNING"] >= 1

    wait_for(f"run {run} under way", both, RUN_SECONDS)


def row(report: str, first: str) -> list[str]:
    """Return the cells of the row of a table that begins with this."""
    return next(line.split() for line in report.splitlines() if line.split()[:1] == [first])


@pytest.mark.long
def test_the_pipeline_runs_to_its_end_and_everything_tells_the_truth(home: Home, tmp_path: Path) -> None:
    tinydrp = Tinydrp(home, tmp_path / "full", exposures=3, detectors=2)
    tinydrp.make()
    run = tinydrp.submit()

    assert home.bps("status", "--id", run, check=False).find("status: ") >= 0
    during = home.bps("report", "--id", run)
    assert row(during, "TOTAL")[-1] == "15"
    home.bps("ping")

    assert home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    tinydrp.check_records()
    assert tinydrp.recorded("start") == {**tinydrp.recorded("end")}
    assert len(tinydrp.recorded("end")) == 14

    after = home.bps("report", "--id", run, "--return-exit-codes")
    assert "WARNING" not in after
    labels = ["pipetaskInit", "isr", "calibrate", "summarize", "finalJob"]
    # States in BPS's order: UNKNOWN, MISFIT, UNREADY, READY, PENDING, RUNNING, DELETED, HELD, SUCCEEDED, ...
    assert [row(after, label)[9] for label in labels] == ["1", "6", "6", "1", "1"]
    assert row(after, "TOTAL")[1:] == ["0"] * 8 + ["15", "0", "0", "15"]
    listed = home.bps("report", "--hist", "1")
    assert any(line.split()[:3] == ["SUCCEEDED", "100", run] for line in listed.splitlines())
    assert home.run("bps", "status", "--id", run, check=False).returncode == 0
    assert home.run("bps", "status", "--id", "999999", check=False).returncode == 10
    directory = tinydrp.submit_directory(run)
    assert home.run("bps", "status", "--id", str(directory), check=False).returncode == 0
    by_path = home.bps("report", "--id", str(directory))
    assert row(by_path, "TOTAL")[-1] == "15"

    logs = sorted(str(log.relative_to(directory)) for log in (directory / "logs").rglob("*.stderr"))
    assert len(logs) == 15
    assert "logs/finalJob/finalJob.stderr" in logs
    isr = [log for log in logs if log.startswith("logs/isr/2/")]
    assert len(isr) == 2
    text = (directory / isr[0]).read_text() + (directory / isr[0]).with_suffix(".stdout").read_text()
    assert "isr" in text
    readable_by_all = [path for path in directory.rglob("workflow.jsonl") if path.stat().st_mode & 0o077]
    assert readable_by_all == []


def test_a_failing_quantum_prunes_what_needs_it_and_a_restart_does_the_rest(
    tinydrp: Tinydrp, home: Home
) -> None:
    run = tinydrp.submit(TINYDRP_FAIL="calibrate:2:0")
    assert home.wait_end(run) == "RUN_FAILED"
    assert home.run("bps", "status", "--id", run, check=False).returncode == 19
    report = home.bps("report", "--id", run, "--return-exit-codes")
    assert "WARNING" not in report
    counts = home.counts(run)
    assert counts["FAILED"] == 1
    assert counts["PRUNED"] == 1
    assert counts["SUCCEEDED"] == tinydrp.jobs - 2
    # A failing quantum exits with 1, which BPS's retryUnlessExit names.
    codes = report[report.index("PAYLOAD ERROR") :]
    assert row(codes, "calibrate")[1:3] == ["1", "1"]
    assert row(codes, "isr")[1:3] == ["0", "None"]
    before = tinydrp.recorded("start")
    assert max(before.values()) == 1

    printed = home.bps("restart", "--id", run, **tinydrp.variables)
    assert f"Run Id: {run}" in printed
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    tinydrp.check_records()
    again = {job for job, count in tinydrp.recorded("start").items() if count != before[job]}
    assert sorted(labels_of(again)) == ["calibrate", "summarize"]


def test_a_cancelled_run_leaves_no_process_and_its_final_job_has_run(light: Tinydrp, home: Home) -> None:
    run = light.submit(TINYDRP_SECONDS="600")
    wait_for("isr", lambda: "isr" in labels_of(light.recorded("start")), RUN_SECONDS)
    assert f"Successfully canceled job with id '{run}'" in home.bps("cancel", "--id", run)
    assert home.wait_end(run) == "RUN_DELETED"
    wait_for("the end of all jobs", lambda: not light.running() and not jobs_of(home, run))
    assert home.run("bps", "status", "--id", run, check=False).returncode == 16
    final = next(label for label in home.ask("report", run)["labels"] if label["label"] == "finalJob")
    assert [count["state"] for count in final["counts"] if int(count["count"])] == ["SUCCEEDED"]
    assert "Couldn't cancel" in home.bps("cancel", "--id", run)


def test_a_run_cancelled_by_force_ends_at_once(light: Tinydrp, home: Home) -> None:
    run = light.submit(TINYDRP_SECONDS="600")
    wait_for("isr", lambda: "isr" in labels_of(light.recorded("start")), RUN_SECONDS)
    home.bps("cancel", "--id", run, "--pass-thru", "-forcex")
    assert home.wait_end(run) == "RUN_DELETED"
    wait_for("the end of all jobs", lambda: not light.running() and not jobs_of(home, run))
    assert "finalJob" not in {file.stem for file in light.submit_directory(run).rglob("finalJob.stdout")}


def test_a_killed_daemon_comes_back_and_the_run_goes_on(tinydrp: Tinydrp, home: Home) -> None:
    run = tinydrp.submit(TINYDRP_SECONDS="1")
    under_way(home, run)
    killed = home.daemon_pid()
    os.kill(killed, signal.SIGKILL)
    home.run("interchange", "start")
    assert home.daemon_pid() != killed
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    tinydrp.check_records()
    # Running jobs went on meanwhile.
    assert max(tinydrp.recorded("start").values()) == 1


@pytest.mark.long
def test_jobs_of_a_killed_worker_are_gone_and_its_place_is_taken_again(tinydrp: Tinydrp, home: Home) -> None:
    run = tinydrp.submit(TINYDRP_SECONDS="3")
    under_way(home, run)
    [killed] = home.worker_pids()
    old_jobs = tinydrp.running()
    assert old_jobs
    started = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    wait_for("the end of its jobs", lambda: not old_jobs & tinydrp.running(), 10)
    wait_for("another worker", lambda: [pid for pid in home.worker_pids() if pid != killed], 10)
    assert time.monotonic() - started < 10
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    tinydrp.check_records(run)


def test_the_death_of_daemon_and_worker_at_once_is_survived(light: Tinydrp, home: Home) -> None:
    run = light.submit(TINYDRP_SECONDS="2")
    under_way(home, run)
    daemon = home.daemon_pid()
    for pid in [*home.worker_pids(), daemon]:
        os.kill(pid, signal.SIGKILL)
    home.run("interchange", "start")
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    light.check_records(run)


ORDERING = "ordering: {by_exposure: {labels: 'isr, calibrate', dimensions: exposure, %s}}"


def places(tinydrp: Tinydrp, what: str, exposure: int) -> list[int]:
    """Where in the order of all the ordered jobs of an exposure started or ended."""
    found = []
    for place, line in enumerate((tinydrp.records / "order").read_text().splitlines()):
        happened, job = line.split()
        # Names are <quantum>_<label>_<dimensions>.
        if happened == what and job.split("_")[1:3] in (["isr", str(exposure)], ["calibrate", str(exposure)]):
            found.append(place)
    return found


@pytest.mark.long
@pytest.mark.parametrize("implementation", ["noop", "group"])
def test_one_exposure_is_done_before_the_next_is_begun(
    wide: Tinydrp, home: Home, implementation: str
) -> None:
    config = wide.configure("ordered.yaml", ORDERING % f"implementation: {implementation}")
    run = wide.submit(config)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    wide.check_flux()
    wide.check_records()
    assert len(places(wide, "end", 1)) == len(places(wide, "start", 2)) == 4
    assert max(places(wide, "end", 1)) < min(places(wide, "start", 2))
    report = home.bps("report", "--id", run, "--return-exit-codes")
    assert "WARNING" not in report and "by_exposure" not in report
    labels = ["pipetaskInit", "isr", "calibrate", "summarize", "finalJob"]
    assert [row(report, label)[9] for label in labels] == ["1", "4", "4", "1", "1"]
    assert row(report, "TOTAL")[-1] == "11"


@pytest.mark.parametrize(("blocking", "pruned"), [("false", 1), ("true", 5)])
def test_a_failing_group_lets_the_next_run_unless_it_blocks(
    light_and_wide: Tinydrp, home: Home, blocking: str, pruned: int
) -> None:
    config = light_and_wide.configure("ordered.yaml", ORDERING % f"blocking: {blocking}")
    run = light_and_wide.submit(config, TINYDRP_FAIL="calibrate:1:0")
    assert home.wait_end(run) == "RUN_FAILED"
    counts = home.counts(run)
    assert (counts["FAILED"], counts["PRUNED"]) == (1, pruned)
    home.bps("restart", "--id", run, **light_and_wide.variables)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    light_and_wide.check_records()


BATCH = """bpsBatchSubmission: true
buildQuantumGraph: {requestMemory: 1024}
preparePayloadWorkflow: {requestMemory: 1024}"""


@pytest.mark.long
def test_a_run_may_make_its_own_jobs_on_a_node(tinydrp: Tinydrp, home: Home) -> None:
    run = tinydrp.submit(tinydrp.configure("batch.yaml", BATCH))
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    tinydrp.check_records()
    directory = tinydrp.submit_directory(run)
    report = home.bps("report", "--id", str(directory), "--return-exit-codes")
    assert "WARNING" not in report
    labels = [line.split()[0] for line in report.splitlines() if line.split()[1:2] == ["0"]]
    control = ["buildQuantumGraph", "preparePayloadWorkflow"]
    payload = ["pipetaskInit", "isr", "calibrate", "summarize", "finalJob"]
    assert labels[: 1 + len(control + payload)] == ["TOTAL", *control, *payload]
    assert row(report, "TOTAL")[-1] == str(tinydrp.jobs + 2)
    # Its name is not that of the workflow that made it.
    assert not str(home.ask("report", run)["summary"]["name"]).endswith("_ctrl")
    listed = home.bps("report", "--hist", "1")
    assert any(line.split()[:3] == ["SUCCEEDED", "100", run] for line in listed.splitlines())


def test_a_run_that_has_made_its_own_jobs_is_restarted_without_making_them_again(
    light: Tinydrp, home: Home
) -> None:
    run = light.submit(light.configure("batch.yaml", BATCH), TINYDRP_FAIL="calibrate:2:0")
    assert home.wait_end(run) == "RUN_FAILED"
    assert home.counts(run)["SUCCEEDED"] == light.jobs + 2 - 2
    printed = home.bps("restart", "--id", str(light.submit_directory(run)), **light.variables)
    assert f"Run Id: {run}" in printed
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    light.check_records()
    assert home.counts(run) == {"SUCCEEDED": light.jobs + 2}


@pytest.mark.parametrize(("when", "jobs"), [("SUCCESS", 7), ("NEVER", 6)])
def test_the_final_job_runs_when_it_is_told_to(light: Tinydrp, home: Home, when: str, jobs: int) -> None:
    config = light.configure("final.yaml", f"finalJob: {{whenRun: {when}, requestCpus: 1}}")
    run = light.submit(config, TINYDRP_FAIL="calibrate:2:0")
    assert home.wait_end(run) == "RUN_FAILED"
    assert home.counts(run).total() == jobs
    # As one of the jobs it is pruned with what it needs.
    assert home.counts(run)["PRUNED"] == (2 if when == "SUCCESS" else 1)
    home.bps("restart", "--id", run, **light.variables)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert home.counts(run) == {"SUCCEEDED": jobs}


def labels_of(jobs: Iterable[str]) -> list[str]:
    """Return the labels of jobs, whose names are <quantum>_<label>_<dimensions>."""
    return [job.split("_")[1] if "_" in job else job for job in jobs]
