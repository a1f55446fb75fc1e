"""PostgreSQL as Django has it, with statements that are planned once and sent together."""
