"""What every number of layers, heads, tokens or steps has to be."""


def check_count(name: str, value: object, least: int = 1) -> None:
    """Let only whole numbers through, `least` or more. Errors: TypeError or ValueError that names it. Used from week 1 day 4 on."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
