#!/usr/bin/env bats
# What every command promises, whatever it computes.

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# each COMMAND-LINE...: run it for every command, with $command as its name, and say which one failed
each() {
    for command in ${commands:?}; do
        "$@" || {
            echo "fails for $command"
            return 1
        }
    done
}

# refuses STATUS WORD...: the command ends with STATUS, prints nothing, and says one line that begins with its name
refuses() {
    local want=$1 got=0
    shift
    "$command" "$@" >out 2>said </dev/null || got=$?
    cat said
    [ "$got" -eq "$want" ] && [ ! -s out ] && [ "$(wc -l <said)" -eq 1 ] && grep -q "^$command: " said
}

answers() {
    "$command" "$@" >out 2>said && [ -s out ] && [ ! -s said ]
}

@test "help and version go to standard output, with status 0" {
    each answers --help
    each answers -h
    each answers --version
    each answers --nonsense --help
    grep -q '^Usage: ' out
}

@test "an unknown option is refused with status 2 and the command that tells more" {
    each refuses 2 --xyzzyxyzzy
    grep -q -- '--help' said
    each refuses 2 -%
}

@test "an option is not abbreviated" {
    each refuses 2 --versio
    grep -q 'write --version' said
    each refuses 2 --quie
}

@test "an option with one dash is told its second" {
    each refuses 2 -version
    grep -q 'write --version' said
}

nothing() {
    local got=0
    timeout 10 "$command" >out 2>said </dev/null || got=$?
    cat said
    { [ "$got" -eq 1 ] || [ "$got" -eq 2 ]; } && [ ! -s out ] && [ "$(wc -l <said)" -eq 1 ]
}

@test "without arguments and input a command says what it wants and ends" {
    each nothing
}

full() {
    local got=0
    "$command" --help >/dev/full 2>said || got=$?
    [ "$got" -eq 3 ] && [ "$(wc -l <said)" -eq 1 ]
}

@test "a full disk is status 3 also for help" {
    [ -w /dev/full ] || skip "no /dev/full"
    each full
}

closed() {
    local got=0
    "$command" --version >&- 2>said || got=$?
    [ "$got" -eq 3 ]
}

@test "a closed standard output is status 3" {
    each closed
}

same_help() {
    LC_ALL=C "$command" --help >plain
    LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 TZ=Asia/Kathmandu "$command" --help | cmp - plain
}

@test "help does not depend on locale and time zone" {
    each same_help
}
