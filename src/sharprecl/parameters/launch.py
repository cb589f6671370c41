"""The ``launch`` block."""

from typing import Annotated

from pydantic import Field, model_validator

from sharprecl.parameters.block import Block, Count


class LaunchParameters(Block):
    """Processes and machines that share one training; every batch is split among them."""

    nproc: Count = 1
    """Processes on this machine: one for each GPU; on a CPU they share the cores."""
    nnodes: Count = 1
    """Machines; each runs the same command with its own ``node_rank``."""
    node_rank: Annotated[int, Field(ge=0)] = 0
    """Which machine this is. Machine 0 prepares, evaluates, saves and tracks; the others only train."""
    rendezvous: Annotated[str, Field(pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\s]+):[0-9]{1,5}$")] = "127.0.0.1:29500"
    """Address of machine 0 with a free port, as all machines reach it; used where there are several."""
    timeout: Count = 1800
    """Seconds that a process waits for the others, at the start and at each step."""

    @property
    def num_processes(self) -> int:
        """Processes on all machines, if all have as many."""
        return self.nproc * self.nnodes

    @model_validator(mode="after")
    def _rank_exists(self) -> "LaunchParameters":
        if self.node_rank >= self.nnodes:
            raise ValueError(f"node_rank must be below nnodes ({self.nnodes})")
        return self
