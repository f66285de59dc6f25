# TAP for shell tests: source this, call ok/not_ok or check, end with finish.
tap_n=0
tap_failed=0

ok() {
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1"
}

not_ok() {
    tap_n=$((tap_n + 1))
    tap_failed=1
    echo "not ok $tap_n - $1"
}

skip() { # TITLE REASON
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1 # SKIP $2"
}

diagnose() { sed 's/^/# /'; }

# empty TITLE TEXT: good when TEXT is empty, else TEXT says what is wrong
empty() {
    if [ -z "$2" ]; then
        ok "$1"
    else
        not_ok "$1"
        printf '%s\n' "$2" | diagnose
    fi
}

finish() {
    echo "1..$tap_n"
    exit "$tap_failed"
}
