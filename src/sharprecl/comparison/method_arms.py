"""All arms of one method: its grid of learning rates on the first seed, then the other seeds.

Arms that differ in the adjustment of their logits alone share a training: the store has its scores as they
are before, and the adjustment is found anew whenever an arm is read.
"""

import logging
import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch

from sharprecl.comparison.arm_store import ArmStore, StoredScores
from sharprecl.comparison.arms import Arm, arm_key, with_changes
from sharprecl.comparison.corpus_splits import ComparisonData
from sharprecl.comparison.peak_memory import peak_memory_gib, reset_peak_memory
from sharprecl.comparison.progress import ComparisonProgress
from sharprecl.functional import log_class_prior
from sharprecl.modeling import TrainedModel, load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.training import fit_model
from sharprecl.training.callbacks import MetricsSink
from sharprecl.training.post_hoc import Split, macro_f1, tune_logit_adjustment

logger = logging.getLogger(__name__)

ArmTracker = Callable[[Arm], AbstractContextManager[MetricsSink]]
"""Opens a tracked run for an arm while it trains, and takes its metrics."""


class FinishedArm(NamedTuple):
    """An arm with both splits scored.

    Attributes:
        arm: what was trained.
        validation: scores of the validation texts.
        test: scores of the test texts, read once.
    """

    arm: Arm
    validation: StoredScores
    test: StoredScores


class TrainedArms:
    """Trains arms that are not in the store yet.

    Args:
        data: the corpus.
        store: results that are there already, and where new ones go.
        checkpoints: folder for checkpoints while an arm trains.
        track: opens a tracked run for each arm that is trained.
        progress: told of each arm before it is trained.
    """

    def __init__(
        self,
        data: ComparisonData,
        store: ArmStore,
        checkpoints: Path,
        track: ArmTracker,
        progress: ComparisonProgress,
    ) -> None:
        self.data = data
        self.store = store
        self.checkpoints = checkpoints
        self.track = track
        self.progress = progress
        self._seen: set[str] = set()
        """Keys of trainings that this process made, or told to be there."""

    def run(
        self,
        method: str,
        fit: FitParameters,
        seeds: Sequence[int],
        learning_rates: Sequence[float],
        *,
        keep_models: bool = False,
    ) -> list[FinishedArm]:
        """Choose the learning rate on the first seed's validation texts, then score the test texts.

        Args:
            method: its name.
            fit: its ``fit`` block.
            seeds: of the trainings.
            learning_rates: tried on the first seed.
            keep_models: those of rates that were not chosen; another method that shares the trainings may
                choose one of them.

        Returns:
            One arm a seed, all with the chosen rate.
        """
        grid = [Arm(method, seeds[0], with_changes(fit, {"learning_rate": rate})) for rate in learning_rates]
        chosen = max(grid, key=self._validation_macro_f1)
        arms = [chosen._replace(seed=seed) for seed in seeds]
        self.progress.expect([arm_key(arm.training, self.data.digest) for arm in arms])
        finished = [self._finish(arm) for arm in arms]
        for arm in [] if keep_models else grid:
            with self._claim(arm) as key:
                self.store.discard_model(key)
        return finished

    def _validation_macro_f1(self, arm: Arm) -> float:
        with self._claim(arm):
            trained = self._train(arm)
        (scores,) = self._adjust(arm, trained)
        return macro_f1(scores.logits.argmax(axis=1), self.data.labels("validation"))

    def _finish(self, arm: Arm) -> FinishedArm:
        with self._claim(arm) as key:
            validation, test = self._train(arm), self.store.load(key, "test")
            if test is None:
                model = self.store.load_model(key, arm.fit.device if arm.fit else "auto")
                if model is None:  # both splits must be scored by one model
                    model, validation = self._fit(arm)
                test = StoredScores(model.score(self.data.token_rows("test")).logits, {})
                self.store.save(key, "test", test)
            self.store.discard_model(key)
        return FinishedArm(arm, *self._adjust(arm, validation, test))

    @contextmanager
    def _claim(self, arm: Arm) -> Iterator[str]:
        """The key of an arm's training, which no other process works on meanwhile."""
        key = arm_key(arm.training, self.data.digest)
        with self.store.claim(key):
            yield key

    def _adjust(self, arm: Arm, validation: StoredScores, *others: StoredScores) -> list[StoredScores]:
        """Scores as the arm has them: less the share of log π that its validation texts ask for."""
        if not arm.adjusts_logits:
            return [validation, *others]
        log_prior = log_class_prior(torch.from_numpy(self.data.class_counts)).numpy()
        tau = tune_logit_adjustment(Split(validation.logits, self.data.labels("validation")), log_prior)
        offset = (-tau * log_prior).astype(np.float32)
        return [scores._replace(logits=scores.logits + offset) for scores in (validation, *others)]

    def _train(self, arm: Arm) -> StoredScores:
        """Validation scores of an arm's training, trained now if the store has none."""
        key = arm_key(arm.training, self.data.digest)
        stored = self.store.load(key, "validation")
        if stored is None:
            return self._fit(arm).scores
        if key not in self._seen:
            self._seen.add(key)
            logger.info(
                "%s, seed %d, learning rate %g: taken from %s",
                arm.method,
                arm.seed,
                arm.learning_rate or 0.0,
                self.store.folder,
            )
        return stored

    def _fit(self, arm: Arm) -> "_Fitted":
        """Train an arm as far as it is not a matter of its logits; the caller has claimed it."""
        fit, key = arm.training.fit, arm_key(arm.training, self.data.digest)
        assert fit is not None  # noqa: S101 - methods without a block are not trained here
        tokenizer = load_tokenizer(self.data.encoder)
        tokenizer.model_max_length = self.data.max_length
        self._seen.add(key)
        self.progress.announce(arm)
        reset_peak_memory()
        start = perf_counter()
        with self.track(arm) as sink:
            result = fit_model(
                self.data.token_table,
                self.data.label_names,
                tokenizer,
                self.data.encoder,
                parameters=fit,
                seed=arm.seed,
                checkpoint_folder=self.checkpoints,
                metrics_sink=sink,
            )
        # How long the part before the checkpoint took is not known.
        seconds = math.nan if result.resumed else perf_counter() - start
        facts = {"seconds": seconds, "peak_memory_gib": peak_memory_gib(on_gpu=fit.device != "cpu")}
        model = result.trained_model
        scores = StoredScores(model.score(self.data.token_rows("validation"), progress=False).logits, facts)
        self.store.folder.mkdir(parents=True, exist_ok=True)
        self.store.discard(key, "test")  # of an earlier training, whose validation scores are lost
        self.store.save_model(key, model)
        self.store.save(key, "validation", scores)
        shutil.rmtree(result.checkpoints, ignore_errors=True)
        return _Fitted(model, scores)


class _Fitted(NamedTuple):
    model: TrainedModel
    scores: StoredScores
