"""Telling transformers about the model type without importing transformers.

``import sharprecl`` has to be cheap (Kedro imports the package to list pipelines) and has to make
``AutoModelForSequenceClassification.from_pretrained`` work. So registration waits for the moment
transformers loads its Auto classes.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

AUTO_CLASSES = "transformers.models.auto.modeling_auto"
REGISTRATION = "sharprecl.modeling.model"


def register_with_transformers() -> None:
    """Register the model now if transformers has its Auto classes loaded, else as soon as it has."""
    if AUTO_CLASSES in sys.modules:
        importlib.import_module(REGISTRATION)
    elif not any(isinstance(finder, _AutoClassFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AutoClassFinder())


class _AutoClassFinder(MetaPathFinder):
    """Finds one module, once, and has its loader import ours afterwards."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != AUTO_CLASSES:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _ThenRegister(spec.loader)
        return spec


class _ThenRegister(Loader):
    """The module's own loader, followed by the import of our models."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        importlib.import_module(REGISTRATION)
