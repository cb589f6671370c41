"""The splits of a labelled corpus."""

SPLITS = ("train", "validation", "test")
