"""`python -m central.embedded`: serve the embedded store."""

import sys

from central.embedded.serve import main

if __name__ == "__main__":
    sys.exit(main())
