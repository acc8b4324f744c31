"""The figures that are promised, and where their limits are."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FIGURES", "Figure"]


@dataclass(frozen=True)
class Figure:
    """One promised number."""

    name: str
    limit: float
    at_least: bool
    words: str

    def is_met(self, value: float) -> bool:
        """Whether a value keeps the promise."""
        return value >= self.limit if self.at_least else value <= self.limit

    @property
    def promise(self) -> str:
        """The limit in words."""
        return f"{'at least' if self.at_least else 'at most'} {self.limit:,g}"


def _at_least(name: str, limit: float, words: str) -> Figure:
    return Figure(name, limit, True, words)


def _at_most(name: str, limit: float, words: str) -> Figure:
    return Figure(name, limit, False, words)


FIGURES = (
    _at_least("throughput_vs_limit", 0.6, "10,000 x `true`: our rate over that of posix_spawn in C"),
    _at_least(
        "throughput_vs_best_peer", 2, "10,000 x `true`: our rate over the better of HyperQueue and Parsl"
    ),
    _at_most("chain_ms_over_spawn", 3, "ms a link of a chain of 500, over a bare process start"),
    _at_most("tinydrp_vs_bare", 1.1, "tinydrp, all cold: our time over the same commands two at a time"),
    _at_most("tinydrp_vs_parsl", 0.8, "tinydrp, all cold: our time over the Parsl plugin's"),
    _at_most("warm_tinydrp_vs_parsl", 0.14, "tinydrp of 123 jobs, warm: our time over the Parsl plugin's"),
    _at_most("warm_tinydrp_vs_bare", 0.15, "the same, over its bare commands two at a time"),
    _at_most("warm_small_vs_parsl", 0.2, "tinydrp of 27 jobs, warm: our time over the Parsl plugin's"),
    _at_most("warm_quantum_vs_fork", 1.15, "a warm quantum over a bare fork that runs the same"),
    _at_least(
        "scheduler_jobs_per_s", 20_000, "jobs a second of the scheduler and journal alone, 100,000 jobs"
    ),
    _at_most("scheduler_cost_growth", 1.3, "cost of a job among 300,000 over that among 30,000"),
    _at_most("scheduler_bytes_per_job", 600, "bytes of heap a job"),
    _at_most("turn_p99_ms", 100, "ms, the conductor's turn while 300,000 jobs are submitted"),
    _at_most("submit_cold_s", 1.5, "s, the plugin's submit() with no daemon running"),
    _at_most("submit_warm_s", 0.5, "s, the plugin's submit() with a daemon running"),
    _at_most("worker_connect_s", 0.7, "s from a worker's start to its being connected"),
    _at_most("worker_rss_mib", 110, "MiB resident of an idle worker"),
    _at_most(
        "plugin_100k_vs_build", 1.2, "prepare() and submit() of 100,000 jobs over building the workflow"
    ),
    _at_most("plugin_100k_mib", 100, "MiB that these add to the peak of the process"),
    _at_most("report_million_s", 2, "s, `interchange report` of a million jobs at work"),
    _at_most("report_million_plugin_s", 2, "s, the plugin's report() of the same"),
    _at_most("report_million_ended_s", 2, "s, `interchange report` when they have ended"),
    _at_most("pack_files_per_worker", 1, "files that 100,000 packed jobs leave, for each worker"),
    _at_least(
        "pack_throughput_vs_files", 1, "10,000 x `echo`: the rate with packs over that with two files a job"
    ),
    _at_most(
        "pack_lookup_ms", 50, "ms to find what one of 100,000 packed jobs printed, the slowest of 1,000"
    ),
    _at_most("cli_s", 0.4, "s, `interchange list`"),
)
