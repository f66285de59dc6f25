#!/bin/sh
# Who may include whom (CONTRIBUTING.md).
. "${srcdir:?}/tests/house/tap.sh"

may_see() {
    case $1 in
    base) echo base ;;
    io) echo base io ;;
    math) echo base math ;;
    model) echo base math model ;;
    table) echo base io model table ;;
    plot) echo base math model plot ;;
    cli) echo base io cli ;;
    cmd) echo base io math model table plot cli cmd ;;
    esac
}

for layer in base io math model table plot cli cmd; do
    wrong=
    for file in "$srcdir/src/$layer"/*.[ch]; do
        [ -f "$file" ] || continue
        for seen in $(sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file"); do
            case $seen in
            config.h) continue ;;
            */*) ;;
            *) wrong="$wrong${file#"$srcdir"/}: \"$seen\" is not written as layer/name
"; continue ;;
            esac
            case " $(may_see "$layer") " in
            *" ${seen%%/*} "*) ;;
            *) wrong="$wrong${file#"$srcdir"/}: includes $seen
" ;;
            esac
        done
    done
    empty "src/$layer includes only from: $(may_see "$layer")" "$wrong"
done

unknown=$(find "$srcdir/src" -mindepth 2 -name '*.[ch]' | sed "s|^$srcdir/src/||; s|/.*||" | sort -u |
    grep -vxE 'base|io|math|model|table|plot|cli|cmd')
empty 'every folder of src is a layer' "$unknown"

missing=$(cd "$srcdir/src" && for h in base/*.h io/*.h math/*.h model/*.h table/*.h plot/*.h; do
    { [ ! -f "$h" ] || grep -qF "$h" src.am; } || echo "$h is not in src.am"
done)
empty 'every header of the library is in the build' "$missing"
finish
