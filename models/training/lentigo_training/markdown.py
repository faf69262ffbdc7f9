"""Tables and figures as markdown, for cards and documents."""


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))


def figure(value: list[float] | None, sign: str = "", digits: int = 4) -> str:
    """[value, low, high] as text; a dash where there is none."""
    if value is None:
        return "-"
    shown = f"{sign}.{digits}f"
    return f"{value[0]:{shown}} ({value[1]:{shown}} to {value[2]:{shown}})" if len(value) == 3 else f"{value[0]:{shown}}"
