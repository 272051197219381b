# The common first lines of ./run, ./check and ./bench, which source this file.  A bare Debian 12 has bash,
# but maybe no python3: portico_start NAME makes sure of that one package, and Python does the rest.

portico_root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd -P)

# The interpreter of the distribution, not one that happens to come first in PATH.
portico_python=/usr/bin/python3

portico_start() {
    export PORTICO_COMMAND=$1
    if [[ ! -x $portico_python ]]; then
        "$portico_root/tools/install-packages" python || exit $?
    fi
    export PYTHONPATH=$portico_root/tools PYTHONDONTWRITEBYTECODE=1 PYTHONSAFEPATH=1
}
