"""The commands of the project's command line."""
