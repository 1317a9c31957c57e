"`python -m slot_machines` is the command `slot-machines`."
from slot_machines.cli import main

if __name__ == '__main__': raise SystemExit(main())
