"""The kinds of definition that the YAML under defs/ instantiates. Thin: they translate declarations into assets.

Belongs here: components. Does not belong here: any computation (see the packages beside this one).
"""
