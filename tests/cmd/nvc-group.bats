#!/usr/bin/env bats
# nvc-group: cases against controls.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    # 6 patients, 6 controls; the values make Welch t and g checkable by hand and in R
    awk 'BEGIN {
        OFS = "\t"
        print "participant_id", "group", "age", "sex", "site" >"participants.tsv"
        print "participant_id", "index", "contrast", "region", "side", "value", "se", "coverage", "tsnr", "unit", "run" >"all.tsv"
        split("1.1 0.7 1.4 0.9 1.2 0.5 1.6 1.9 1.3 2.2 1.7 1.5", y, " ")
        split("31 44 29 52 38 47 35 41 28 50 33 46", age, " ")
        for (i = 1; i <= 12; i++) {
            print sprintf("sub-%02d", i), (i <= 6 ? "patient" : "control"), age[i], (i % 2 ? "F" : "M"), "A" >"participants.tsv"
            print sprintf("sub-%02d", i), "psc", "face", "BLA", "L", y[i], 0.1 * i, 0.9, 40 + i, "%", "n/a" >"all.tsv"
        }
    }'
}

cell() { # FILE COLUMN INDEX
    awk -F '\t' -v want="$2" -v index_="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $1 == index_ { print $at[want] }' "$1"
}
near() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; exit !(d < 1e-9 && d > -1e-9) }'; }
refuses() { # PATTERN COMMAND...: status 1 and one line
    local pattern=$1
    shift
    run "$@"
    echo "$output"
    # shellcheck disable=SC2053 # a pattern is meant
    [ "$status" -eq 1 ] && [ "${#lines[@]}" -eq 1 ] && [[ "$output" == $pattern ]]
}

@test "Welch, Hedges g and the adjusted difference are those of R 4.2.2" {
    nvc-group -p participants.tsv --case patient -c age,sex all.tsv >t.tsv
    # t.test(y ~ g); effectsize::hedges_g; lm(y ~ g + age + sex)
    near "$(cell t.tsv diff psc)" -0.7333333333333333
    near "$(cell t.tsv t psc)" -3.913624368306510
    near "$(cell t.tsv p psc)" 0.002910338494796506
    near "$(cell t.tsv hedges_g psc)" -2.084973305426990
    near "$(cell t.tsv adj_diff psc)" -0.7519877675840977
    near "$(cell t.tsv adj_p psc)" 0.0067095675202772714
    [ "$(cell t.tsv q_of psc)" = adj_p ]
    [ "$(cell t.tsv family_m psc)" = 1 ]
}

@test "quality is printed beside the indices and is in no family" {
    nvc-group -p participants.tsv --case patient all.tsv >t.tsv
    [ "$(cell t.tsv n_case tsnr)" = 6 ]
    [ "$(cell t.tsv q tsnr)" = n/a ]
    [ "$(cell t.tsv note tsnr)" = quality ]
}

@test "one file per participant, standard input, ids without sub- and permuted rows give the same bytes" {
    nvc-group -p participants.tsv --case patient all.tsv >one.tsv
    nvc-group -p participants.tsv --case patient <all.tsv >pipe.tsv
    for i in 01 02 03 04 05 06 07 08 09 10 11 12; do { head -n 1 all.tsv; grep "sub-$i" all.tsv | sed 's/^sub-//'; } >"rows_$i.tsv"; done
    nvc-group -p participants.tsv --case patient rows_*.tsv >many.tsv
    { head -n 1 participants.tsv; tail -n +2 participants.tsv | sort -r; } >reversed.tsv
    { head -n 1 all.tsv; tail -n +2 all.tsv | sort -r; } | nvc-group -p reversed.tsv --case patient >permuted.tsv
    cmp one.tsv pipe.tsv
    cmp one.tsv many.tsv
    cmp one.tsv permuted.tsv
}

@test "rows of low coverage are missing and counted by reason" {
    sed '3s/0\.9/0.4/' all.tsv >low.tsv
    nvc-group -p participants.tsv --case patient low.tsv >t.tsv
    [ "$(cell t.tsv n_case psc)" = 5 ]
    [ "$(cell t.tsv n_missing psc)" = 1 ]
    [ "$(cell t.tsv note psc)" = low_coverage=1 ]
    [ "$(cell t.tsv n_case coverage)" = 6 ]
    nvc-group -p participants.tsv --case patient --min-coverage 0.3 low.tsv >t.tsv
    [ "$(cell t.tsv n_case psc)" = 6 ]
}

@test "several runs are refused unless it is said how to join them" {
    { sed 's/n\/a$/1/' all.tsv; tail -n +2 all.tsv | sed 's/n\/a$/2/; s/	0.9	/	0.9	/' | awk -F '\t' -v OFS='\t' '{ $6 += 1; $7 *= 2; print }'; } >runs.tsv
    refuses '*sub-01 has runs 1 and 2 of index psc*--runs*' nvc-group -p participants.tsv --case patient runs.tsv
    nvc-group -p participants.tsv --case patient --runs mean runs.tsv >t.tsv
    near "$(cell t.tsv mean_case psc)" 1.4666666666666666
    nvc-group -p participants.tsv --case patient --runs ivw runs.tsv >t.tsv
    near "$(cell t.tsv mean_case psc)" 1.1666666666666667
    refuses '*two rows of index psc*given twice*' nvc-group -p participants.tsv --case patient --runs mean all.tsv all.tsv
}

@test "a constant index has no test" {
    awk -F '\t' -v OFS='\t' 'NR > 1 { $6 = 3 } { print }' all.tsv >flat.tsv
    nvc-group -p participants.tsv --case patient -c age flat.tsv >t.tsv
    [ "$(cell t.tsv t psc)" = n/a ]
    [ "$(cell t.tsv adj_p psc)" = n/a ]
    [ "$(cell t.tsv family_m psc)" = n/a ]
}

@test "hostile tables get one clear line each" {
    g() { nvc-group --case patient "$@"; }
    { cat participants.tsv; tail -n 1 participants.tsv; } >twice.tsv
    refuses '*twice.tsv: line 14: participant sub-12 again (first on line 13)*' g -p twice.tsv all.tsv
    grep -v sub-07 participants.tsv >absent.tsv
    refuses '*participant sub-07 has rows but is not in the participants table*' g -p absent.tsv all.tsv
    sed '3s/patient/Patient /' participants.tsv >spelled.tsv
    refuses "*'Patient ' and 'patient'*differ only by case or blanks*" g -p spelled.tsv all.tsv
    sed '2,6s/patient/other/' participants.tsv >one.tsv
    refuses "*group 'patient' has 1 member*" g --control control -p one.tsv all.tsv
    refuses "*'site' is 'A' in all 12 participants*" g -p participants.tsv -c site all.tsv
    awk -F '\t' -v OFS='\t' '{ print $0, NR == 1 ? "months" : 12 * $3 }' participants.tsv >months.tsv
    refuses "*'age'*'months'*linearly dependent*" g -p months.tsv -c age,months all.tsv
    sed '5s/52/fifty/' participants.tsv >words.tsv
    refuses "*words.tsv: line 5: column 'age': 'fifty' is not a number*" g -p words.tsv -c age all.tsv
    refuses "*no column 'agee'; did you mean 'age'*" g -p participants.tsv -c agee all.tsv
    refuses "*has no label 'patients'*'control', 'patient'*" nvc-group --case patients -p participants.tsv all.tsv
    sed '4s/1.4/1,4/' all.tsv >comma.tsv
    refuses "*comma.tsv*line 4*1,4*" g -p participants.tsv comma.tsv
    head -n 1 all.tsv >empty.tsv
    refuses '*no rows*' g -p participants.tsv empty.tsv
    sed '4s/%/mm/' all.tsv >units.tsv
    refuses "*unit*share a unit*" g -p participants.tsv units.tsv
}

@test "nothing is written when something is refused" {
    run nvc-group -p participants.tsv --case nobody -o out.tsv all.tsv
    [ "$status" -eq 1 ]
    [ ! -e out.tsv ] && [ ! -e out.json ]
}

@test "every kind of table is written, by the extension" {
    nvc-group -p participants.tsv --case patient -o t.tsv --also t.csv --also t.md --also t.tex --also t.html \
        --demographics d.tsv all.tsv
    head -n 1 t.csv | grep -q '^index,contrast,'
    grep -q '^|---|' t.md
    grep -q '\\toprule' t.tex
    grep -q '</table>' t.html
    [ "$(awk -F '\t' '$1 == "sex" && $2 == "F" { print $12, $13, $14, $17 }' d.tsv)" = '3 3 fisher 1' ]
    [ -s t.json ]
}
