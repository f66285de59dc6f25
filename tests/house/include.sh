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
    for file in $(cd "$srcdir" && find "src/$layer" -name '*.[ch]'); do
        file=$srcdir/$file
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

# The rooms of model, in the order of the data: each sees those before it.
before=
for room in region stat design glm quality response rest activity perfusion reactivity connectivity coupling group simulate; do
    before="$before $room"
    empty "src/model/$room includes of model only from:$before" "$(cd "$srcdir/src" &&
        grep -HEo '^ *# *include *"model/[^"]*"' "model/$room"/*.[ch] | sed 's/ *# *include *"model/ /; s|/[^/]*"$||' |
        while IFS=' ' read -r file seen; do
            case " $before " in *" ${seen#/} "*) ;; *) echo "${file%:} includes from ${seen#/}" ;; esac
        done)"
done
empty 'every file of model is in a room that has its place' "$(cd "$srcdir/src" && find model -name '*.[ch]' |
    while read -r file; do
        room=${file#model/}
        case " $before " in *" ${room%%/*} "*) ;; *) echo "$file" ;; esac
    done)"

empty 'a command sees its own parts and what is shared, not the parts of another' "$(cd "$srcdir/src" &&
    grep -rHEo '^ *# *include *"cmd/[^"]*"' cmd | sed 's/: *# *include *"cmd/ /; s/"$//' | while IFS=' ' read -r file seen; do
        owner=${file#cmd/} part=${seen#/}
        case $owner in nvc-*) owner=${owner#nvc-} && owner=${owner%.c} ;; *) owner=${owner%%/*} ;; esac
        case ${part%%/*} in "$owner" | shared) ;; *) echo "$file includes cmd/$part" ;; esac
    done)"

missing=$(cd "$srcdir/src" && find base io math model table plot -name '*.h' | while read -r h; do
    grep -qF "$h" src.am || echo "$h is not in src.am"
done)
empty 'every header of the library is in the build' "$missing"
finish
