"""What runs within a box's world: the standard library only, and nothing of the rest of the service.

It also runs in the interpreters that are kept warm, so that it is written for every Python from 3.9 on, and for PyPy.
"""
