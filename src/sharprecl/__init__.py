"""SharpReCL: trustworthy text classifiers from badly imbalanced labels."""

__version__ = "0.1.0"
