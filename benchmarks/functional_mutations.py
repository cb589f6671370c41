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
    Mutation("divided by M", "contrastive", "anchor_mask.sum().clamp(min=1)", "anchor_mask.numel()"),
    Mutation(
        "divided by the weights' sum",
        "contrastive",
        "anchor_mask.sum().clamp(min=1)",
        "(anchor_mask * (1 if class_weights is None else class_weights[labels])).sum()",
    ),
    Mutation(
        "divisor not kept above 0", "contrastive", "anchor_mask.sum().clamp(min=1)", "anchor_mask.sum()"
    ),
    Mutation(
        "anchors without positive kept",
        "contrastive",
        "torch.where(anchor_mask, log_denominator - positive_mean, 0.0)",
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
        "torch.promote_types(pool.dtype, torch.float32)",
        "pool.dtype",
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
    Mutation("no normalisation after mixup", "mixup", "return normalize(mixed, dim=-1)", "return mixed"),
    Mutation(
        "mixture detached",
        "mixup",
        "return normalize(mixed, dim=-1)",
        "return normalize(mixed, dim=-1).detach()",
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
        "draw_others(index, num_negatives - num_hard_negatives, generator)",
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
        "(uniform.to(limits.device) * bounds).long()",
        "(uniform.to(limits.device) * (bounds - 1)).long()",
    ),
    Mutation("prior omitted", "classification", " + log_prior.to(logits.device, dtype)", ""),
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
        "+ (1.0 - initial_ratio) * epoch / num_epochs",
        "+ 0.0 * epoch / num_epochs",
    ),
    Mutation(
        "ratio grows past 1",
        "schedule",
        "return min(initial_ratio + (1.0 - initial_ratio) * epoch / num_epochs, 1.0)",
        "return initial_ratio + (1.0 - initial_ratio) * epoch / num_epochs",
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
)
