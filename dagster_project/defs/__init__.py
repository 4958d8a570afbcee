"""What exists: thin definitions, loaded by themselves, one folder per stage. Nothing here computes."""
