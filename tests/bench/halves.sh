#!/bin/sh
# halves.sh [PEOPLE]: does the reliability from the halves of a run tell that of the run?  The table of nvc-habituation(1), HALVES.
#
# PEOPLE simulated people (2000) see the same run of 240 volumes at TR 2 s.  Each has a true response, of which the spread over people is the
# error of the whole run, so that the true reliability is about .5.  nvc-glm measures the whole, nvc-habituation --halves both halves.  Columns: share of
# the variance of the whole that is of the true responses; Spearman-Brown of the halves' ICC(3,1); correlation of the errors of the halves; and the same
# two of plain halves, odd and even blocks or trials as conditions of their own.
set -eu
people=${1:-2000}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

events() { # DESIGN
    awk -v design="$1" 'BEGIN { OFS = "\t"; print "onset", "duration", "trial_type", "part"; srand(4)
        if (design == "blocks-rest") for (b = 0; b < 12; b++) put(10 + 38 * b, 18, b % 2, int(b / 2))
        if (design == "blocks-full") for (b = 0; b < 12; b++) for (k = 0; k < 9; k++) put(10 + 38 * b + 4 * k, 2, b % 2, int(b / 2))
        if (design == "events-slow") { t = 8; for (k = 0; t < 450; k++) { put(t, 1, rand() < 0.5, -1); t += 8 + 8 * rand() } }
        if (design == "events-fast") { t = 8; for (k = 0; t < 460; k++) { put(t, 1, rand() < 0.5, -1); t += 3 + 3 * rand() } }
        }
        function put(onset, duration, house, block) { name = house ? "house" : "face"; if (block < 0) block = count[name]++
            print onset, duration, name, name (block % 2 ? "_even" : "_odd") }'
}

series() { # AR SPREAD; columns of design.tsv: 2 face, 3 house; heights hf, hh
    awk -F '\t' -v n="$people" -v ar="$1" -v spread="$2" -v hf="$hf" -v hh="$hh" '
        function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
        /^#/ { next } $1 == "time" { next } { time[++N] = $1; face[N] = $2; house[N] = $3 }
        END {
            srand(11); OFS = "\t"; CONVFMT = "%.8g"
            printf "#nvc {\"table\":\"series\",\"tr_s\":2,\"n_volumes\":%d,\"regions\":[", N
            for (i = 1; i <= n; i++) printf "%s{\"column\":\"P%d\",\"region\":\"P%d\",\"side\":\"n/a\"}", (i > 1 ? "," : ""), i, i
            print "]}"; printf "time"
            for (i = 1; i <= n; i++) { printf "\tP%d", i; a[i] = 0.3 + spread * normal(); b[i] = 0.15 + spread * normal(); e[i] = normal(); print a[i], a[i] - b[i] >"truth" }
            printf "\n"
            for (t = 1; t <= N; t++) { printf "%g", time[t]
                for (i = 1; i <= n; i++) { printf "\t%.7g", 1000 + 10 * (a[i] * face[t] / hf + b[i] * house[t] / hh + 0.8 * e[i]); e[i] = ar * e[i] + sqrt(1 - ar * ar) * normal() }
                printf "\n" } }' design.tsv
}

column() { # TABLE INDEX CONTRAST RUN COLUMN
    awk -F '\t' -v index_="$2" -v contrast="$3" -v run="$4" -v want="$5" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["contrast"] == contrast && (index_ == "" || $at["index"] == index_) && (run == "" || $at["run"] == run) { print $at[want] }' "$1"
}

printf '%-12s %-5s %-10s %8s %8s %8s %8s %8s\n' design noise response true halves r_errors plain r_plain
for design in blocks-rest blocks-full events-slow events-fast; do
    events "$design" >events.tsv
    { printf '#nvc {"table":"series","tr_s":2,"n_volumes":240,"regions":[{"column":"P","region":"P","side":"n/a"}]}\ntime\tP\n'
      awk 'BEGIN { for (t = 0; t < 240; t++) print 2 * t "\t" 1000 + t % 7 }'; } >one.tsv
    nvc-design -q -e events.tsv one.tsv >design.tsv
    hf=$(sed -n 's/.*"name":"face"[^}]*"h_ref":\([0-9.e-]*\).*/\1/p;1q' design.tsv)
    hh=$(sed -n 's/.*"name":"house"[^}]*"h_ref":\([0-9.e-]*\).*/\1/p;1q' design.tsv)
    for ar in 0 0.5; do
        series $ar 0 >noise.tsv
        nvc-glm -q -n ar1 -e events.tsv noise.tsv >glm.tsv
        se=$(column glm.tsv "" face "" psc | awk '{ s += $1; q += $1 * $1 } END { print sqrt((q - s * s / NR) / (NR - 1)) }')
        nvc-habituation -q -n ar1 -e events.tsv -C 'face - house' --halves errors.tsv -o slopes.tsv noise.tsv
        series $ar "$se" >series.tsv
        nvc-glm -q -n ar1 -e events.tsv -C 'face - house' series.tsv >glm.tsv
        nvc-habituation -q -n ar1 -e events.tsv -C 'face - house' --halves halves.tsv -o slopes.tsv series.tsv
        for of in noise series; do
            nvc-glm -q -n ar1 -e events.tsv --trial-type part -C 'odd = face_odd - house_odd' -C 'even = face_even - house_even' $of.tsv >plain.$of.tsv
        done
        for contrast in face face-house; do
            column glm.tsv "" $contrast "" psc >whole
            for half in odd even; do
                column halves.tsv psc $contrast $half value >"value.$half"
                column errors.tsv psc $contrast $half value >"error.$half"
                if [ $contrast = face ]; then plain=face_$half; else plain=$half; fi
                for of in noise series; do column "plain.$of.tsv" "" "$plain" "" psc >"plain.$of.$half"; done
            done
            if [ $contrast = face ]; then cut -f 1 truth >t; else cut -f 2 truth >t; fi
            paste t whole value.odd value.even error.odd error.even plain.series.odd plain.series.even plain.noise.odd plain.noise.even | awk -v d="$design" -v ar="$ar" -v c="$contrast" '
                { for (i = 1; i <= 10; i++) { s[i] += $i; for (j = 1; j <= i; j++) p[i, j] += $i * $j } }
                function cov(i, j) { return i < j ? cov(j, i) : (p[i, j] - s[i] * s[j] / NR) / (NR - 1) }
                function stepped(i, j) { icc = 2 * cov(i, j) / (cov(i, i) + cov(j, j)); return 2 * icc / (1 + icc) }
                function r(i, j) { return cov(i, j) / sqrt(cov(i, i) * cov(j, j)) }
                END { printf "%-12s %-5s %-10s %8.3f %8.3f %8.3f %8.3f %8.3f\n", d, (ar > 0 ? "AR.5" : "white"), c, r(1, 2) ^ 2, stepped(3, 4), r(5, 6), stepped(7, 8), r(9, 10) }'
        done
    done
done
