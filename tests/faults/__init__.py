"""What Baton survives: real processes, real faults, and a check of the whole history at the end of every run. `python -m tests.faults --help`."""
