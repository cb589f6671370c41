"""The report of a run: one page that needs no other file and no network.

What the stub beside this file names is loaded when it is first used, so that wiring pipelines does not
load the layers below.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
