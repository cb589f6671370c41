"""SharpReCL as a transformers model: encoder, balanced classification branch, contrastive branch."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, PreTrainedModel
from transformers.utils.generic import ModelOutput

from sharprecl.functional import balanced_softmax_loss
from sharprecl.modeling.configuration import SharpReCLConfig
from sharprecl.modeling.heads import LogitScale, ProjectionHead, build_classifier
from sharprecl.modeling.length_groups import encode_in_length_groups
from sharprecl.modeling.micro_batches import encode_in_micro_batches
from sharprecl.modeling.packed_attention import PACKED
from sharprecl.modeling.packing import encode_packed
from sharprecl.modeling.pooling import pool_tokens


@dataclass
class SharpReCLOutput(ModelOutput):
    """What a forward pass returns.

    Attributes:
        loss: balanced softmax loss, where labels were given.
        logits: z, shape [B, C]; outside training plus ``config.logit_offset``, where there is one.
        embeddings: f, unit rows, shape [B, D].
        prototypes: p, unit rows, shape [C, D]; in training mode only.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    embeddings: Tensor | None = None
    prototypes: Tensor | None = None


class SharpReCL(PreTrainedModel):
    """Encoder with two branches (method.md section 1).

    Logits come from a linear or cosine classifier on the pooled state; embeddings f = n(g_f(h)); the class
    prototypes are the classifier's own weight rows, projected: p = n(g_p(W)).

    Args:
        config: the model's configuration.
        encoder: a ready encoder; built from the configuration, with random weights, if None.

    Attributes:
        num_micro_batches: parts in which a batch passes the encoder while gradients are wanted.
    """

    config_class = SharpReCLConfig
    base_model_prefix = "encoder"
    main_input_name = "input_ids"
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def __init__(self, config: SharpReCLConfig, encoder: PreTrainedModel | None = None) -> None:
        super().__init__(config)
        self.num_micro_batches = 1
        self.encoder = encoder if encoder is not None else AutoModel.from_config(config.encoder)
        self.classifier = build_classifier(config.classifier, config.hidden_size, config.num_classes)
        self.logit_scale = LogitScale(config.logit_scale, normalizes=config.classifier != "cosine")
        self.embedding_head = ProjectionHead(config.hidden_size, config.embedding_dim, config.head_norm)
        self.prototype_head = ProjectionHead(config.hidden_size, config.embedding_dim, config.head_norm)
        self.post_init()

    def prototypes(self) -> Tensor:
        """p = n(g_p(W)), unit rows, shape [C, D]."""
        prototypes: Tensor = self.prototype_head(self.classifier.weight)
        return prototypes

    def encode(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Pooled states h, shape [B, H], of right-padded token rows, shape [B, L].

        On a CPU the rows pass packed, or in length groups if the encoder cannot take them so; on an
        accelerator reading lengths back would make the host wait, so the padded batch goes through as it
        is.
        """
        if self.num_micro_batches > 1 and torch.is_grad_enabled():
            return encode_in_micro_batches(
                self._encode_rows, input_ids, attention_mask, self.num_micro_batches
            )
        return self._encode_rows(input_ids, attention_mask)

    def _encode_rows(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        if self.encoder.config._attn_implementation == PACKED:
            return encode_packed(self.encoder, input_ids, attention_mask, self.config.pooling)
        if input_ids.device.type == "cpu":
            return encode_in_length_groups(self._encode_padded, input_ids, attention_mask)
        return self._encode_padded(input_ids, attention_mask)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        **_: Any,
    ) -> SharpReCLOutput:
        """Classify and embed.

        Args:
            input_ids: right-padded token ids, shape [B, L].
            attention_mask: 1 on real tokens, shape [B, L]; all real if None.
            labels: shape [B]; with them the output carries the balanced softmax loss.

        Returns:
            Logits, embeddings, prototypes in training mode, and the loss where labels were given.

        Raises:
            ValueError: if labels are given and the configuration has no class counts.
        """
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        states = self.encode(input_ids, attention_mask)  # [B, H]
        # In half precision cosines of like classes tie, and unit rows are off by three thousandths.
        with torch.autocast(states.device.type, enabled=False):
            return self._apply_heads(states, labels)

    def _apply_heads(self, states: Tensor, labels: Tensor | None) -> SharpReCLOutput:
        logits = self.logit_scale(self.classifier(states))
        loss = None
        if labels is not None:
            if self.config.class_counts is None:
                raise ValueError("a loss needs config.class_counts, the training texts per class")
            counts = torch.tensor(self.config.class_counts, device=logits.device)
            loss = balanced_softmax_loss(logits, labels, counts)  # of the logits before their offset
        if self.config.logit_offset is not None and not self.training:
            logits = logits + torch.tensor(self.config.logit_offset, dtype=logits.dtype, device=logits.device)
        # Only training needs prototypes from here; predicting code takes outputs apart row by row.
        prototypes = self.prototypes() if self.training else None
        return SharpReCLOutput(loss, logits, self.embedding_head(states), prototypes)

    def _encode_padded(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        token_states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return pool_tokens(token_states, attention_mask, self.config.pooling)


# transformers' Auto classes know the model type once this module is loaded.
AutoConfig.register(SharpReCLConfig.model_type, SharpReCLConfig, exist_ok=True)
AutoModelForSequenceClassification.register(SharpReCLConfig, SharpReCL, exist_ok=True)
