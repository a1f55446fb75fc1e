"""The HTTP API for assistants and other systems."""
