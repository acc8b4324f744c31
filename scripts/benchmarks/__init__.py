"""Measures what docs/benchmarks.md says; started by scripts/bench."""
