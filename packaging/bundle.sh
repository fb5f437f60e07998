#!/usr/bin/env bash
# Builds the bundle from a clean checkout, tries it, and packs it: bash packaging/bundle.sh
#
#   --env FOLDER      an environment that is ready, instead of making one
#   --torch FOLDER    wheels of torch and torchvision for the processor, where PyTorch's own index is not reached
#   --no-selftest     neither try it nor measure it (for a second build of the same)
#   --no-deb          only the folder and the archive
#
# What it makes lies in build/bundle: the folder cnnstudio, and in packed/ what people download, each with its SHA-256
# and its bill of materials. Linux, macOS and Windows (in Git's bash); .deb on Linux only.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD out=$PWD/build/bundle
index=https://download.pytorch.org/whl/cpu
environment="" torch="" selftest=1 deb=1
while [ $# -gt 0 ]; do
    case $1 in
        --env) environment=$(cd "$2" && pwd); shift ;;
        --torch) torch=$(cd "$2" && pwd); shift ;;
        --no-selftest) selftest="" ;;
        --no-deb) deb="" ;;
        *) echo "bundle: there is no option $1" >&2; exit 2 ;;
    esac
    shift
done

# The same contents give the same files.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
unset PYTHONPATH

case $(uname -s) in
    Linux) system=linux ;;
    Darwin) system=macos ;;
    *) system=windows ;;
esac
# What is packed by xz afterwards is not compressed before: its 46 MB of modules become 28 then.
[ "$system" != linux ] || export PYINSTALLER_ZLIB_COMPRESSION_LEVEL=0
programs() { [ "$system" = windows ] && echo "$1/Scripts" || echo "$1/bin"; }

mkdir -p "$out"
if [ -z "$environment" ]; then
    environment=$out/environment
    echo "bundle: making an environment"
    rm -rf "$environment"
    "${PYTHON:-python3}" -m venv "$environment"
    pip="$(programs "$environment")/python -m pip --disable-pip-version-check install --quiet"
    $pip --no-deps --require-hashes -r packaging/requirements-bundle.txt
    if [ -n "$torch" ]; then
        $pip --no-deps --no-index --find-links "$torch" torch torchvision
    else
        $pip --no-deps --index-url "$index" -r packaging/requirements-torch.txt
    fi
fi
python=$(programs "$environment")/python
"$python" -m pip --disable-pip-version-check install --quiet --no-deps --force-reinstall "$root"
version=$("$python" -c 'import cnnstudio; print(cnnstudio.__version__)')

echo "bundle: building version $version"
rm -rf "$out/dist" "$out/work" "$out/packed"
mkdir -p "$out/work/cnnstudio/icons"
QT_QPA_PLATFORM=offscreen "$python" packaging/program_icons.py "$out/work/cnnstudio/icons"
"$python" -m PyInstaller --noconfirm --log-level WARN --distpath "$out/dist" --workpath "$out/work" \
    packaging/pyinstaller/cnnstudio.spec
folder=$out/dist/cnnstudio
program=$folder/cnnstudio
"$python" packaging/licences.py "$folder" "$out/work/cnnstudio/contents.json"
if [ "$system" = macos ]; then  # the application is a copy of the folder, made before the lists
    app="$out/dist/CNN Studio.app"
    mkdir -p "$app/Contents/Resources/resources/licences"
    cp "$folder/_internal/resources/licences/licences.json" "$app/Contents/Resources/resources/licences/"
    cp "$folder/THIRD_PARTY.txt" "$folder/cnnstudio.cdx.json" "$app/Contents/Resources/"
    program="$app/Contents/MacOS/cnnstudio"
fi
megabytes=$(du -sm "$folder" | cut -f1)
echo "bundle: $megabytes MB"
[ "$megabytes" -le 1050 ] || { echo "bundle: more than 1,050 MB; what came in?" >&2; exit 1; }

if [ -n "$selftest" ]; then
    echo "bundle: trying every part of it"
    bash packaging/try_bundle.sh "$program"
fi

mkdir -p "$out/packed"
name=cnnstudio-$version-$system-$(uname -m)
cp "$folder/cnnstudio.cdx.json" "$out/packed/$name.cdx.json"
if [ "$system" = linux ]; then
    tar -C "$out/dist" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - cnnstudio |
        xz -T0 -4 >"$out/packed/$name.tar.xz"
    if [ -n "$deb" ]; then
        bash packaging/linux/deb.sh "$folder" "$version" "$out/packed"
    fi
fi
(cd "$out/packed" && for each in *; do
    if command -v sha256sum >/dev/null; then sha256sum "$each"; else shasum -a 256 "$each"; fi >"$each.sha256"
done)
ls -l "$out/packed"
