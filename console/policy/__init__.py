"""The policy page: its form, its charts, and the words around them."""
