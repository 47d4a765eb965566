"""The command line: reads, calls the library, prints. It holds no rule."""


def main() -> None:
    raise SystemExit(0)
