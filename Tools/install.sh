#!/bin/sh
# install.sh BUILD LIBRARY DESTDIR PREFIX: copies what was built, BUILD/codetta and, unless LIBRARY is empty, the library of
# Tools/library/build.sh, with all that goes with it, below DESTDIR/PREFIX.
set -eu
cd "$(dirname "$0")/.."
build=$1
library=$2
prefix=$4
root=$3$prefix
version=$("$build/codetta" --version)

put() { # MODE FILE FOLDER [NAME]
    install -d "$root/$3"
    install -m "$1" "$2" "$root/$3/${4:-$(basename "$2")}"
}

put 755 "$build/codetta" bin
install -d "$root/share/codetta"
rm -rf "$root/share/codetta/Models"
cp -R Models "$root/share/codetta/Models"
rm -f "$root/share/codetta/Models/BundledModels.swift"

# The library, under the name that programs look for and the one that linkers do.
if [ -n "$library" ]; then
    shared=$(basename "$(readlink -f "$library/lib/libcodetta.so")")
    put 755 "$library/lib/$shared" lib
    ln -sf "$shared" "$root/lib/libcodetta.so"
    put 644 "$library/include/codetta.h" include
    install -d "$root/lib/pkgconfig"
    sed "s|@PREFIX@|$prefix|; s|@VERSION@|$version|" Tools/library/codetta.pc.in > "$root/lib/pkgconfig/codetta.pc"
fi

# Completions, where the shells look for those of packages.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for shell in bash zsh fish; do "$build/codetta" --generate-completion-script "$shell" > "$work/$shell"; done
put 644 "$work/bash" share/bash-completion/completions codetta
put 644 "$work/zsh" share/zsh/site-functions _codetta
put 644 "$work/fish" share/fish/vendor_completions.d codetta.fish

# A manual page for each verb.
manual=$build/manual
Tools/manual.sh "$build" "$manual"
for page in "$manual"/*.1; do put 644 "$page" share/man/man1; done
echo "Installed codetta $version below $root"
