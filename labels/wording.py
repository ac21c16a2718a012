"""Words that several papers share."""


def contents(certificates: int, documents: int) -> list[str]:
    """What is in a parcel, in words that tell a stranger nothing: 证照 1 件, 文件 2 件.

    A parcel that nobody has counted yet (papers fetched from a home) holds 文件.
    """
    counted = (("证照", certificates), ("文件", documents))
    return [f"{what} {count} 件" for what, count in counted if count > 0] or ["文件"]


def weight(grams: int) -> list[str]:
    """What a parcel weighs, where somebody weighed it: 0.35 千克."""
    return [f"{grams / 1000:.2f} 千克"] if grams > 0 else []


def reprint_mark(copy: int) -> str:
    """What a reprint says of itself; nothing for the first copy."""
    if copy < 1:
        raise ValueError(f"copy {copy} is not 1 or more")
    return f"重印 第 {copy} 份" if copy > 1 else ""
