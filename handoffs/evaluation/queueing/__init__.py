"""A simulated team by which the estimate of the wait is measured, and the same measures from a firm's own log."""
