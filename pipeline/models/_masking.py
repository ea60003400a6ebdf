"""Personal data as it may be shown."""


def mask_phone(digits: str) -> str:
    """The number as logs may show it: `1415***0100`; of fewer digits there is less to see, but what there is."""
    if len(digits) >= 9:
        return f"{digits[:4]}***{digits[-4:]}"
    return f"{digits[:1]}***{digits[-2:]}" if len(digits) > 4 else f"{digits[:1]}***" if digits else "(no phone)"
