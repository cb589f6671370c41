"""The model that a training starts from."""

import logging

from sharprecl.modeling import SharpReCL, SharpReCLConfig
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.modeling.encoders import default_pooling, has_dropout, load_encoder
from sharprecl.parameters import FitParameters
from sharprecl.training.job import TrainingJob

logger = logging.getLogger(__name__)


def build_model(
    encoder: str,
    label_names: list[str],
    class_counts: list[int],
    parameters: FitParameters,
    device: str | None = None,
) -> SharpReCL:
    """SharpReCL with a pretrained encoder and new heads.

    Args:
        encoder: as for :func:`~sharprecl.modeling.encoders.load_encoder`.
        label_names: class names in label order, length C.
        class_counts: training texts per class, length C.
        parameters: the ``fit`` block.
        device: ``cuda``, ``mps`` or ``cpu`` that it is made ready for; as transformers has it without.

    Returns:
        The model, still on the CPU, in float32; its new weights come from torch's global generator.
    """
    pretrained = load_encoder(encoder, parameters.dropout)
    pooling = default_pooling(encoder) if parameters.pooling == "auto" else parameters.pooling
    config = SharpReCLConfig(
        encoder=pretrained.config.to_dict(),
        pooling=pooling,
        embedding_dim=parameters.embedding_dim,
        head_norm=parameters.head_norm,
        classifier=parameters.classifier,
        logit_scale=parameters.logit_scale,
        class_counts=class_counts,
        id2label=dict(enumerate(label_names)),
        label2id={label: index for index, label in enumerate(label_names)},
    )
    model = SharpReCL(config, pretrained)
    if device == "cpu":
        prepare_for_cpu(model.encoder)
    return model


def build_model_of(job: TrainingJob, device: str) -> SharpReCL:
    """A job's model, made ready for the device it is to run on, still on the CPU.

    Args:
        job: what is trained.
        device: ``cuda``, ``mps`` or ``cpu``.

    Returns:
        The model; its new weights come from torch's global generator.
    """
    counts = job.class_counts().tolist()
    model = build_model(job.encoder, job.label_names, counts, job.parameters, device)
    model.num_micro_batches = job.parameters.micro_batches
    if job.parameters.view == "dropout" and not has_dropout(model.encoder.config):
        logger.warning(
            "fit.view is dropout, but this encoder has none: both views of a text are the same, and take "
            "twice the time; set fit.dropout=0.1, or fit.view to word_dropout or none"
        )
    return model
