"""One spelling for texts that look alike: in training, in prediction and in the served model."""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

BLANKS = r"[\p{Z}\p{Cc}\x{200B}\x{FEFF}]+"
"""Separators and control characters of all scripts, the zero-width space and the byte order mark."""


def normalize_strings(strings: pd.Series) -> pd.Series:
    """Unicode NFC, every run of blanks and control characters one space, none at the ends.

    Args:
        strings: no missing values.

    Returns:
        Strings with the same index. Applying it again changes nothing.
    """
    # Not Arrow's utf8_normalize: it decomposes and leaves it at that (Arrow 25).
    composed = pa.array(strings.str.normalize("NFC"), pa.large_string())
    collapsed = pc.replace_substring_regex(composed, pattern=BLANKS, replacement=" ")
    trimmed: pd.Series = pc.utf8_trim(collapsed, characters=" ").to_pandas()
    return trimmed.set_axis(strings.index)


def mend_surrogates(text: str) -> str:
    """Half of a surrogate pair is no character and cannot be stored: it becomes U+FFFD.

    Args:
        text: any, such as what a JSON escape or UTF-7 can spell.

    Returns:
        A text that UTF-8 can encode; whole pairs become the character that they mean.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
