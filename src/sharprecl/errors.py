"""Errors that a user can mend; the command line turns each into one line."""


class SharpreclError(Exception):
    """Base of all errors whose message names what, where and how to mend it."""


class CorpusError(SharpreclError):
    """The corpus cannot be read, or cannot be trained on as it is."""


class ParameterError(SharpreclError):
    """A parameter's value does not fit the data or the machine."""


class EncoderError(SharpreclError):
    """The encoder or its tokenizer cannot be loaded."""


class ModelError(SharpreclError):
    """A trained model is missing or does not load."""


class TrainingError(SharpreclError):
    """A training cannot go on."""


class DeviceMemoryError(SharpreclError):
    """The device has too little memory for the smallest piece of work."""


def first_line(error: BaseException) -> str:
    """What an error says in its first line; the name of its type where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
