"""What a corpus is like before anything is trained on it: class sizes, text lengths, near duplicates.

What the stub beside this file names is loaded when it is first used, so that wiring pipelines loads
neither torch nor transformers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
