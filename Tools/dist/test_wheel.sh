#!/bin/sh
# test_wheel.sh DIST ENVIRONMENT: installs the wheel of the folder DIST in a fresh environment, and runs the package's tests there.
#
# BUILD is the folder of a built command, which the tests compare with unless one is in the wheel. CASES=500 compares that many recordings;
# SLOW=1 runs the tests that take minutes too; PYRIGHT=1 runs pyright beside mypy; CODETTA_BRIDGES=1 brings PyTorch, datasets and
# transformers along for the tests of the bridges.
set -eu
cd "$(dirname "$0")/../.."
environment=$2
rm -rf "$environment"
python3 -m venv "$environment"
environment=$(cd "$environment" && pwd)
"$environment/bin/pip" install -q "$1"/codetta-*"$(uname -m)".whl pytest soundfile mypy ${PYRIGHT:+"pyright[nodejs]"} \
    ${CODETTA_BRIDGES:+torch datasets transformers}

# Nothing but the wheel: no library, model or module of this source.
unset CODETTA_LIBRARY CODETTA_MODELS PYTHONPATH
package=$("$environment/bin/python" -c 'import codetta; print(codetta.__path__[0])')
if [ ! -x "$package/bin/codetta" ] && [ -x "${BUILD:-}/codetta" ]; then export CODETTA_COMMAND="$BUILD/codetta"; fi
[ -z "${CASES:-}" ] || export CODETTA_CASES="$CASES"

cd Python
"$environment/bin/python" -m pytest -q -p no:cacheprovider ${SLOW:+-m "slow or not slow"} tests
"$environment/bin/mypy" --strict --cache-dir "$environment/mypy" src
"$environment/bin/mypy" --strict --cache-dir "$environment/mypy" tests bench.py
[ -z "${PYRIGHT:-}" ] || "$environment/bin/pyright" --pythonpath "$environment/bin/python" tests bench.py
if [ -n "${PYRIGHT:-}" ] && [ -n "${CODETTA_BRIDGES:-}" ]; then
    (cd src && "$environment/bin/pyright" --pythonpath "$environment/bin/python" --verifytypes codetta --ignoreexternal)
fi
