"""Encoder, heads and SharpReCL as a transformers model."""

from transformers import AutoConfig, AutoModelForSequenceClassification

from sharprecl.modeling.configuration import SharpReCLConfig
from sharprecl.modeling.model import SharpReCL, SharpReCLOutput
from sharprecl.modeling.trained_model import TrainedModel

AutoConfig.register(SharpReCLConfig.model_type, SharpReCLConfig, exist_ok=True)
AutoModelForSequenceClassification.register(SharpReCLConfig, SharpReCL, exist_ok=True)

__all__ = ["SharpReCL", "SharpReCLConfig", "SharpReCLOutput", "TrainedModel"]
