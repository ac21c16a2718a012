#!/bin/sh
# Makes .venv with everything in requirements.lock, and the command .venv/bin/doorstep.
# Safe to repeat: what is there already is kept. `make setup` calls it when the lock has changed.
set -eu
cd "$(dirname "$0")/.."

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    blamed=""
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        new_enough "$name" || continue
        if "$name" -c 'import venv, ensurepip' 2>/dev/null; then
            echo "$name"
            return
        fi
        blamed=${blamed:-$name}
    done
    [ -z "$blamed" ] ||
        fail "$blamed cannot make virtual environments: its modules venv and ensurepip are missing." \
            "Debian, Ubuntu: apt install python3-venv; or say: make setup PYTHON=/path/to/python3.12"
    found=$(python3 --version 2>&1) || found="no python3"
    fail "Doorstep needs Python 3.11 or newer, and here is $found." \
        "Debian, Ubuntu: apt install python3 python3-venv; or say: make setup PYTHON=/path/to/python3.12"
}

# A venv that works is kept, also one that was made without pip; anything else is made anew.
if ! new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    if ! new_enough .venv/bin/python || ! .venv/bin/python -m ensurepip >/dev/null 2>&1; then
        python=$(find_python)
        echo "setup: making .venv with $("$python" --version)"
        rm -rf .venv
        "$python" -m venv .venv
    fi
fi

echo "setup: installing what requirements.lock names"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock ||
    fail "not everything could be installed (see above). Nothing else was changed; say make setup again."

cp deploy/launcher.sh .venv/bin/doorstep
chmod +x .venv/bin/doorstep
touch .venv/ready
echo "setup: ready; try: make demo"
