#!/usr/bin/env bash
# Tries a bundle as its worst computer would: bash packaging/try_bundle.sh PROGRAM
# From a folder with spaces and letters of other alphabets, without Python on the PATH, without a person's settings,
# and where the system lets us, without a network.
set -euo pipefail
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
odd="$place/ein Ordner für Bücher 书"
mkdir -p "$odd/home"

case $(uname -s) in
    Linux)
        cp -a "$(dirname "$program")" "$odd/cnnstudio"
        alone=()
        if unshare --net --map-root-user true 2>/dev/null; then
            alone=(unshare --net --map-root-user)
        else
            echo "bundle: the network could not be taken away; the test runs with it" >&2
        fi
        mkdir "$place/bin"  # no python, nothing else
        "${alone[@]}" env -i HOME="$odd/home" PATH="$place/bin" LANG=C.UTF-8 DISPLAY="${DISPLAY:-}" \
            QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-}" "$odd/cnnstudio/cnnstudio" selftest
        ;;
    Darwin)
        copied=$(cd "$(dirname "$program")/../.." && pwd)
        cp -R "$copied" "$odd/"
        env -i HOME="$odd/home" PATH="$place" LANG=en_US.UTF-8 "$odd/$(basename "$copied")/Contents/MacOS/cnnstudio" selftest
        ;;
    *)
        cp -R "$(dirname "$program")" "$odd/cnnstudio"
        PATH="$place" "$odd/cnnstudio/cnnstudio.exe" selftest
        ;;
esac
