"""The registered versions: a table of them, promoting one, and going back."""

from typing import NamedTuple

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from sharprecl.errors import ModelError

MODEL_NAME = "sharprecl"
CHAMPION = "champion"
FORMER_CHAMPIONS = "former_champions"
"""Tag of the registered model: versions that were champion, the latest last, parted by blanks."""


class RegisteredVersion(NamedTuple):
    """A registered version and what is known of it.

    Attributes:
        version: its number.
        is_champion: whether the alias is on it.
        corpus: name of the corpus.
        encoder: name of the encoder.
        preset: the method.
        val_macro_f1: validation macro-F1 as stored.
        saved: Kedro's save version of the run.
    """

    version: str
    is_champion: bool
    corpus: str
    encoder: str
    preset: str
    val_macro_f1: str
    saved: str


def list_versions(client: MlflowClient) -> list[RegisteredVersion]:
    """All registered versions, the newest first.

    Raises:
        ModelError: if none is registered.
    """
    champion = current_champion(client)
    versions = client.search_model_versions(f"name = '{MODEL_NAME}'")
    rows = [
        RegisteredVersion(
            str(version.version),
            str(version.version) == champion,
            *(
                version.tags.get(key, "")
                for key in ("corpus", "encoder", "preset", "val_macro_f1", "kedro_save_version")
            ),
        )
        for version in versions
    ]
    return sorted(rows, key=lambda row: -int(row.version))


def describe_version(version: ModelVersion) -> str:
    """Which model it is, such as ``sharprecl version 2, trained on tickets``."""
    corpus = version.tags.get("corpus", "a corpus that it does not name")
    return f"{MODEL_NAME} version {version.version}, trained on {corpus}"


def current_champion(client: MlflowClient) -> str | None:
    """The champion's version, if there is one.

    Raises:
        ModelError: if no model is registered.
    """
    try:
        champion = client.get_registered_model(MODEL_NAME).aliases.get(CHAMPION)
    except MlflowException as error:
        raise ModelError(
            "registry: no model is registered; train one with `kedro run --pipeline=train`"
        ) from error
    return None if champion is None else str(champion)


def promote(client: MlflowClient, version: str) -> str | None:
    """Make a version champion, whatever its score.

    Args:
        client: of the registry.
        version: its number.

    Returns:
        The champion before, if there was one.

    Raises:
        ModelError: if there is no such version.
    """
    champion = current_champion(client)
    require_version(client, version)
    set_champion(client, version)
    return champion


def require_version(client: MlflowClient, version: str) -> None:
    """Refuse a version that is not registered.

    Raises:
        ModelError: naming those that are.
    """
    known = [row.version for row in list_versions(client)]
    if version not in known:
        there = f"there are {', '.join(known)}" if known else "all are deleted; train one"
        raise ModelError(f"registry: there is no version {version}; {there}")


def roll_back(client: MlflowClient) -> str:
    """Make the champion before this one champion again.

    Returns:
        Its version.

    Raises:
        ModelError: if there was none before.
    """
    known = {row.version for row in list_versions(client)}
    known.discard(str(current_champion(client)))
    former = [version for version in _former_champions(client) if version in known]
    if not former:
        raise ModelError("registry: there was no other champion before; name a version to promote instead")
    client.set_registered_model_alias(MODEL_NAME, CHAMPION, former[-1])
    client.set_registered_model_tag(MODEL_NAME, FORMER_CHAMPIONS, " ".join(former[:-1]))
    return former[-1]


def set_champion(client: MlflowClient, version: str) -> None:
    """Move the alias and remember where it was."""
    champion = current_champion(client)
    if champion is not None and champion != version:
        former = [*_former_champions(client), champion]
        client.set_registered_model_tag(MODEL_NAME, FORMER_CHAMPIONS, " ".join(former))
    client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)


def _former_champions(client: MlflowClient) -> list[str]:
    tags: dict[str, str] = client.get_registered_model(MODEL_NAME).tags
    return tags.get(FORMER_CHAMPIONS, "").split()
