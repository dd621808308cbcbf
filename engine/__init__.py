"""The engine: an opened workspace and its steps (see `engine.workspace`)."""
