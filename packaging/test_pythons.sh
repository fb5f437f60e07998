#!/usr/bin/env bash
# The default suite on Python 3.12 and 3.13, each in an environment of its own:
#
#   bash packaging/test_pythons.sh                       # both
#   PYTHONS=3.13 bash packaging/test_pythons.sh -x       # one; further words go to pytest
#   SUITE=off bash packaging/test_pythons.sh             # only build the environments, and start each once
#   LOWEST=1 PYTHONS=3.11 bash packaging/test_pythons.sh # with the oldest packages that pyproject.toml allows (needs uv)
#
# Environments are kept under build/pythons and used again (ENVIRONMENTS=FOLDER: elsewhere). Where ./.venv has a torch
# for CUDA (SHARE=FOLDER: another environment), the new ones link to its NVIDIA libraries, which are the same for every
# Python, and leave triton out: 2 GB for each version instead of 6.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
environments=${ENVIRONMENTS:-$root/build/pythons}
share=${SHARE:-$root/.venv}
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"

# A name on the PATH may be a shim that only says "command not found", so that each is asked for its version.
interpreter() {
    local wanted=$1 found
    for found in "python$wanted" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$wanted".*/bin/python /opt/python"$wanted"/bin/python; do
        if [ "$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$wanted" ]; then
            command -v "$found"
            return
        fi
    done
    uv python find "$wanted" 2>/dev/null
}

site_packages() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

version_of() { "$1/bin/python" -c 'import sys; from importlib.metadata import version; print(version(sys.argv[1]))' "$2" 2>/dev/null; }

# Libraries that no Python has compiled, and what pip would look for. Their lists of files stay behind, so that pip
# can never remove through a link what belongs to the other environment.
link_nvidia() {
    local from into torch vision
    [ -d "$share" ] && from=$(site_packages "$share") && [ -d "$from/nvidia" ] || return 0
    torch=$(version_of "$share" torch) && vision=$(version_of "$share" torchvision) || return 0
    "$1/bin/pip" install -q --no-deps "torch==$torch" "torchvision==$vision"
    into=$(site_packages "$1")
    ln -sfn "$from/nvidia" "$into/nvidia"
    local told
    for told in "$from"/nvidia_*.dist-info "$from"/cuda_*.dist-info "$from"/triton-*.dist-info; do
        [ -d "$told" ] || continue
        cp -r "$told" "$into/" && rm -f "$into/$(basename "$told")/RECORD"
    done
}

build() {
    local wanted=$1 environment=$2 python
    [ -e "$environment/complete" ] && cmp -s pyproject.toml "$environment/complete" && return
    python=$(interpreter "$wanted") || { echo "There is no Python $wanted on this computer." >&2; return 1; }
    echo "+ $python -m venv $environment"
    rm -rf "$environment"
    "$python" -m venv "$environment"
    if [ -n "${LOWEST:-}" ]; then
        uv pip compile -q pyproject.toml --extra test --resolution lowest-direct --python-version "$wanted" \
            -o "$environment/lowest.txt"
        uv pip install -q -p "$environment/bin/python" -r "$environment/lowest.txt"
        uv pip install -q -p "$environment/bin/python" --no-deps -e .
    else
        link_nvidia "$environment"
        "$environment/bin/pip" install -q -e ".[test]"
    fi
    cp pyproject.toml "$environment/complete"
}

green=yes
for wanted in ${PYTHONS:-3.12 3.13}; do
    environment=$environments/$wanted${LOWEST:+-lowest}
    build "$wanted" "$environment"
    "$environment/bin/cnnstudio" doctor
    [ "${SUITE:-}" = off ] || "$environment/bin/python" -m pytest "$@" || green=no
done
[ "$green" = yes ]
