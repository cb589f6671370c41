"""A small Kedro project that uses our settings, hooks and catalog with stand-ins for the stages."""
