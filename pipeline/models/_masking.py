"""Personal data as it may be shown."""


def mask_phone(digits: str) -> str:
    """The number as logs may show it: `1415***0100`; fewer than nine digits are masked altogether."""
    return f"{digits[:4]}***{digits[-4:]}" if len(digits) >= 9 else "***"
