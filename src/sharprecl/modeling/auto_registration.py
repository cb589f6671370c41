"""Importing this makes transformers' Auto classes know the ``sharprecl`` model type."""

from transformers import AutoConfig, AutoModelForSequenceClassification

from sharprecl.modeling.configuration import SharpReCLConfig
from sharprecl.modeling.model import SharpReCL

AutoConfig.register(SharpReCLConfig.model_type, SharpReCLConfig, exist_ok=True)
AutoModelForSequenceClassification.register(SharpReCLConfig, SharpReCL, exist_ok=True)
