"""The whole batch from the parts that several processes hold.

Every process gathers the outputs of all and computes the loss of the whole batch, so that target sets,
contrasts and weighted means are those of a single process. Two sums then make the gradient right. Each of W
processes back-propagates the whole loss, so the gradient that :class:`_Gather` adds up over processes is W
times the embedding's own; and DistributedDataParallel takes the mean over processes, which divides by W. What
each process computes in full by itself, such as the prototypes, has the same gradient everywhere, and the
mean leaves it as it is.
"""

from typing import Any

import torch.distributed as dist
from torch import Tensor
from torch.autograd import Function

from sharprecl.modeling import SharpReCLOutput


class _Gather(Function):
    """Rows of all processes; torch's own of this kind are deprecated or private."""

    @staticmethod
    def forward(context: Any, rows: Tensor) -> Tensor:
        """Rows [N, …] of each of W processes as [W, N, …]."""
        gathered = rows.new_empty(dist.get_world_size(), *rows.shape)
        dist.all_gather(list(gathered), rows.contiguous())
        return gathered

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        """The sum over processes of what each wants of this one's rows."""
        total = gradient.contiguous().clone()
        dist.all_reduce(total)
        return total[dist.get_rank()]


def gather_rows(rows: Tensor, num_views: int, num_texts: int) -> Tensor:
    """A batch's rows in the order of a single process: all first views, then all second ones.

    Args:
        rows: V·b rows of this process, its first views first, shape [V·b, …].
        num_views: V.
        num_texts: B, texts of the whole batch; what processes hold beyond them is filler and is cut off.

    Returns:
        Shape [V·B, …], the same in every process. Gradients reach the process that the rows came from.
    """
    gathered: Tensor = _Gather.apply(rows)  # [W, V·b, …]
    by_view: Tensor = gathered.unflatten(1, (num_views, -1)).transpose(0, 1)  # [V, W, b, …]
    whole: Tensor = by_view.flatten(1, 2)[:, :num_texts]  # [V, B, …]
    return whole.flatten(0, 1)


def gather_batch(
    output: SharpReCLOutput, labels: Tensor, num_views: int, num_texts: int
) -> tuple[SharpReCLOutput, Tensor]:
    """Output and labels of the whole batch; see :func:`gather_rows`.

    Args:
        output: of this process's rows; its prototypes are the same in all processes.
        labels: shape [V·b].
        num_views: V.
        num_texts: B.

    Returns:
        Output of V·B rows and labels, shape [V·B].
    """
    assert output.logits is not None  # noqa: S101 - for the type checker
    assert output.embeddings is not None  # noqa: S101 - for the type checker
    logits, embeddings, whole_labels = (
        gather_rows(rows, num_views, num_texts) for rows in (output.logits, output.embeddings, labels)
    )
    return SharpReCLOutput(None, logits, embeddings, output.prototypes), whole_labels


def texts_in_batch(step: int, num_texts: int, batch_size: int) -> int:
    """Texts of a step's batch: the last one of an epoch may be smaller.

    Accelerate fills it up with texts from the epoch's start, so that all processes have equally many; they
    come last and must not count.

    Args:
        step: 0-based training step.
        num_texts: of the training split.
        batch_size: B of a full batch.

    Returns:
        B of this batch.
    """
    steps_an_epoch = -(-num_texts // batch_size)
    return min(batch_size, num_texts - step % steps_an_epoch * batch_size)
