#!/bin/sh
# A file past 400 lines or a function past 60 is two ideas in one room.
. "${srcdir:?}/tests/house/tap.sh"
cd "$srcdir" || exit 1
: "${NVC_MAX_FILE:=400}" "${NVC_MAX_FUNCTION:=60}" "${NVC_MAX_COLUMN:=170}"

files() { find src -name '*.[ch]' | sort; }

# LIMIT: files longer than that
long_files() { files | xargs wc -l | awk -v most="$1" '$2 != "total" && $1 > most { print $2 ": " $1 " lines" }'; }

# LIMIT: functions whose body, between braces in the first column, is longer than that
long_functions() {
    files | grep '\.c$' | xargs awk -v most="$1" '
        FNR == 1 { open = 0 }
        /^[a-z].*\(/ && !open { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
        /^\{/ { open = FNR }
        /^\}/ { if (open && FNR - open - 1 > most) print FILENAME ":" open ": " name " has " FNR - open - 1 " lines"; open = 0 }'
}

# LIMIT: lines wider than that
wide_lines() { files | xargs awk -v most="$1" 'length($0) > most { print FILENAME ":" FNR ": " length($0) " columns" }'; }

empty "no file of src has more than $NVC_MAX_FILE lines" "$(long_files "$NVC_MAX_FILE")"
empty "no function of src has more than $NVC_MAX_FUNCTION lines" "$(long_functions "$NVC_MAX_FUNCTION")"
empty "no line of src has more than $NVC_MAX_COLUMN columns" "$(wide_lines "$NVC_MAX_COLUMN")"
empty 'no tab and no blank at the end of a line in src' "$(files | xargs grep -nE '	|[ ]$')"
finish
