"""Mutations of the functional layer: each breaks one term of the method."""

from typing import NamedTuple


class Mutation(NamedTuple):
    """One replacement of a text that stands exactly once in a module of ``sharprecl.functional``."""

    name: str
    module: str
    old: str
    new: str


MUTATIONS = (
    Mutation(
        "synthetic positives are not positives",
        "contrastive",
        "(other_mask & same_class_mask, made_positive_mask,",
        "(other_mask & same_class_mask, torch.zeros_like(made_positive_mask),",
    ),
    Mutation(
        "synthetic positives left out of the denominator",
        "contrastive",
        "torch.cat((other_mask, made_positive_mask, made_negative_mask)",
        "torch.cat((other_mask, torch.zeros_like(made_positive_mask), made_negative_mask)",
    ),
    Mutation(
        "synthetic negatives left out of the denominator",
        "contrastive",
        "torch.cat((other_mask, made_positive_mask, made_negative_mask)",
        "torch.cat((other_mask, made_positive_mask, torch.zeros_like(made_negative_mask))",
    ),
    Mutation(
        "pool negatives left out of the denominator",
        "contrastive",
        "torch.cat((other_mask, made_positive_mask, made_negative_mask)",
        "torch.cat((other_mask & same_class_mask, made_positive_mask, made_negative_mask)",
    ),
    Mutation(
        "parts of a target set that do not belong together pass",
        "contrastive",
        "    if not fits:",
        "    if False:",
    ),
    Mutation(
        "a mixture to nothing is scaled up",
        "mixup",
        "return normalize(mixed, dim=-1, eps=math.sqrt(smallest_squared_norm(mixed.dtype)))",
        "return normalize(mixed, dim=-1)",
    ),
    Mutation("no temperature", "contrastive", "similarities / temperature", "similarities / 1.0"),
    Mutation(
        "no class weights",
        "contrastive",
        "if class_weights is not None:\n        anchor_loss",
        "if False:\n        anchor_loss",
    ),
    Mutation(
        "class 0 weighs every anchor",
        "contrastive",
        "class_weights.to(logits.device, logits.dtype)[labels]",
        "class_weights.to(logits.device, logits.dtype)[0]",
    ),
    Mutation("divided by M", "contrastive", "kept_mask.sum().clamp(min=1)", "kept_mask.numel()"),
    Mutation(
        "divided by the weights' sum",
        "contrastive",
        "kept_mask.sum().clamp(min=1)",
        "(kept_mask * (1 if class_weights is None else class_weights[labels])).sum()",
    ),
    Mutation("divisor not kept above 0", "contrastive", "kept_mask.sum().clamp(min=1)", "kept_mask.sum()"),
    Mutation(
        "anchors without positive kept",
        "contrastive",
        "torch.where(kept_mask, log_denominator - positive_mean, 0.0)",
        "log_denominator - positive_mean",
    ),
    Mutation("positives summed, not averaged", "contrastive", " / num_positives.clamp(min=1)", ""),
    Mutation(
        "no self mask",
        "contrastive",
        "other_mask = rows.unsqueeze(0) != rows.unsqueeze(1)",
        "other_mask = torch.ones((len(rows), len(rows)), dtype=torch.bool, device=rows.device)",
    ),
    Mutation("own copies always kept", "contrastive", "if exclude_own_copies:", "if False:"),
    Mutation("own copies always left out", "contrastive", "if exclude_own_copies:", "if True:"),
    Mutation("a mixture with one own source left out", "contrastive", ".any(dim=2)", ".all(dim=2)"),
    Mutation(
        "class 0's target set for every anchor",
        "contrastive",
        "synthetic.flatten(1), labels)",
        "synthetic.flatten(1), 0 * labels)",
    ),
    Mutation(
        "half precision not raised",
        "contrastive",
        "at_least_float32(pool)",
        "pool",
    ),
    Mutation(
        "target set detached", "contrastive", ".to(pool.dtype)  # [C, P+Q, D]", ".to(pool.dtype).detach()"
    ),
    Mutation(
        "easiest positives", "mining", "_hardest(-similarity, member_mask", "_hardest(similarity, member_mask"
    ),
    Mutation(
        "easiest negatives",
        "mining",
        "_hardest(similarity, ~member_mask",
        "_hardest(-similarity, ~member_mask",
    ),
    Mutation(
        "negatives from the class itself",
        "mining",
        "_hardest(similarity, ~member_mask",
        "_hardest(similarity, member_mask",
    ),
    Mutation("k ignored", "mining", "k = min(num_candidates, hardness.shape[1])", "k = hardness.shape[1]"),
    Mutation(
        "no normalisation after mixup",
        "mixup",
        "return normalize(mixed, dim=-1, eps=math.sqrt(smallest_squared_norm(mixed.dtype)))",
        "return mixed",
    ),
    Mutation(
        "mixture detached",
        "mixup",
        "return normalize(mixed, dim=-1,",
        "return normalize(mixed.detach(), dim=-1,",
    ),
    Mutation(
        "second source detached",
        "mixup",
        "take_rows(pool, pairs[..., 1])",
        "take_rows(pool, pairs[..., 1]).detach()",
    ),
    Mutation("i = j allowed", "mixup", "second + (second >= first), second)", "second, second)"),
    Mutation("mixed with the second row only", "mixup", "weight * take_rows(pool, pairs[..., 0]) + ", ""),
    Mutation("λ uniform", "mixup", "(*shape, 2), mixup_alpha,", "(*shape, 2), 1.0,"),
    Mutation("λ from the global state", "mixup", "(concentration, generator=generator)", "(concentration)"),
    Mutation("ratio ignored", "target_set", "_num_mixed(hard_ratio, num_positives)", "num_positives"),
    Mutation(
        "ratio ignored for negatives",
        "target_set",
        "_num_mixed(hard_ratio, num_negatives)",
        "num_negatives // 2",
    ),
    Mutation("ceiling for floor", "target_set", "math.floor(", "math.ceil("),
    Mutation("floor of the rounded product", "target_set", "num_rows + 1e-9", "num_rows"),
    Mutation(
        "simple positives from the hard set",
        "target_set",
        "draw_members(index, num_positives - num_hard_positives, generator)",
        "draw_pairs(hard_positives, num_positives - num_hard_positives, generator)[..., 0]",
    ),
    Mutation(
        "simple negatives from the hard set",
        "target_set",
        "draw_negatives(index, num_negatives - num_hard_negatives, generator)",
        "draw_pairs(hard_negatives, num_negatives - num_hard_negatives, generator)[..., 0]",
    ),
    Mutation(
        "simple samples detached",
        "target_set",
        "take_rows(pool, recipe.sources[:, num_mixed:, 0])",
        "take_rows(pool, recipe.sources[:, num_mixed:, 0]).detach()",
    ),
    Mutation(
        "simple samples first",
        "target_set",
        "(mixed, take_rows(pool, recipe.sources[:, num_mixed:, 0]))",
        "(take_rows(pool, recipe.sources[:, num_mixed:, 0]), mixed)",
    ),
    Mutation(
        "simple draws from the global state",
        "sampling",
        "torch.rand(shape, generator=generator,",
        "torch.rand(shape,",
    ),
    Mutation(
        "own block not stepped over",
        "sampling",
        "ranks + own_block_passed * index.counts.unsqueeze(1)",
        "ranks",
    ),
    Mutation(
        "last row of a class never drawn",
        "sampling",
        "(uniform.to(limits.device) * limits.unsqueeze(1)).long()",
        "(uniform.to(limits.device) * (limits - 1).unsqueeze(1)).long()",
    ),
    Mutation("prior omitted", "classification", " + log_prior.to(raised.device, raised.dtype)", ""),
    Mutation("prior subtracted", "classification", " + log_prior.to", " - log_prior.to"),
    Mutation(
        "rows summed, not averaged", "classification", "dtype), labels)", 'dtype), labels, reduction="sum")'
    ),
    Mutation(
        "prior not divided by N",
        "priors",
        "counts.log() - counts.sum().log()",
        "counts.log() - counts.max().log()",
    ),
    Mutation(
        "mean of the effective numbers dropped",
        "priors",
        "effective_number.mean() / effective_number",
        "1.0 / effective_number",
    ),
    Mutation(
        "effective number turned over",
        "priors",
        "effective_number.mean() / effective_number",
        "effective_number / effective_number.mean()",
    ),
    Mutation("digits lost near β = 1", "priors", "-torch.expm1(beta_power)", "(1.0 - beta_power.exp())"),
    Mutation(
        "ratio does not grow",
        "schedule",
        "+ (final_ratio - initial_ratio) * epoch / num_epochs",
        "+ 0.0 * epoch / num_epochs",
    ),
    Mutation("ratio always moves to 1", "schedule", "(final_ratio - initial_ratio)", "(1.0 - initial_ratio)"),
    Mutation(
        "ratio grows past its end",
        "schedule",
        "return min(max(ratio, lowest), highest)",
        "return max(ratio, lowest)",
    ),
    Mutation(
        "ratio falls past its end",
        "schedule",
        "return min(max(ratio, lowest), highest)",
        "return min(ratio, highest)",
    ),
    Mutation(
        "ratio stays unless it grows",
        "schedule",
        "sorted((initial_ratio, final_ratio))",
        "(initial_ratio, final_ratio)",
    ),
    Mutation(
        "recipe: norm of the mixture left out",
        "recipe_contrastive",
        "return weight / norm, other / norm",
        "return weight, other",
    ),
    Mutation(
        "recipe: rows taken for unit rows",
        "recipe_contrastive",
        "weight.square() * _entries(gram, first, first)",
        "weight.square()",
    ),
    Mutation(
        "recipe: cross term of the norm left out",
        "recipe_contrastive",
        "\n        + 2 * weight * other * _entries(gram, first, second)",
        "",
    ),
    Mutation(
        "recipe: norm detached",
        "recipe_contrastive",
        "norm = squared_norm.clamp",
        "norm = squared_norm.detach().clamp",
    ),
    Mutation(
        "recipe: second source left out",
        "recipe_contrastive",
        "mixed = mixed + take_rows(second_share, labels) * to_second",
        "mixed = mixed + 0 * to_second",
    ),
    Mutation(
        "recipe: simple samples left out",
        "recipe_contrastive",
        "to_first[:, num_mixed:]), dim=1)",
        "0 * to_first[:, num_mixed:]), dim=1)",
    ),
    Mutation("consistency: one direction only", "consistency", "(forward + backward) / 2", "forward"),
    Mutation(
        "consistency: sum instead of mean", "consistency", "(forward + backward) / 2", "forward + backward"
    ),
    Mutation(
        "consistency: second view detached",
        "consistency",
        "kl_div(second, first,",
        "kl_div(second.detach(), first,",
    ),
    Mutation(
        "consistency: mean over classes, too",
        "consistency",
        'kl_div(second, first, reduction="batchmean"',
        'kl_div(second, first, reduction="mean"',
    ),
    Mutation("focal: no focus", "focal", " * torch.exp(gamma * logsigmoid(-lead))", ""),
    Mutation(
        "focal: focus on what is predicted well",
        "focal",
        "gamma * logsigmoid(-lead)",
        "gamma * logsigmoid(lead)",
    ),
    Mutation("focal: γ ignored", "focal", "gamma * logsigmoid(-lead)", "2 * logsigmoid(-lead)"),
    Mutation(
        "focal: focus detached",
        "focal",
        "torch.exp(gamma * logsigmoid(-lead))",
        "torch.exp(gamma * logsigmoid(-lead)).detach()",
    ),
    Mutation(
        "focal: digits lost where p rounds to 1",
        "focal",
        "-logsigmoid(lead) * torch",
        "-torch.sigmoid(lead).log() * torch",
    ),
    Mutation(
        "focal: own class among the others", "focal", "logits.masked_fill(own_mask, -torch.inf)", "logits"
    ),
    Mutation(
        "focal: no class weights",
        "focal",
        "if class_weights is None:\n        return",
        "if True:\n        return",
    ),
    Mutation("focal: weighted sum divided by B", "focal", "/ weights.sum()", "/ len(weights)"),
    Mutation(
        "focal: class 0 weighs every row", "focal", "losses.dtype)[labels]", "losses.dtype)[0 * labels]"
    ),
    Mutation("focal: rows summed, not averaged", "focal", "losses.mean()", "losses.sum()"),
    Mutation(
        "focal: half precision not raised",
        "focal",
        "at_least_float32(logits)",
        "logits",
    ),
    Mutation("margin: square root for fourth root", "margin", "** 0.25", "** 0.5"),
    Mutation(
        "margin: widest for the commonest class", "margin", "counts.min() / counts", "counts / counts.max()"
    ),
    Mutation("margin: largest not set", "margin", "max_margin * (counts.min() / counts)", "(1.0 / counts)"),
    Mutation("margin: not scaled", "margin", "(scale * margins", "(margins"),
    Mutation("margin: scale detached", "margin", "(scale * margins", "(float(scale) * margins"),
    Mutation("margin: added", "margin", "raised - required", "raised + required"),
    Mutation("margin: left out", "margin", "raised - required", "raised"),
    Mutation(
        "margin: taken off every class",
        "margin",
        "required = own_mask *",
        "required = torch.ones_like(own_mask) *",
    ),
    Mutation("margin: no class weights", "margin", "weight=weights", "weight=None"),
    Mutation(
        "margin: half precision not raised",
        "margin",
        "at_least_float32(logits)",
        "logits",
    ),
    Mutation(
        "balanced: no class averaging",
        "balanced_contrastive",
        " - log_candidate_counts(pool_labels, num_classes, num_anchors, dtype=pool.dtype)",
        "",
    ),
    Mutation(
        "balanced: averaged positives",
        "balanced_contrastive",
        "(logits * positive_mask)",
        "(averaged * positive_mask)",
    ),
    Mutation(
        "balanced: no self mask",
        "balanced_contrastive",
        "averaged.masked_fill(~other_mask, -torch.inf)",
        "averaged",
    ),
    Mutation(
        "balanced: anchors are their own positives",
        "balanced_contrastive",
        "positive_mask = other_mask & (",
        "positive_mask = (",
    ),
    Mutation(
        "balanced: prototypes are no positives",
        "balanced_contrastive",
        "positive_mask = other_mask & (",
        "positive_mask = other_mask & (torch.arange(len(pool)) < num_anchors) & (",
    ),
    Mutation(
        "balanced: prototypes left out of the denominator",
        "balanced_contrastive",
        "averaged.masked_fill(~other_mask, -torch.inf)",
        "averaged.masked_fill(~other_mask, -torch.inf)[:, :num_anchors]",
    ),
    Mutation("balanced: no temperature", "balanced_contrastive", "pool.T / temperature", "pool.T"),
    Mutation(
        "balanced: positives summed, not averaged",
        "balanced_contrastive",
        " / positive_mask.sum(dim=1)  #",
        "  #",
    ),
    Mutation(
        "balanced: anchors summed, not averaged",
        "balanced_contrastive",
        "(log_denominator - positive_mean).mean()",
        "(log_denominator - positive_mean).sum()",
    ),
    Mutation(
        "balanced: prototypes detached",
        "balanced_contrastive",
        "torch.cat((embeddings, prototypes))",
        "torch.cat((embeddings, prototypes.detach()))",
    ),
    Mutation(
        "balanced: half precision not raised",
        "balanced_contrastive",
        "at_least_float32(torch.cat((embeddings, prototypes)))",
        "torch.cat((embeddings, prototypes))",
    ),
    Mutation(
        "class averaging: anchor counted in its class",
        "class_averaging",
        "row_counts.unsqueeze(0) - same_class_mask.long()",
        "row_counts.unsqueeze(0) - 0 * same_class_mask.long()",
    ),
    Mutation(
        "class averaging: pool's weight not kept",
        "class_averaging",
        "math.log(max(len(labels) - 1, 1)) - present",
        "0.0 - present",
    ),
    Mutation(
        "class averaging: anchor counted in the pool's weight",
        "class_averaging",
        "len(labels) - 1, 1)",
        "len(labels), 1)",
    ),
    Mutation(
        "class averaging: not divided by the classes",
        "class_averaging",
        " - present.clamp(min=1).to(dtype).log()",
        " - 0 * present.to(dtype)",
    ),
    Mutation(
        "class averaging: divided by all classes",
        "class_averaging",
        "(counts > 0).sum()",
        "torch.full_like(labels, num_classes)",
    ),
    Mutation(
        "class averaging: a lone anchor's class counted as present",
        "class_averaging",
        " - (counts[labels] == 1).long()",
        " - 0 * labels",
    ),
    Mutation(
        "class averaging: a class is never left without candidates",
        "class_averaging",
        ".clamp(min=1).to(dtype).log()\n\n\ndef",
        ".to(dtype).log()\n\n\ndef",
    ),
    Mutation(
        "class averaging ignored",
        "contrastive",
        "_class_average(logits, labels, num_classes) if class_averaged else",
        "logits if class_averaged else",
    ),
    Mutation(
        "class averaging always on",
        "contrastive",
        "num_classes) if class_averaged else logits",
        "num_classes)",
    ),
    Mutation(
        "class averaging of the positives",
        "contrastive",
        "(logits * positive_mask)",
        "(weighted * positive_mask)",
    ),
    Mutation(
        "class averaging of synthetic rows",
        "contrastive",
        "log_weights.shape[1]))",
        "log_weights.shape[1]), value=-1.0)",
    ),
    Mutation(
        "anchor mask ignored",
        "contrastive",
        "if anchor_mask is None else anchor_mask & (num_positives > 0)",
        "",
    ),
    Mutation(
        "anchors of the mask kept without a positive",
        "contrastive",
        "else anchor_mask & (num_positives > 0)",
        "else anchor_mask",
    ),
    Mutation(
        "masked rows are no candidates",
        "contrastive",
        "weighted.masked_fill(~candidate_mask,",
        "weighted.masked_fill(~candidate_mask | "
        "(False if anchor_mask is None else pad(~anchor_mask, (0, logits.shape[1] - len(labels)))),",
    ),
    Mutation("anchor mask not passed on", "contrastive", "        anchor_mask=anchor_mask,\n", ""),
    Mutation("class averaging not passed on", "contrastive", "        class_averaged=class_averaged,\n", ""),
    Mutation(
        "recipe: anchor mask not passed on", "recipe_contrastive", "        anchor_mask=anchor_mask,\n", ""
    ),
    Mutation(
        "recipe: class averaging not passed on",
        "recipe_contrastive",
        "        class_averaged=class_averaged,\n",
        "",
    ),
    Mutation(
        "uniform negatives ignored",
        "target_set",
        "draw_others_by_class if uniform_negatives else draw_others\n",
        "draw_others\n",
    ),
    Mutation(
        "negatives always uniform",
        "target_set",
        "draw_others_by_class if uniform_negatives else draw_others\n",
        "draw_others_by_class\n",
    ),
    Mutation(
        "uniform negatives not passed on", "target_set", "        uniform_negatives=uniform_negatives,\n", ""
    ),
    Mutation(
        "uniform negatives: own class not stepped over",
        "sampling",
        "others = ranks + (ranks >= classes)",
        "others = ranks",
    ),
    Mutation(
        "uniform negatives: last class never drawn",
        "sampling",
        "index.counts.shape[0] - 1)",
        "max(index.counts.shape[0] - 2, 1))",
    ),
    Mutation(
        "uniform negatives: first row of a class only",
        "sampling",
        "index.starts[others] + places",
        "index.starts[others] + 0 * places",
    ),
    Mutation(
        "uniform negatives: last row of a class never drawn",
        "sampling",
        "index.counts[others].flatten()",
        "(index.counts[others].flatten() - 1).clamp(min=1)",
    ),
    Mutation(
        "uniform negatives: rows from the global state",
        "sampling",
        "index.counts[others].flatten(), 1, generator)",
        "index.counts[others].flatten(), 1, None)",
    ),
    Mutation(
        "uniform negatives: classes from the global state",
        "sampling",
        "- 1), num_samples, generator)",
        "- 1), num_samples, None)",
    ),
)
