"""Typed parameter blocks: one model a block of ``conf/base/parameters.yml``, unknown keys forbidden."""

from sharprecl.parameters.ablations import ABLATIONS, CURVES, ablation_arms, curve_points
from sharprecl.parameters.block import Block, Policy, dotted_values
from sharprecl.parameters.compare import CompareParameters
from sharprecl.parameters.corpus import CorpusParameters, LongTailParameters
from sharprecl.parameters.evaluation import EvaluateParameters, PredictParameters, TrackingParameters
from sharprecl.parameters.fit import FitParameters
from sharprecl.parameters.launch import LaunchParameters
from sharprecl.parameters.preparation import ProfileParameters, TokenizeParameters
from sharprecl.parameters.presets import PRESETS, Preset, apply_preset, overridden_keys

__all__ = [
    "ABLATIONS",
    "CURVES",
    "PRESETS",
    "Block",
    "CompareParameters",
    "CorpusParameters",
    "EvaluateParameters",
    "FitParameters",
    "LaunchParameters",
    "LongTailParameters",
    "Policy",
    "PredictParameters",
    "Preset",
    "ProfileParameters",
    "TokenizeParameters",
    "TrackingParameters",
    "ablation_arms",
    "apply_preset",
    "curve_points",
    "dotted_values",
    "overridden_keys",
]
