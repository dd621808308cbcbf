"""The languages of Tradewind: YAML with positions, FEEL, scripts; knows nothing of the engine or the web."""
