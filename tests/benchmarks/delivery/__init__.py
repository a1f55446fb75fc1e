"""Servers of the same job, for the benchmarks of live delivery: each takes what is published to Redis and sends it to every socket of a group."""
