#!/usr/bin/env bash
# Makes a Debian package of a bundle: bash packaging/linux/deb.sh FOLDER VERSION OUT
set -euo pipefail
folder=$(cd "$1" && pwd) version=$2 out=$(mkdir -p "$3" && cd "$3" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
resources=$here/../../resources
architecture=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
: "${SOURCE_DATE_EPOCH:=$(date +%s)}"
export SOURCE_DATE_EPOCH
umask 022

chmod 755 "$stage"
share=$stage/usr/share
mkdir -p "$stage/DEBIAN" "$stage/opt" "$stage/usr/bin" "$share/applications" "$share/mime/packages" "$share/metainfo" \
    "$share/doc/cnnstudio" "$share/lintian/overrides" "$share/man/man1"
cp -a "$folder" "$stage/opt/cnnstudio"
# Modes as Debian wants them: libraries are not programs.
find "$stage/opt" -type d -exec chmod 755 {} +
find "$stage/opt" -type f -exec chmod 644 {} +
chmod 755 "$stage/opt/cnnstudio/cnnstudio" "$stage/opt/cnnstudio/_internal/torch/bin/torch_shm_manager"
ln -s /opt/cnnstudio/cnnstudio "$stage/usr/bin/cnnstudio"

install -m644 "$resources/desktop/cnnstudio.desktop" "$share/applications/cnnstudio.desktop"
install -m644 "$resources/desktop/cnnstudio.xml" "$share/mime/packages/cnnstudio.xml"
for icon in "$resources"/desktop/cnnstudio-*.png; do
    side=$(basename "$icon" .png)
    side=${side#cnnstudio-}
    install -Dm644 "$icon" "$share/icons/hicolor/${side}x$side/apps/cnnstudio.png"
done
install -Dm644 "$resources/icons/app.svg" "$share/icons/hicolor/scalable/apps/cnnstudio.svg"
sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)/" \
    "$here/org.cnnstudio.CNNStudio.metainfo.xml" >"$share/metainfo/org.cnnstudio.CNNStudio.metainfo.xml"
install -m644 "$here/copyright" "$share/doc/cnnstudio/copyright"
install -m644 "$here/lintian-overrides" "$share/lintian/overrides/cnnstudio"
gzip -9n <"$here/cnnstudio.1" >"$share/man/man1/cnnstudio.1.gz"
gzip -9n >"$share/doc/cnnstudio/changelog.gz" <<END
cnnstudio ($version) stable; urgency=medium

  * What is new is in CHANGELOG.md of the source.

 -- The CNN Studio authors <authors@cnnstudio.invalid>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END

sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
    -e "s/@SIZE@/$(du -sk --apparent-size "$stage/opt" "$stage/usr" | awk '{sum += $1} END {print sum}')/" \
    "$here/control" >"$stage/DEBIAN/control"
(cd "$stage" && find usr opt -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
find "$stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz -z2 --build "$stage" "$out/cnnstudio_${version}_$architecture.deb"
