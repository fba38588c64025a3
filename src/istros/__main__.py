"""`python -m istros` is the same as the command `istros`."""

from istros.cli import main

if __name__ == "__main__":
    main()
