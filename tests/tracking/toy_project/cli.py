from sharprecl.cli import cli, run

__all__ = ["cli", "run"]
