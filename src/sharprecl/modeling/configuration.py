"""The model's configuration."""

from typing import Any

from transformers import AutoConfig, PretrainedConfig


class SharpReCLConfig(PretrainedConfig):
    """Configuration of :class:`~sharprecl.modeling.model.SharpReCL`.

    Attributes:
        encoder: configuration of the text encoder, or its dictionary.
        pooling: ``first`` token or ``mean`` of the tokens.
        embedding_dim: D, width of the contrastive space.
        head_norm: ``layer`` or ``batch`` norm in the projection heads.
        classifier: ``linear``, or ``cosine`` of states and weight rows.
        logit_scale: ``raw``, ``unit``, ``learned`` or a positive number.
        class_counts: training texts per class, in label order; the prior of the loss.
        logit_offset: added to the logits outside training, length C; what logit adjustment found.
        calibration_temperature: T by which logits are divided before probabilities are read off.
        abstention_curve: points [threshold, precision, coverage] of the validation split's calibrated
            predictions; says below which probability to abstain.
        made_with: parameters of the training by dotted key; None where they are not known.
        data_digest: digest of the token table it was trained on, all splits; None where it is not known.
    """

    model_type = "sharprecl"
    sub_configs = {"encoder": AutoConfig}  # noqa: RUF012 - transformers reads a plain class attribute
    # Prototypes are the same for all rows: the Trainer must not gather them row by row.
    keys_to_ignore_at_inference = ["embeddings", "prototypes"]  # noqa: RUF012 - likewise

    encoder: PretrainedConfig | dict[str, Any] | None = None
    pooling: str = "mean"
    embedding_dim: int = 100
    head_norm: str = "layer"
    classifier: str = "linear"
    logit_scale: str | float = "raw"
    class_counts: list[int] | None = None
    logit_offset: list[float] | None = None
    calibration_temperature: float = 1.0
    abstention_curve: list[list[float]] | None = None
    made_with: dict[str, Any] | None = None
    data_digest: str | None = None

    def __post_init__(self, **kwargs: Any) -> None:
        """Build the encoder's configuration from its dictionary."""
        if self.encoder is None:
            self.encoder = AutoConfig.for_model("bert")
        elif isinstance(self.encoder, dict):
            self.encoder = AutoConfig.for_model(**self.encoder)
        super().__post_init__(**kwargs)

    @property
    def num_classes(self) -> int:
        """C."""
        return len(self.label_names)

    @property
    def label_names(self) -> list[str]:
        """Class names in label order, length C."""
        names = {int(index): str(name) for index, name in (self.id2label or {}).items()}
        return [names[index] for index in range(len(names))]

    @property
    def hidden_size(self) -> int:
        """H, the encoder's width."""
        return int(self.encoder.hidden_size)  # type: ignore[union-attr]
