"""Documents, layers and the typed, immutable model that the rest of the engine runs on."""
