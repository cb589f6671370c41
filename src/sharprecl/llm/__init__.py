"""Asking a causal language model for the class of a text, here or at an OpenAI-compatible endpoint.

What the stub beside this file names is loaded when it is first used; an endpoint is asked without torch
and transformers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
