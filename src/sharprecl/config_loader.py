"""How the project's YAML files refer to the project's folder and to parameters."""

from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader
from kedro.utils import find_kedro_project
from omegaconf import OmegaConf

from sharprecl.errors import ParameterError
from sharprecl.project_root import set_project_root


class ProjectConfigLoader(OmegaConfigLoader):
    """Kedro's loader with two resolvers that need to know the project.

    ``${project_root:}`` is the project's absolute folder, whatever the working directory.
    ``${parameters:corpus}`` is a parameter or block, ``${parameters:predict.model}`` a key of a block, as
    merged from the environments and ``--params``.
    They belong to the loader and not to a hook because ``kedro viz`` loads projects without hooks.

    Args:
        conf_source: the configuration's folder.
        env: the environment that goes before ``base``.
        runtime_params: of the command line.
        options: the rest of Kedro's loader's arguments.
    """

    def __init__(
        self,
        conf_source: str,
        env: str | None = None,
        runtime_params: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        folder = Path(conf_source).absolute()
        root = find_kedro_project(folder) or find_kedro_project(Path.cwd()) or folder.parent
        set_project_root(root)  # until a session says where its project is: kedro viz has none
        OmegaConf.register_new_resolver("parameters", self._parameter, replace=True)
        super().__init__(conf_source, env, runtime_params, **options)

    def _parameter(self, name: str) -> Any:
        value = self["parameters"]
        for key in name.split("."):
            if key not in value:
                raise ParameterError(
                    f"{name}: not set, but a catalog entry needs it; set it in parameters.yml"
                )
            value = value[key]
        return value
