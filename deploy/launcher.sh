#!/bin/sh
# .venv/bin/doorstep: works from any folder, through a link, and still when the tree is moved.
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH="$(cd "$here/../.." && pwd)${PYTHONPATH:+:$PYTHONPATH}"
export PYTHONPATH
exec "$here/python" -P -c 'import sys; sys.argv[0] = "doorstep"; from doorstep import main; sys.exit(main())' "$@"
