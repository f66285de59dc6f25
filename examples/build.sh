#!/bin/sh
# Build nvctools out of tree and print the folder of the commands; says the rest on standard error.
#     bin=$(examples/build.sh [CONFIGURE-OPTION...]) && PATH=$bin:$PATH
# Again after a change, it builds what changed.  NVC_BUILD names another folder than build/ in the checkout.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
build=${NVC_BUILD:-$root/build}
source=$root
case $root$build in
*[!A-Za-z0-9_./+-]*)
    # configure and make cannot work in a path with blanks: a link without any leads to the source
    plain=${TMPDIR:-/tmp}/nvctools-$(id -u)-$(printf %s "$root" | cksum | cut -d ' ' -f 1)
    (umask 077 && mkdir -p "$plain")
    [ -n "$(find "$plain" -prune -user "$(id -u)")" ] || { echo "build.sh: $plain belongs to somebody else" >&2; exit 3; }
    ln -sfn "$root" "$plain/source"
    source=$plain/source
    build=$plain/${build##*/}
    ;;
esac
mkdir -p "$build"
cd "$build"
{
    [ -x "$source/configure" ] || (cd "$source" && autoreconf -i)
    if [ ! -f Makefile ] || [ $# -gt 0 ]; then
        "$source/configure" "$@"
    fi
    make -j"$(nproc)"
} >build.log 2>&1 || {
    tail -n 15 build.log >&2
    echo "build.sh: failed; everything that was said stands in $build/build.log" >&2
    exit 1
}
printf '%s\n' "$build"
