"""The pipelines: nodes are short adapters, pipeline.py is wiring only."""
