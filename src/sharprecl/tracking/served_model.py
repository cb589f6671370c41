"""The model that MLflow loads and serves; MLflow runs this file itself ("models from code")."""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class ServedModel(PythonModel):
    """Classifies texts with the model folder that was logged as artifact ``checkpoint``."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model folder; scoring is as fast as the device allows, with the labels of float32."""
        from sharprecl.modeling import Predictor, TrainedModel  # noqa: PLC0415 - on the path only once served

        self.model = TrainedModel.load(Path(context.artifacts["checkpoint"]))
        self.predictor = Predictor(self.model)

    def predict(
        self, context: PythonModelContext, model_input: list[str], params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Most probable label of each text.

        Args:
            context: MLflow's.
            model_input: N texts; normalised first, as those of the training were.
            params: not used.

        Returns:
            N rows with columns ``label`` and its calibrated ``probability``.
        """
        from sharprecl.modeling import apply_temperature  # noqa: PLC0415 - as above
        from sharprecl.text_normalization import mend_surrogates, normalize_strings  # noqa: PLC0415 - as above

        whole = [mend_surrogates(text) for text in model_input]
        texts = normalize_strings(pd.Series(whole, dtype=object)).tolist()
        scores = self.predictor.score(self.model.token_rows(texts), progress=False)
        probabilities = apply_temperature(scores.logits, self.model.calibration_temperature)
        labels = [self.model.label_names[index] for index in scores.logits.argmax(axis=1)]
        return pd.DataFrame({"label": labels, "probability": probabilities.max(axis=1)})


mlflow.models.set_model(ServedModel())
