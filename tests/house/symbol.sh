#!/bin/sh
# The library never prints, exits, reads the environment or sets a locale; model, math and base open no file.
. "${srcdir:?}/tests/house/tap.sh"
cd "${builddir:?}" || exit 1

undefined() { # object files or an archive: "object symbol" a line
    nm -A -u "$@" 2>/dev/null | sed -E 's/^([^ ]*):[ ]*[0-9a-f]*[ ]*[Uuw] /\1 /; s/@.*//'
}

forbid() { # TITLE REGEX FILES: undefined symbols that match
    title=$1 regex=$2
    shift 2
    empty "$title" "$(undefined "$@" | grep -E " ($regex)\$")"
}

if nm -u src/libnvc.a 2>/dev/null | grep -q __asan; then
    skip 'the library keeps its place' 'sanitizers bring their own symbols'
    finish
fi
empty 'nm sees the symbols of the library' \
    "$(undefined src/libnvc.a | grep -q ' strtod$' || echo 'no strtod: nothing below could fail')"
printers='(__)?v?printf(_chk)?|puts|putchar|perror|stdout|stderr|stdin|psignal|err|errx|warn|warnx'
forbid 'the library never prints' "$printers" src/libnvc.a
forbid 'the library never exits' 'exit|_exit|_Exit|quick_exit|abort|__assert_fail|raise|kill|longjmp' src/libnvc.a
forbid 'the library never reads the environment' '(secure_)?getenv|putenv|setenv|environ' src/libnvc.a
forbid 'the library never sets a locale' 'setlocale|uselocale|newlocale' src/libnvc.a
forbid 'the library starts no process' 'system|popen|fork|vfork|posix_spawnp?|exec[lv]p?e?' src/libnvc.a
forbid 'the library keeps no clock and no global random state' 'time|clock_gettime|gettimeofday|rand|srand|random|srandom|drand48' \
    src/libnvc.a
files='f?open(at)?(64)?|fdopen|freopen(64)?|creat(64)?|opendir|unlink|rename|mkdir|read|write'
for layer in base math model plot; do
    # Names without blanks, made by the build.
    # shellcheck disable=SC2046
    forbid "src/$layer opens no file" "$files" $(find "src/$layer" -name '*.o')
done
finish
