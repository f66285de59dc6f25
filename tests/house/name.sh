#!/bin/sh
# What is committed stands on its own: no path of one machine, no tool of one workplace.
. "${srcdir:?}/tests/house/tap.sh"
cd "$srcdir" || exit 1

if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    skip 'no committed file names one machine' 'not a git checkout'
    finish
fi
empty 'no committed file names a path of one machine' \
    "$(git grep -nIE '(^|[^A-Za-z0-9_.$}-])/(wor[k]|hom[e]/[a-z]|roo[t])/' -- . ':!COPYING')"
empty 'no committed file names a tool of one workplace' \
    "$(git grep -nIE 'far[m]-(bench|studio)|BRIE[F]\.md|DEVELOPER[S]\.md|worktre[e]' -- . ':!COPYING')"
empty 'no comment refers to a document that is not here' \
    "$(git grep -nIE '(METHOD[S]|SCIENC[E]|RELIABILIT[Y]) (section )?[A-E]?[0-9]|(TABLE[S]|DESIG[N])(\.md|:)' -- src tests man examples '*.md')"
empty 'only tests, and the page that explains them, name the folder of reference data' \
    "$(git grep -lIF '../share''d' -- . ':!tests' ':!CONTRIBUTING.md' ':!COPYING')"
finish
