"""Methods compared on one corpus over several seeds: summary, tests, tables and figures.

What the stub beside this file names is loaded when it is first used, so that wiring pipelines loads
neither torch nor plotly.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
