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

@test "negative controls are a family of their own, in a block of their own, and move no other number" {
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { print $0, "class"; next }
        { print $0, "bold-response"; $2 = "psc_shifted"; for (k = 0; k < 2; k++) { $6 = sin(NR * (k + 2)); $4 = k ? "CM" : "BLA"; print $0, "negative-control" } }' all.tsv >with.tsv
    nvc-group -p participants.tsv --case patient all.tsv >plain.tsv
    nvc-group -p participants.tsv --case patient --also t.md --also t.tex --also t.html --methods m.txt --one-sample o.tsv --normative n.tsv with.tsv >t.tsv
    for column in p q p_holm perm_p perm_p_fwe family_m; do
        [ "$(cell t.tsv $column psc)" = "$(cell plain.tsv $column psc)" ]
    done
    [ "$(cell t.tsv role psc_shifted)" = "negative-control
negative-control" ]
    [ "$(cell t.tsv family_m psc_shifted | sort -u)" = 2 ]
    [ "$(cut -f 1 t.tsv | uniq | tr '\n' ' ')" = 'index psc psc_shifted coverage tsnr ' ]
    awk '/should show nothing/ { after = NR } /Quality of the data/ { before = NR } /^[|] psc_shifted/ { in_block += NR > after && !before && after } END { exit in_block != 2 }' t.md
    grep -q 'multicolumn{8}{l}{.textit{Negative controls: should show nothing' t.tex
    grep -q 'colspan="8" scope="rowgroup">Negative controls' t.html
    grep -q 'of 2 are below .05, 0.1 expected by chance' t.md
    grep -q 'family of their own: . of 2 had p < 0.05' m.txt
    grep -q psc_shifted o.tsv
    run grep -c psc_shifted n.tsv
    [ "$output" = 0 ]
    refuses "*--primary 'psc_shifted.face.BLA_L' matches 0 keys*" nvc-group -p participants.tsv --case patient --primary psc_shifted.face.BLA_L with.tsv
}

@test "dropout, grey fraction and volume of nvc-qc become outcomes and may be covariates" {
    awk 'BEGIN { OFS = "\t"; print "participant_id", "region", "side", "dropout", "pgm", "volume_mm3", "verdict"
        for (i = 1; i <= 12; i++) print sprintf("sub-%02d", i), "BLA", "L", 0.8 + 0.01 * (i % 5), 0.7 + 0.02 * (i % 4), 1000 + 10 * i, "pass" }' >qc.tsv
    nvc-group -p participants.tsv --case patient --qc qc.tsv -c pgm all.tsv >t.tsv
    [ "$(cut -f 1 t.tsv | tr '\n' ' ')" = 'index psc coverage dropout pgm tsnr volume_mm3 ' ]
    near "$(cell t.tsv diff volume_mm3)" -60
    [ "$(cell t.tsv role dropout)" = quality ]
    [ "$(cell t.tsv unit volume_mm3)" = mm3 ]
    [ "$(cell t.tsv covariates psc)" = pgm ]
    [ "$(cell t.tsv adj_p psc)" != n/a ]
    sed 's/0.82/maybe/' qc.tsv >odd.tsv
    refuses "*odd.tsv*dropout*maybe*" nvc-group -p participants.tsv --case patient --qc odd.tsv all.tsv
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

@test "in a paper's table a row without a test says why, and nothing is n/a" {
    study
    awk -F '\t' -v OFS='\t' '$5 == "CM" && $1 <= 12 { $7 = "n/a" } $5 == "SF" && $1 <= 11 { $7 = "n/a" } { print }' pre.tsv >thin.tsv
    nvc_study -c age -o t.md --sensitivity s.md --one-sample o.md thin.tsv
    grep -q '| psc face CM L, pre (%) | none | .*, 12 | too few |' t.md
    grep -q '| psc face SF L, pre (%) | [-.0-9]*, 1 | .*, 12 | too few |' t.md
    grep -q '| coverage BLA L, pre | 0.900 (0.00), 12 | 0.900 (0.00), 12 | all alike |' t.md
    [ "$(cat t.md s.md o.md | grep -c 'n/a')" -eq 0 ]
    grep -q '^| Index | analysis | detail | scale | n_case | n_control | estimate \[95% CI\] |' s.md
}

@test "equivalence is tested within bounds in g, or in the unit of the index where these are given" {
    nvc-group -p participants.tsv --case patient all.tsv >t.tsv
    [ "$(cell t.tsv tost_scale psc) $(cell t.tsv tost_bound psc)" = 'g 0.4' ]
    nvc-group -p participants.tsv --case patient --equivalence-bound 'psc=1.5' all.tsv >t.tsv
    [ "$(cell t.tsv tost_scale psc) $(cell t.tsv tost_bound psc)" = 'unit 1.5' ]
    # scipy: the interval of Welch at 90 %, and the larger of the two one-sided p
    near "$(cell t.tsv tost_ci90_low psc)" -1.0730399281553085
    near "$(cell t.tsv tost_ci90_high psc)" -0.3936267385113579
    near "$(cell t.tsv tost_p psc)" 0.0010927605037120464
    [ "$(cell t.tsv tost_scale tsnr)" = g ]
    run nvc-group -p participants.tsv --case patient --equivalence-bound 'psc=-1' all.tsv
    [ "$status" -eq 2 ]
}

@test "sites are a factor of the model and blocks of the permutations, and their confounding is told" {
    study
    nvc_study -c age --site site pre.tsv >t.tsv 2>said
    [ "$(field t.tsv covariates 'v["region"] == "BLA" && v["index"] == "psc"')" = 'age, site' ]
    nvc_study -c age,site --block site pre.tsv >same.tsv
    cmp t.tsv same.tsv
    grep -q "group and site: Cramer's V 0.00, VIF 1.00" said
    # sites of 10 and 2 patients: V is |phi|, VIF 1 / (1 - V^2)
    awk -F '\t' -v OFS='\t' 'NR > 1 { $6 = ($1 <= 10 || $1 >= 23) ? "A" : "B" } { print }' study.tsv >lop.tsv
    nvc-group -p lop.tsv --case patient -n 0 --site site pre.tsv 2>said >t.tsv
    grep -q "group and site: Cramer's V 0.67, VIF 1.80" said
    refuses "*'dose' holds numbers*" nvc-group -p study.tsv --case patient --site dose pre.tsv
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
    refuses "*participants who have a value*'sex' is 'F' in all 6*" g -p participants.tsv -c age,sex -x sex=M all.tsv
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

@test "options that name what is not there are refused before anything is written" {
    study
    asks() { nvc-group -p study.tsv --case patient -o out.tsv "$@"; }
    refuses "*--family 'pcs' matches no index; the names of these tables are like 'psc.face.BLA_L.pre'*" asks --family pcs pre.tsv
    refuses "*--lower 'nope' matches no index*" asks --lower nope pre.tsv
    refuses "*--show 'nope' matches no index*" asks --show nope --figure f.png pre.tsv
    refuses "*--equivalence-bound 'nope' matches no index*" asks --equivalence-bound nope=1 pre.tsv
    refuses "*--participant '99': study.tsv has no such participant*" asks --normative n.tsv --participant 99 pre.tsv
    refuses "*'dose' is n/a in every control and cannot be adjusted for*" asks -c dose pre.tsv
    run asks -c age,age pre.tsv
    [ "$status" -eq 2 ] && [[ "$output" == *"'age' is given twice"* ]]
    [ ! -e out.tsv ] && [ ! -e f.png ]
    asks -x 'age>0' pre.tsv 2>said
    grep -q 'no control has a value of any index that the rules of exclusion leave' said
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

# 24 participants, two sites, two sessions, three regions, a dose and a score
study() {
    awk 'BEGIN {
        OFS = "\t"
        srand(7)
        print "participant_id", "group", "diagnosis", "age", "sex", "site", "dose", "score" >"study.tsv"
        print "participant_id", "session", "index", "contrast", "region", "side", "value", "se", "coverage", "tsnr", "mean_fd", "unit" >"rows.tsv"
        for (i = 1; i <= 24; i++) {
            patient = i <= 12
            print i, (patient ? "patient" : "control"), (patient ? (i % 2 ? "mdd" : "ptsd") : "control"), 20 + int(40 * rand()), \
                (rand() < .5 ? "F" : "M"), (i % 2 ? "A" : "B"), (patient ? int(300 * rand()) : "n/a"), int(30 * rand()) >"study.tsv"
            gain = (patient ? .8 : 1) * (1 + .3 * (rand() - .5))
            fd = .1 + .1 * rand()
            for (s = 1; s <= 2; s++)
                for (r = 1; r <= 4; r++)
                    print i, (s == 1 ? "pre" : "post"), "psc", "face", (r == 1 ? "BLA" : r == 2 ? "visual" : r == 3 ? "CM" : "SF"), "L", \
                        gain * (r == 2 ? 1.2 : .5) + .2 * (rand() - .5), .1 + .05 * rand(), .9, 40 + 5 * rand(), fd, "%" >"rows.tsv"
        }
    }'
    grep -v post rows.tsv >pre.tsv
}
nvc_study() { nvc-group -p study.tsv --case patient -n 500 "$@"; }
field() { # FILE COLUMN AWK-CONDITION over v["name"]
    awk -F '\t' -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { for (n in at) v[n] = $at[n] } '"$3"' { print v[want] }' "$1"
}

@test "permutations are the same for any number of threads and change with the seed" {
    study
    nvc_study -j 1 pre.tsv >one.tsv
    nvc_study -j 5 pre.tsv >five.tsv
    cmp one.tsv five.tsv
    nvc_study --seed 2 pre.tsv >other.tsv
    run cmp -s one.tsv other.tsv
    [ "$status" -eq 1 ]
}

@test "few arrangements are enumerated, and blocks make them fewer" {
    nvc-group -p participants.tsv --case patient all.tsv >t.tsv
    [ "$(cell t.tsv perm_method psc) $(cell t.tsv perm_n psc)" = 'exact 924' ]
    nvc-group -p participants.tsv --case patient --block sex all.tsv >t.tsv
    [ "$(cell t.tsv perm_method psc) $(cell t.tsv perm_n psc)" = 'exact 400' ]
}

@test "a primary index is tested alone and a family is named" {
    study
    nvc_study --primary psc.face.BLA_L pre.tsv >t.tsv
    [ "$(field t.tsv role 'v["region"] == "BLA" && v["index"] == "psc"')" = primary ]
    [ "$(field t.tsv family_m 'v["region"] == "CM" && v["index"] == "psc"')" = 3 ]
    [ "$(field t.tsv q 'v["region"] == "BLA" && v["index"] == "psc"')" = n/a ]
    nvc_study --family 'psc.*.visual_L' pre.tsv >t.tsv
    [ "$(field t.tsv role 'v["region"] == "CM" && v["index"] == "psc"')" = outside ]
    refuses "*matches 4 keys*" nvc-group -p study.tsv --case patient --primary 'psc.*' pre.tsv
}

@test "rules of exclusion are counted in a flow" {
    study
    nvc_study -x 'site=B' -x 'mean_fd>0.15' --flow flow.tsv pre.tsv >t.tsv
    [ "$(field flow.tsv n_case 'v["reason"] == "site=B"')" = 6 ]
    awk -F '\t' 'NR > 1 && $1 == "excluded" { out += $3 + $4 } $1 == "assessed" { all = $3 + $4 } $1 == "analysed" { in_ = $3 + $4 } END { exit all != out + in_ || all != 24 }' flow.tsv
    [ "$(field t.tsv n_case 'v["region"] == "BLA" && v["index"] == "psc"')" = "$(field flow.tsv n_case 'v["step"] == "analysed"')" ]
    run nvc-group -p study.tsv --case patient -x 'coverage' pre.tsv
    [ "$status" -eq 2 ]
    refuses "*holds labels; compare them with = or !=*" nvc-group -p study.tsv --case patient -x 'site>3' pre.tsv
}

@test "rules may name the verdict of nvc-qc" {
    study
    { printf 'participant_id\tsession\ttask\trun\tregion\tside\tverdict\n'
      printf 'sub-3\tpre\tn/a\tn/a\tBLA\tL\tfail\nsub-4\tpre\tn/a\tn/a\tBLA\tR\tfail\n'
      printf 'sub-5\tpost\tn/a\tn/a\tBLA\tL\tfail\nsub-20\tpre\tn/a\tn/a\tBLA\tL\tflag\n'; } >qc.tsv
    nvc_study --qc qc.tsv -x qc=fail --flow flow.tsv pre.tsv >t.tsv
    [ "$(field t.tsv n_case 'v["region"] == "BLA" && v["index"] == "psc"')" = 11 ]
    [ "$(field t.tsv n_control 'v["region"] == "BLA" && v["index"] == "psc"')" = 12 ]
    [ "$(field t.tsv n_case 'v["region"] == "CM" && v["index"] == "psc"')" = 12 ]
    [ "$(field t.tsv note 'v["region"] == "BLA" && v["index"] == "psc"')" = excluded=1 ]
    nvc_study --qc qc.tsv -x qc=fail -x qc=flag pre.tsv >t.tsv
    [ "$(field t.tsv n_control 'v["region"] == "BLA" && v["index"] == "psc"')" = 11 ]
    run nvc-group -p study.tsv --case patient -x qc=fail pre.tsv
    [ "$status" -eq 2 ]
    sed 's/fail/bad/' qc.tsv >bad.tsv
    refuses "*bad.tsv: line 2: verdict 'bad' is none of pass, flag, fail and n/a*" nvc-group -p study.tsv --case patient --qc bad.tsv -x qc=fail pre.tsv
}

@test "grey matter and volume of nvc-qc are outcomes, covariates and rules, and a failed positive control leaves a person out" {
    study
    awk -F '\t' -v OFS='\t' 'BEGIN { print "participant_id", "session", "task", "run", "region", "side", "verdict", "verdict_positive", "pgm", "volume_mm3" }
        NR > 1 && $1 != id { id = $1; n++
            print id, "pre", "n/a", "n/a", "BLA", "L", "flag", n == 1 ? "flag" : "pass", 0.3 + 0.02 * (n % 7), 1200 + 10 * (n % 4)
            print id, "pre", "n/a", "n/a", "BLA", "R", "flag", n == 1 ? "flag" : "pass", 0.3 + 0.02 * (n % 5), 1100 }' pre.tsv >qc.tsv
    nvc_study --qc qc.tsv -c age,pgm --sensitivity s.tsv pre.tsv >t.tsv
    field t.tsv mean_case 'v["index"] == "pgm"' | awk '{ exit !($1 > 0.3 && $1 < 0.42 && NR == 1) }'
    [ "$(field t.tsv unit 'v["index"] == "volume_mm3"')" = mm3 ] # of the left BLA alone: of the others nothing is known
    near "$(field t.tsv mean_case 'v["index"] == "volume_mm3"')" "$(awk -F '\t' 'NR == FNR { volume[$1] = $10; next } $1 in volume && $2 == "patient" { sum += volume[$1]; n++ } END { print sum / n }' \
        <(grep -w L qc.tsv) study.tsv)"
    [[ "$(field t.tsv covariates 'v["region"] == "BLA" && v["side"] == "L" && v["index"] == "psc"')" == *pgm* ]]
    nvc_study --qc qc.tsv --sensitivity s.tsv pre.tsv >plain.tsv
    [ -n "$(field s.tsv estimate 'v["analysis"] == "pgm_adjusted" && v["side"] == "L"')" ]
    [ -n "$(field s.tsv estimate 'v["analysis"] == "volume_adjusted"')" ]
    sed 's/12[123]0$/1200/' qc.tsv >template.tsv
    nvc_study --qc template.tsv --sensitivity s.tsv pre.tsv >t.tsv
    [ -z "$(field s.tsv estimate 'v["analysis"] == "volume_adjusted"')" ]
    both() { awk -F '\t' -v side="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $at["region"] == "BLA" && $at["index"] == "psc" && $at["side"] == side {
        print $at["n_case"] + $at["n_control"] }' "$1"; }
    nvc_study --qc qc.tsv -x positive=flag pre.tsv >t.tsv
    [ "$(both t.tsv L)" = $(($(both plain.tsv L) - 1)) ]
    nvc_study --qc qc.tsv -x 'pgm<0.31' pre.tsv >t.tsv
    [ "$(both t.tsv L)" -lt "$(both plain.tsv L)" ]
    run nvc-group -p study.tsv --case patient -x positive=flag pre.tsv
    [ "$status" -eq 2 ]
    sed 's/0\.3/x/' qc.tsv >bad.tsv
    refuses "*bad.tsv: line *pgm*" nvc-group -p study.tsv --case patient --qc bad.tsv pre.tsv
}

@test "reliability over runs stands beside the effect, as nvc-reliability tells it" {
    study
    awk -F '\t' -v OFS='\t' 'NR == 1 { print $0, "run"; next } { print $0, $2 == "pre" ? 1 : 2 }' rows.tsv | sed 's/\tpre\t/\tn\/a\t/; s/\tpost\t/\tn\/a\t/' >runs.tsv
    nvc_study --runs mean runs.tsv >t.tsv
    nvc-reliability --by run -p study.tsv --case patient runs.tsv >r.tsv
    near "$(field t.tsv hedges_g_true 'v["region"] == "BLA" && v["index"] == "psc"')" "$(field r.tsv g_true 'v["region"] == "BLA" && v["index"] == "psc"')"
    near "$(field t.tsv hedges_g_true_ci_low 'v["region"] == "BLA" && v["index"] == "psc"')" "$(field r.tsv g_true_ci_low 'v["region"] == "BLA" && v["index"] == "psc"')"
    awk -v icc="$(field t.tsv icc 'v["region"] == "BLA" && v["index"] == "psc"')" 'BEGIN { exit !(icc > 0 && icc < 1) }'
    nvc_study pre.tsv >t.tsv
    [ "$(field t.tsv icc 'v["region"] == "BLA" && v["index"] == "psc"')" = n/a ]
}

@test "matching and weights are shown to make groups alike" {
    study
    awk -F '\t' -v OFS='\t' 'NR > 1 && $1 <= 12 { $11 += .03 } { print }' pre.tsv >moved.tsv
    nvc_study -c age,sex --sensitivity s.tsv moved.tsv >t.tsv
    for how in before matched weighted; do
        field s.tsv estimate 'v["region"] == "BLA" && v["detail"] == "mean_fd" && v["analysis"] == "smd_'$how'"'
    done | awk '{ d[NR] = $1 < 0 ? -$1 : $1 } END { exit !(NR == 3 && d[1] > .5 && d[2] < d[1] && d[3] < d[1] / 2) }'
    [ -n "$(field s.tsv estimate 'v["region"] == "BLA" && v["detail"] == "sex" && v["analysis"] == "smd_before"')" ]
}

@test "change within participants is group by session, and means are tested against 0 by flipping signs" {
    study
    run nvc_study --within 'change = session: post - pre' rows.tsv
    [ "$status" -eq 2 ]
    nvc_study --within 'session: post - pre' --one-sample os.tsv rows.tsv >t.tsv
    [ "$(field t.tsv session 'v["region"] == "BLA"')" = post-pre ]
    want=$(awk -F '\t' 'NR > 1 && $5 == "BLA" { s[$1] += ($2 == "post" ? 1 : -1) * $7 } END { for (i = 1; i <= 12; i++) m += s[i] / 12; printf "%.12f", m }' rows.tsv)
    near "$(field t.tsv mean_case 'v["region"] == "BLA"')" "$want"
    near "$(field os.tsv mean 'v["region"] == "BLA" && v["group"] == "patient"')" "$want"
    [ "$(field os.tsv perm_method 'v["region"] == "BLA" && v["group"] == "patient"')" = exact ]
    refuses "*session: posst - pre*posst*did you mean 'post'*" nvc-group -p study.tsv --case patient --within 'session: posst - pre' rows.tsv
}

@test "a paper's table goes from the primary index to the quality of the data" {
    study
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { print $0, "note"; next } { print $0, "n/a"; if ($5 == "CM") { $3 = "z"; print $0, "derived" } }' pre.tsv >rows2.tsv
    nvc_study --primary psc.face.SF_L --family 'psc.face.[BC]*' --demographics d.md --flow f.md -o t.md --also t.tex rows2.tsv
    [ "$(sed -n 's/^| \*\*\(.*\)\*\* .*/\1/p' t.md | tr '\n' ';')" = 'Primary index;Family of tests;Outside the family;Quality of the data;' ]
    grep -A 1 'Primary index' t.md | grep -q '^| psc face SF L'
    [ "$(grep -c midrule t.tex)" = 4 ] # one below the heads, one before each block but the first
    awk 'BEGIN { FS = OFS = "\t" } NR > 1 { $6 = substr("ABC", NR % 3 + 1, 1) } { print }' study.tsv >three.tsv
    nvc-group -p three.tsv --case patient -n 0 --site site --sensitivity s.md pre.tsv >t.tsv
    grep sites_pooled s.md | grep -q '| .-.*, .*. |$'
    head -n 3 s.md | grep -q 'tau2 | prediction interval |'
    head -n 3 d.md | grep -q 'patient, n = 12'
    grep -q 'Welch t(' d.md
    head -n 3 f.md | grep -q 'Who was left out'
}

@test "the same comparison is done otherwise, site by site and by dose" {
    study
    nvc_study -c age --sensitivity s.tsv --site site --dose dose -x 'mean_fd>0.19' pre.tsv >t.tsv
    for analysis in welch ancova ancova_hc3 yuen fd_adjusted tsnr_adjusted matched overlap_weighted precision site sites_pooled \
        without_site group_x_site at_mean_dose at_dose_0 dose_slope no_exclusions qc_fd_case qc_fd_control; do
        [ -n "$(field s.tsv p 'v["region"] == "BLA" && v["analysis"] == "'$analysis'"')" ]
    done
    [ "$(field s.tsv p 'v["region"] == "BLA" && v["analysis"] == "welch"')" = "$(field t.tsv p 'v["region"] == "BLA" && v["index"] == "psc"')" ]
    refuses "*'dose' holds numbers*" nvc-group -p study.tsv --case patient --sensitivity s.tsv --site dose pre.tsv
}

@test "a gain that is lower everywhere is not called specific" {
    study
    nvc_study --specificity spec.tsv --control-region visual pre.tsv >t.tsv
    [ "$(field spec.tsv verdict 'v["region"] == "BLA"')" != specific ]
    [ "$(field spec.tsv control_region 'v["region"] == "BLA"')" = visual ]
    # the same rows with a BLA of patients at half: specific
    awk -F '\t' -v OFS='\t' 'NR > 1 && $1 <= 12 && $5 == "BLA" { $7 *= .5 } { print }' pre.tsv >half.tsv
    nvc_study --specificity spec.tsv --control-region visual half.tsv >t.tsv
    [ "$(field spec.tsv verdict 'v["region"] == "BLA"')" = specific ]
    run nvc-group -p study.tsv --case patient --specificity spec.tsv pre.tsv
    [ "$status" -eq 2 ]
}

@test "copies of the region elsewhere give its rank, and are in no family" {
    study
    awk 'BEGIN { FS = OFS = "\t" } { print } NR > 1 && $5 == "BLA" { for (k = 1; k <= 9; k++) { $5 = "null" k; $7 = sin(NR * k) / 3; print } }' pre.tsv >moved.tsv
    nvc_study --specificity spec.tsv --control-region visual pre.tsv >plain.tsv
    nvc_study --specificity spec.tsv --control-region visual --null-regions 'null*' --also t.md moved.tsv >t.tsv
    [ "$(field t.tsv role 'v["region"] == "null3"' | sort -u)" = null-region ]
    [ "$(field t.tsv q 'v["region"] == "BLA" && v["index"] == "psc"')" = "$(field plain.tsv q 'v["region"] == "BLA" && v["index"] == "psc"')" ]
    [ "$(field spec.tsv n_null 'v["region"] == "BLA"')" = 9 ]
    awk -v r="$(field spec.tsv spatial_rank 'v["region"] == "BLA"')" 'BEGIN { exit !(r >= 0.1 && r <= 1) }'
    run grep -c null3 t.md
    [ "$output" = 0 ]
}

@test "ComBat keeps its site in the model and refuses groups that are sites" {
    study
    nvc_study --combat site pre.tsv >t.tsv 2>said
    [ "$(field t.tsv covariates 'v["region"] == "BLA" && v["index"] == "psc"')" = site ]
    grep -q "Cramer's V" said
    # permutations harmonise anew: much as HC3 says, and the same for any number of threads
    nvc_study --combat site -j 3 pre.tsv >three.tsv
    cmp t.tsv three.tsv
    [ "$(field t.tsv perm_n 'v["region"] == "BLA" && v["index"] == "psc"')" = 500 ]
    awk -v a="$(field t.tsv perm_p 'v["region"] == "BLA" && v["index"] == "psc"')" -v b="$(field t.tsv adj_hc3_p 'v["region"] == "BLA" && v["index"] == "psc"')" \
        'BEGIN { exit !(a - b < .05 && b - a < .05) }'
    # forks are harmonised anew, too; signs are not flipped, and that is said
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { print $0, "atlas"; next } { print $0, "one"; $7 += sin(NR) / 10; print $0, "two" }' pre.tsv >atlases.tsv
    nvc_study --combat site --curve psc.face.BLA_L --curve-table c.tsv --one-sample o.tsv --methods m.txt atlases.tsv >t.tsv 2>said
    [ "$(field c.tsv perm_n 'v["atlas"] == "two"')" = 500 ]
    awk -v a="$(field c.tsv p_mean 'v["atlas"] == "two"')" -v b="$(field t.tsv perm_p 'v["region"] == "BLA" && v["index"] == "psc" && v["atlas"] == "one" && v["side"] == "L"')" \
        'BEGIN { exit !(a - b < .1 && b - a < .1) }'
    nvc_study --combat site --curve psc.face.BLA_L --curve-table three.tsv -j 3 atlases.tsv >t.tsv
    cmp c.tsv three.tsv
    grep -q 'one-sample after --combat: perm_p is n/a' said
    [ "$(field o.tsv perm_p 'v["group"] == "all" && v["atlas"] == "one" && v["region"] == "BLA" && v["index"] == "psc"' | sort -u)" = n/a ]
    grep -q 'forks of one finding (psc.face.BLA_L) were' m.txt
    run grep -c 'sign flips' m.txt
    [ "$output" = 0 ]
    awk -F '\t' -v OFS='\t' 'NR > 1 { $6 = $2 == "patient" ? "A" : "B" } { print }' study.tsv >confounded.tsv
    run nvc-group -p confounded.tsv --case patient --combat site pre.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"cannot be told apart"* || "$output" == *"linearly dependent"* ]]
}

@test "an index in a participant, in scores, in a formula" {
    study
    nvc_study -c age --normative n.tsv --participant 3 --scores score,age --correlations r.tsv \
        --formula 'index ~ diagnosis*sex + site' --level-contrast 'diagnosis: mdd - control' --model m.tsv \
        --curve psc --curve-table curve.tsv --curve-figure curve.svg --methods methods.txt pre.tsv >t.tsv
    [ "$(field n.tsv participant_id 'v["region"] == "BLA"')" = sub-3 ]
    [ "$(field r.tsv n 'v["region"] == "BLA" && v["method"] == "partial_pearson" && v["group"] == "all" && v["score"] == "score"')" = 24 ]
    [ "$(field m.tsv dof1 'v["region"] == "BLA" && v["kind"] == "term" && v["name"] == "diagnosis"')" = 2 ]
    [ -n "$(field m.tsv p 'v["region"] == "BLA" && v["kind"] == "contrast"')" ]
    [ "$(field curve.tsv forks 'v["region"] == "BLA"')" = 4 ]
    grep -q 'Freedman-Lane' methods.txt
    grep -q '<svg' curve.svg
    refuses "*no column 'diagnos'; did you mean 'diagnosis'*" nvc-group -p study.tsv --case patient --formula 'index ~ diagnos' --model m.tsv pre.tsv
}

@test "a declared analysis is held to, and blind labels make other numbers" {
    study
    nvc_study --lock lock.json -c age pre.tsv >t.tsv
    nvc_study --lock lock.json -c age -o again.tsv pre.tsv
    cmp t.tsv again.tsv
    grep -q AnalysisSHA256 again.json
    refuses "*'covariates' is not what was declared*" nvc_study --lock lock.json -c age,sex pre.tsv
    refuses "*'halves' is not what was declared*" nvc_study --lock lock.json -c age --halves pre.tsv pre.tsv
    sed -i 's/"covariates": "age"/"covariates": "age,sex"/' lock.json
    refuses "*the file was changed*" nvc_study --lock lock.json -c age,sex pre.tsv
    nvc_study --blind pre.tsv >blind.tsv 2>said
    grep -q 'no number of this run is a result' said
    [ "$(cut -f 9,10 blind.tsv | tail -n +2 | sort -u)" = 'shuffled patient	shuffled control' ]
    run cmp -s t.tsv blind.tsv
    [ "$status" -eq 1 ]
}

@test "figures are drawn in three kinds" {
    study
    nvc_study --figure f.png --forest f.svg --roc f.pdf pre.tsv >t.tsv
    [ "$(head -c 4 f.png | tail -c 3)" = PNG ]
    grep -q '<svg' f.svg
    [ "$(head -c 4 f.pdf)" = %PDF ]
    run nvc-group -p study.tsv --case patient --figure f.gif pre.tsv
    [ "$status" -eq 2 ]
}

@test "halves of a run give its reliability beside the effect, stepped up to the whole run" {
    awk 'BEGIN { OFS = "\t"
        print "participant_id", "group" >"six.tsv"
        print "participant_id", "index", "contrast", "region", "side", "value", "unit", "run" >"whole.tsv"
        print "participant_id", "index", "contrast", "region", "side", "value", "unit", "run" >"halves.tsv"
        split("2 3 4 1 2 3", whole, " "); split("1 3 5 0 2 4", odd, " "); split("2 2 5 1 1 4", even, " ")
        for (i = 1; i <= 6; i++) {
            print i, i <= 3 ? "patient" : "control" >"six.tsv"
            print i, "psc", "face", "BLA", "L", whole[i], "%", "1" >"whole.tsv"
            print i, "psc", "face", "BLA", "L", odd[i], "%", "1-odd" >"halves.tsv"
            print i, "psc", "face", "BLA", "L", even[i], "%", "1-even" >"halves.tsv"
        } }'
    nvc-group -p six.tsv --case patient --halves halves.tsv --methods m.txt whole.tsv >t.tsv
    # within groups: mean squares of people 2 x 3.25 and of what is left 0.5; ICC(3,1) = 6/7, 2 r/(1 + r) = 12/13; J(4) = sqrt(2/pi)
    near "$(cell t.tsv icc psc)" 0.9230769230769231
    near "$(cell t.tsv hedges_g_true psc)" 0.8304645808611464
    near "$(cell t.tsv observable_g psc)" 0.9607689228305228
    # F = 13 with 4 and 4 degrees of freedom, F(.975; 4, 4) = 9.60452988472286
    near "$(cell t.tsv icc_ci_low psc)" 0.26119000886747235
    near "$(cell t.tsv icc_ci_high psc)" 0.9919909586573902
    [ "$(cell t.tsv icc_of psc)" = halves ]
    grep -q 'stepped up to the whole run by Spearman-Brown' m.txt
    sed 's/-odd/-first/; s/-even/-second/' halves.tsv >rest.tsv # a resting run
    nvc-group -p six.tsv --case patient --halves rest.tsv whole.tsv | cmp - t.tsv
    # who lacks a half, or is out, is not in it; halves of others change nothing
    grep -v '^1	.*odd' halves.tsv >fewer.tsv
    nvc-group -p six.tsv --case patient --halves fewer.tsv whole.tsv >f.tsv
    nvc-group -p six.tsv --case patient --halves halves.tsv whole.tsv | cut -f 1-20 >a
    nvc-group -p six.tsv --case patient whole.tsv | cut -f 1-20 | cmp - a
    [ "$(cell f.tsv icc psc)" != "$(cell t.tsv icc psc)" ]
    # several runs are better than halves and are never mixed with them
    { cat whole.tsv; awk -F '\t' -v OFS='\t' 'NR > 1 { $6 += NR % 2; $8 = 2; print }' whole.tsv; } >runs.tsv
    nvc-group -p six.tsv --case patient --runs mean runs.tsv >r.tsv
    nvc-group -p six.tsv --case patient --runs mean --halves halves.tsv runs.tsv >both.tsv
    [ "$(cell both.tsv icc_of psc)" = runs ]
    cmp r.tsv both.tsv
}

@test "a correlation of maps says whether the maps are as reliable in both groups" {
    awk 'BEGIN { OFS = "\t"; print "participant_id", "group" >"people.tsv"; print "participant_id", "index", "contrast", "region", "side", "value", "unit", "note"
        for (i = 1; i <= 12; i++) {
            print i, i <= 6 ? "patient" : "control" >"people.tsv"
            print i, "nvc_r_alff", "rest", "BLA", "L", 0.3 + 0.01 * (i * 7 % 5) - (i <= 6) * 0.2, "r", ""
            print i, "nvc_r_reho", "rest", "BLA", "R", 0.3 + 0.01 * (i * 7 % 5), "r", ""
            print i, "nvc_r_alff", "rest", "BLA", "R", 0.3 + 0.01 * (i * 7 % 5), "r", ""
            print i, "rel_cbf", "rest", "BLA", "L", 0.8 + 0.01 * (i * 5 % 7), "0..1", "derived"
            print i, "rel_alff", "rest", "BLA", "L", 0.7 + 0.01 * (i * 5 % 7) - (i <= 6) * 0.3, "0..1", "derived"
            print i, "rel_cbf", "rest", "BLA", "R", 0.8 + 0.01 * (i * 5 % 7), "0..1", "derived"
            print i, "rel_alff", "rest", "BLA", "R", 0.7 + 0.01 * (i * 5 % 7), "0..1", "derived"
        } }' >maps.tsv
    nvc-group -p people.tsv --case patient maps.tsv >t.tsv 2>said
    grep -q '1 correlation is across voxels' said || grep -q '1 correlation is' said
    notes=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["index"], $at["side"], $at["role"], $at["note"] }' t.tsv)
    grep -qx 'nvc_r_alff L family map_reliability_differs' <<<"$notes"
    grep -qx 'nvc_r_alff R family n/a' <<<"$notes"
    grep -qx 'nvc_r_reho R family map_reliability_unknown' <<<"$notes"
    grep -q 'rel_alff L derived' <<<"$notes" # with its own test, outside of the family
}

@test "what is no half is refused, and halves of nothing that is compared are told" {
    awk -F '\t' -v OFS='\t' 'NR > 1 { $3 = "house"; $11 = "odd" } { print }' all.tsv >odd.tsv
    refuses "*halves of sub-01, index psc: run 'n/a' is none of odd, even, first and second*" nvc-group -p participants.tsv --case patient --halves all.tsv all.tsv
    refuses '*no row is of the even or second half' nvc-group -p participants.tsv --case patient --halves odd.tsv all.tsv
    sed 's/odd$/even/' odd.tsv >even.tsv
    nvc-group -p participants.tsv --case patient --halves odd.tsv --halves even.tsv all.tsv 2>said >t.tsv
    grep -q -e '--halves: no row' said
    [ "$(cell t.tsv icc psc) $(cell t.tsv icc_of psc)" = 'n/a n/a' ]
}
