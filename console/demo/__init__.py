"""The live demo: recorded conversations from the STAR data set, played against the HTTP API as an assistant would use it."""
