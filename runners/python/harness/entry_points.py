"""What an entry point names in a submission: a function, or a method of a class or of a fresh object."""

MISSING = object()


def find(names, entry_point):
    """``Class.method`` is that of an instance; MISSING if there is no such thing."""
    first, _, method = entry_point.partition(".")
    name = first.removesuffix("()")
    if name not in names:
        return MISSING
    found = names[name]
    if first != name or (method and isinstance(found, type)):
        found = found()
    return getattr(found, method, MISSING) if method else found
