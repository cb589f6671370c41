"""What the project adds to Kedro's own course of a run, one class of hooks a file."""
