"""What a run is on another machine than machine 0 of a training: its share of the training, nothing else."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl

from sharprecl import training
from sharprecl.errors import ParameterError
from sharprecl.parameter_check import check_parameters


class LaunchHooks:
    """Trains along where ``launch.node_rank`` is above 0, and ends the command.

    Every pipeline would write the files that machine 0 writes, into the folder that all share.
    """

    # Around all others: machine 0 needs the locks they take, and kedro-mlflow would make its database.
    @hook_impl(wrapper=True, tryfirst=True)
    def after_context_created(self, context: KedroContext) -> Generator[None, Any, Any]:
        """Run this machine's workers until the training is over.

        Raises:
            SystemExit: with status 0, when it is.
            SharpreclError: if a worker ended before its time.
            ParameterError: if torchrun started this command.
        """
        if "TORCHELASTIC_RUN_ID" in os.environ:
            raise ParameterError(
                "launch: torchrun starts `kedro run` once a process; start it once a machine by itself, and "
                "launch.nproc and launch.nnodes will start the processes"
            )
        launch = check_parameters(context.config_loader["parameters"]).launch
        if launch.node_rank > 0:
            entry = context.config_loader["catalog"]["checkpoint_folder"]
            training.join_training(launch, Path(context.project_path) / entry["filepath"])
            raise SystemExit(0)
        return (yield)
