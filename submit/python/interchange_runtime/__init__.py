"""Carries the jars of interchange and starts them with a Java runtime."""

__all__ = ["__version__"]

__version__ = "0.1.0"
