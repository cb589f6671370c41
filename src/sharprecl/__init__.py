"""SharpReCL: trustworthy text classifiers from badly imbalanced labels.

Importing the package makes transformers' Auto classes know the ``sharprecl`` model type.
"""

from sharprecl._auto_classes import register_with_transformers

__version__ = "0.2.0"

register_with_transformers()
