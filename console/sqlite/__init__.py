"""SQLite as Django has it, with the writers of a process in line."""
