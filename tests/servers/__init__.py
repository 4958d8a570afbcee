"""Local servers that behave as the vendors document: they answer what the documentation answers, and refuse the rest."""
