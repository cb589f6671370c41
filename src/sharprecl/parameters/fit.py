"""The ``fit`` block."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sharprecl.parameters.block import Block, Count, Fraction, Name, NonNegative, Positive, Probability


class FitParameters(Block):
    """Training of SharpReCL; defaults are the ``sharprecl`` preset (method.md sections 1–5)."""

    learning_rate: Positive = 1.5e-4
    head_learning_rate: Positive | None = None
    """Rate of the classifier and the projection heads; the encoder's own rate if not given."""
    epochs: Count = 6
    batch_size: Count = 64
    weight_decay: NonNegative = 0.01
    warmup_ratio: Fraction = 0.1
    max_grad_norm: Positive = 1.0
    early_stopping_patience: Count = 6
    """Epochs without a better validation macro-F1; the rate decays to the end, and gains come late."""
    selection_tolerance: Probability = 0.03
    """The last epoch within this of the best validation macro-F1 is chosen: so little is noise on a
    validation split, and later epochs have the lower rate. 0 takes the best."""
    temperature: Positive = 0.1
    """τ of the contrast."""
    num_positives: Annotated[int, Field(ge=0)] = 20
    """n_pos: positives in each class's target set (section 3)."""
    num_negatives: Annotated[int, Field(ge=0)] = 60
    """n_neg: negatives in each class's target set."""
    num_candidates: Count = 20
    """k: rows in each hard set, from which hard-mixup draws."""
    hard_ratio: Probability = 0.5
    """ρ in the first epoch: the share of the target set that hard-mixup makes."""
    final_hard_ratio: Probability = 1.0
    """ρ that the schedule moves towards; equal to ``hard_ratio`` for no schedule."""
    mixup_alpha: Annotated[float, Field(ge=0.01, allow_inf_nan=False)] = 0.5
    """α of λ ~ Beta(α, α), which mixes two hard rows."""
    classification_loss: Literal[
        "balanced_softmax", "cross_entropy", "class_balanced", "focal", "ldam_drw"
    ] = "balanced_softmax"
    focal_gamma: NonNegative = 2.0
    max_margin: Positive = 0.5
    """LDAM's margin of the smallest class, in cosine."""
    reweighting_start: Probability = 0.8
    """Share of the steps after which ``ldam_drw`` weighs classes by their effective number."""
    contrastive_loss: Literal["prototype", "supervised", "balanced"] = "prototype"
    """SharpReCL's; Gunel et al. 2021 on the texts alone; Zhu et al. 2022 with prototypes as complement."""
    contrastive_weight: NonNegative = 1.0
    """μ at the first step."""
    final_contrastive_weight: NonNegative | None = 0.0
    """μ after the last step, approached linearly; null keeps it constant."""
    consistency_weight: NonNegative = 0.0
    """Weight of the divergence between the predictions for the two views (R-Drop)."""
    class_weights: Literal["none", "raw", "mean1", "first"] = "none"
    """Weights of the contrastive anchors; ``first``: one class's for all, as released (method.md 6.2)."""
    first_class: Name | None = None
    """The label whose weight ``class_weights: first`` gives all; the first by name if not given."""
    effective_number_beta: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.9999
    """β of the effective numbers, in ``class_weights``, ``class_balanced`` and ``ldam_drw``."""
    classifier: Literal["linear", "cosine"] = "cosine"
    """Logits W h + b, or the cosines of h and the rows of W, times ``logit_scale``."""
    classifier_start: Literal["random", "class_means"] = "class_means"
    """Rows W before training, of which the prototypes are made: drawn, or turned towards the pretrained
    encoder's mean state of each class's training texts (200 of them at most), as seen from the middle of all
    classes."""
    logit_scale: Literal["raw", "unit", "learned"] | Positive = "learned"
    """Of a linear classifier: z as they are, z/‖z‖, or s·z/‖z‖ with s learned or the number given; of a
    cosine one: s times the cosines."""
    exclude_own_copies: bool = True
    """A copy of the anchor in its target set is neither its positive nor a candidate."""
    uniform_negatives: bool = False
    """Simple-sampled negatives: each other class alike, instead of as frequent as in the batch."""
    prototype_anchors: bool = True
    """Prototypes are anchors, too, not candidates alone."""
    class_averaged: bool = False
    """Each class's rows in the pool weigh in the contrastive denominator as one (Zhu et al. 2022)."""
    pooling: Literal["auto", "first", "mean"] = "auto"
    """h: the first token's state, the mean of all, or what the encoder was trained with."""
    embedding_dim: Count = 100
    """D: width of embeddings and prototypes."""
    head_norm: Literal["layer", "batch"] = "layer"
    """Norm within the projection heads; ``batch``, as published, mixes the rows of a batch."""
    dropout: Fraction | None = None
    """Dropout inside the encoder; the encoder's own if not given."""
    view: Literal["dropout", "word_dropout", "aug_text", "none"] = "dropout"
    """Second view: the same text under other dropout, seeded word dropout and swap, ``aug_text``, or no
    second view."""
    word_dropout: Fraction = 0.1
    word_swap: Fraction = 0.1
    retrain_classifier: bool = False
    """After training, fit the classifier anew on the frozen encoder, classes weighted alike (cRT)."""
    logit_adjustment: Literal["none", "validation"] = "validation"
    """After training, take τ′ log π off the logits, with the τ′ in [−2, 2] that validation macro-F1 prefers;
    below 0 it adds the prior (section 1)."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    micro_batches: Count = 1
    """Parts in which a batch passes the encoder, for less memory and one more forward pass; the loss sees the
    whole batch. Doubled by itself where a device's memory runs out."""
    eval_batch_size: Count = 256
    resume: bool = True

    def dump_decisive(self) -> dict[str, Any]:
        """The keys that decide what is learned: not those that only trade memory for speed, or do nothing."""
        exclude = {"resume", "eval_batch_size", "micro_batches"}
        if self.class_weights != "first":
            exclude.add("first_class")
        return self.model_dump(mode="json", exclude=exclude)

    @model_validator(mode="after")
    def _fits_together(self) -> "FitParameters":
        numeric = isinstance(self.logit_scale, float)
        if self.classifier == "cosine" and not (numeric or self.logit_scale == "learned"):
            raise ValueError("classifier: cosine needs logit_scale: learned or a number")
        if self.classification_loss == "ldam_drw" and not (self.classifier == "cosine" and numeric):
            raise ValueError(
                "classification_loss: ldam_drw needs classifier: cosine and a number as logit_scale"
            )
        if self.consistency_weight > 0.0 and self.view == "none":
            raise ValueError("consistency_weight needs two views: set view to dropout")
        if self.consistency_weight > 0.0 and self.view == "dropout" and self.dropout == 0.0:
            raise ValueError(
                "consistency_weight needs two views that differ: with dropout: 0 those of view: dropout are "
                "the same; set view to word_dropout"
            )
        if self.head_norm == "batch" and self.view == "none":
            raise ValueError(
                "head_norm: batch needs two rows at least, and with view: none a batch may hold one text; "
                "set view to dropout"
            )
        if self.retrain_classifier and (self.classifier != "linear" or self.logit_scale != "raw"):
            raise ValueError("retrain_classifier needs classifier: linear and logit_scale: raw")
        return self
