#!/bin/sh
# The Debian packages that nvctools needs: installs those that are missing, as root or with sudo, and says which.
#     examples/dependencies.sh            to build and run
#     examples/dependencies.sh --tests    and to test
#     examples/dependencies.sh --list     only print all names
set -eu

build='autoconf automake gcc libc6-dev make pkg-config libcairo2-dev libcsv-dev libexpat1-dev libfftw3-dev libgsl-dev
    libisal-dev libjansson-dev liblapacke-dev libnifti2-dev libopenblas-dev zlib1g-dev'
tests='bats clang groff-base libclang-rt-dev libcmocka-dev libomp-dev mandoc shellcheck xz-utils'

packages=$build
case ${1-} in
'') ;;
--tests) packages="$build $tests" ;;
--list) printf '%s\n' "$build $tests" | tr -s ' ' '\n' && exit ;;
*) echo "dependencies.sh: unknown option '$1'; wanted --tests or --list" >&2 && exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "dependencies.sh: not a Debian system: nothing is installed; configure will name what is missing" >&2
    exit 0
fi
missing=
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "dependencies.sh: missing, and neither root nor sudo is here to install them:$missing" >&2
    exit 3
fi
echo "dependencies.sh: installing$missing" >&2
{
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
    # Word splitting is wanted.
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends $missing
} </dev/null >&2
