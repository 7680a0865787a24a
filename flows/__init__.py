"""Where the rooms meet: pipeline stages as plain functions, the `rasoat` command, and Prefect flows around the same functions."""
