#!/usr/bin/env bash
# Signs the application, makes a disk image of it, and has Apple look at it: bash packaging/macos/dmg.sh APP VERSION OUT
#
# SIGN_AS names a "Developer ID Application" certificate in the keychain, and NOTARY a profile of notarytool; without
# them the image is signed for this computer only, and people open it with a right click the first time.
set -euo pipefail
app=$1 version=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
image=$out/CNN-Studio-$version-$(uname -m).dmg
mkdir -p "$out"

if [ -n "${SIGN_AS:-}" ]; then
    sign() { codesign --force --timestamp --options runtime --sign "$SIGN_AS" "$@"; }
else
    sign() { codesign --force --sign - "$@"; }
fi

# From the inside out: libraries first, the application last.
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 | while IFS= read -r -d '' file; do
    sign "$file"
done
find "$app/Contents" -depth -name '*.framework' -print0 | while IFS= read -r -d '' file; do sign "$file"; done
sign --entitlements "$here/entitlements.plist" "$app"
codesign --verify --deep --strict "$app"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname "CNN Studio" -srcfolder "$stage" -fs HFS+ -format ULMO -ov "$image"
if [ -n "${SIGN_AS:-}" ] && [ -n "${NOTARY:-}" ]; then
    sign "$image"
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY" --wait
    xcrun stapler staple "$image"
fi
