"""``python -m layered_paging``."""


def main() -> None:
    """The command line."""


if __name__ == "__main__":
    main()
