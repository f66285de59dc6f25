#!/bin/sh
# page.sh VERSION DATE TEMPLATE [COMMAND...]: fill in a hand-written page.  A line "@COLUMNS COMMAND TABLE@"
# becomes the list of columns that the built command, run in the current folder, gives for that table.  A line
# whose table no command has is an error; a table without a line is told on standard error (tables of one name
# are one table, whoever writes them).
set -eu
version=$1 date=$2 template=$3
shift 3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for command; do
    "./$command" --print=columns >"$scratch/$command"
done
awk -v scratch="$scratch" -v commands=" $* " -v page="$template" '
    BEGIN { marker = ".\\\" table " }
    function fail(why) { print page ": " why > "/dev/stderr"; failed = 1 }
    function copy(command, table,    line, inside, any) {
        while ((getline line < (scratch "/" command)) > 0) {
            if (index(line, marker) == 1) {
                inside = substr(line, length(marker) + 1) == table
                any += inside
            } else if (inside)
                print line
        }
        close(scratch "/" command)
        if (!any)
            fail(command " has no table \"" table "\"")
        told[table] = 1
    }
    /^@COLUMNS / {
        sub(/@$/, "")
        command = $2
        table = $0
        sub(/^@COLUMNS [^ ]* /, "", table)
        columns = 1
        if (index(commands, " " command " "))
            copy(command, table)
        else
            fail("there is no " command)
        next
    }
    { print }
    END {
        n = columns ? split(commands, all, " ") : 0
        for (i = 1; i <= n; i++)
            while ((getline line < (scratch "/" all[i])) > 0)
                if (index(line, marker) == 1 && !(substr(line, length(marker) + 1) in told))
                    print page ": please add @COLUMNS " all[i] " " substr(line, length(marker) + 1) "@" > "/dev/stderr"
        exit failed
    }' "$template" | sed "s/@VERSION@/$version/g; s/@DATE@/$date/g"
