"""The languages of Tradewind: YAML with positions, FEEL, scripts, decision tables; knows nothing of the engine or the web."""
