"""`python -m e2e.scaling costs | simulate | page | check`: make the scaling page, or check it against real runs."""

import argparse
import sys


def main() -> int:
    """Do one step; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m e2e.scaling", description=__doc__)
    parser.add_argument("step", choices=["costs", "simulate", "page", "check"])
    parser.add_argument("--again", action="store_true", help="simulate although the costs are those of the last time")
    options = parser.parse_args()
    if options.step == "check":
        from e2e.scaling.check import run  # noqa: PLC0415 - only a check starts servers

        return run()
    if options.step == "costs":
        from e2e.scaling.measured_costs import write  # noqa: PLC0415 - what follows imports what this writes

        write()
    elif options.step == "simulate":
        from e2e.scaling.simulated import simulate, up_to_date  # noqa: PLC0415 - as above

        if options.again or not up_to_date():
            print("scaling: simulating, about two minutes", file=sys.stderr, flush=True)
            simulate()
    else:
        from e2e.scaling import page, plots  # noqa: PLC0415 - as above

        page.PAGE.write_text(page.page())
        plots.draw()
    return 0


if __name__ == "__main__":
    sys.exit(main())
