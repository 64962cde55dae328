"""`python -m studyapp.cli` is `studyapp`."""

from studyapp.cli import main

if __name__ == "__main__":
    main(prog_name="studyapp")
