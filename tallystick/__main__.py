"""`python -m tallystick`: the command, where the script is not on the PATH."""

from tallystick.cli import main

if __name__ == "__main__":
    main(prog_name="tallystick")
