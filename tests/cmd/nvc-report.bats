#!/usr/bin/env bats
# nvc-report as a user types it.

setup_file() {
    nvc-simulate -q --tiny --cases 2 --controls 2 "$BATS_FILE_TMPDIR/study"
    nvc-run -q --report "$BATS_FILE_TMPDIR/study" "$BATS_FILE_TMPDIR/out" participant
    nvc-run -q --report "$BATS_FILE_TMPDIR/study" "$BATS_FILE_TMPDIR/out" group --case patient --permutations 0
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    out=$BATS_FILE_TMPDIR/out
}

@test "nvc-run --report makes a page of each participant and of the cohort, whole and fetching nothing" {
    for page in "$out"/sub-0[1-4].html "$out"/group/report.html; do
        well_formed "$page"
        grep -q 'A research measure, not a diagnosis' "$page"
        grep -q 'What the numbers cannot tell' "$page"
    done
    [ "$(find "$out" -name '*.html' | wc -l)" = 6 ] # with table.html of nvc-group
}

@test "the page of a person shows quality, the mask on the run, indices and methods" {
    page=$out/sub-02.html
    grep -q '<title>sub-02</title>' "$page"
    grep -Eq '<td class="(pass|flag)">(pass|flag)</td>' "$page"
    grep -q 'src="data:image/png;base64,iVBORw0KGgo' "$page"
    grep -q 'src="data:image/svg+xml;base64,' "$page"
    grep -q '<th scope="row">psc</th>' "$page"
    # the caption is what the picture says of itself, and so is what a screen reader reads out
    [ "$(grep -c 'The mask on the run: its outline in three planes.*_qc.png)' "$page")" = 1 ]
    grep -q '<img alt="The mask on the run: its outline' "$page"
    grep -q 'noise model arma11, over 90 volumes' "$page"
    [ "$(grep -c sub-01 "$page")" = 0 ]
    # numbers as a paper prints them: those of the table, rounded
    value=$(awk -F'\t' '$9 == "psc" && $11 == "face" && $8 == "L" { printf "%.3g [%.3g, %.3g]", $12, $15, $16 }' "$out"/sub-02/func/*_coupling.tsv)
    grep -qF "${value%%[*}" "$page"
}

@test "the page of a cohort shows everybody's quality, the tables and the figures" {
    page=$out/group/report.html
    for want in 'One line a participant' 'patient minus control' '<caption>Demographics' 'Hedges g of each index.*(forest.png)' 'Indices were compared'; do
        grep -q "$want" "$page"
    done
    # what was asked stands before what follows from it
    sections=$(sed -n 's|^<h2>\(.*\)</h2>$|\1|p' "$page" | paste -sd '|')
    [[ "$sections" == "Can the numbers be believed?|Cases against controls|Figures|Participants|Rows that follow"*"|Quality of everybody|"* ]]
    sed -n '/Cases against controls/,/<h2>Figures/p' "$page" >asked
    [ "$(grep -c '<th scope="col" class="n">Hedges g \[95 %\]</th>' asked)" = 1 ]
    grep -q '<th scope="row">psc face BLA L (%)</th>' asked
    run ! grep -q '<th scope="row">\(z\|li_psc\|tsnr\|psc_shifted\) ' asked
    sed -n '/Negative controls: should show nothing/,/Quality of the data/p' "$page" | grep -q '<th scope="row">psc_prestim '
}

@test "names that are markup, controls and long stay text" {
    name='<script>alert(1)</script>&"\x27'
    long=$(printf 'x%.0s' $(seq 2000))
    {
        printf 'participant_id\tatlas\tregion\tside\tindex\tcontrast\tvalue\tci_low\tci_high\tunit\tnote\n'
        printf 'sub-%s\t%s\t%s\tL\tpsc\t%s\t0.5\t0.1\t0.9\t%%\t]]>\n' "$name" "$name" "$long" "$name"
        printf 'sub-%s\t\001\002\t-->\tL\tpsc\t<img src=x onerror=alert(1)>\t1e300\t-1e300\tn/a\t%%\tn/a\n' "$name"
    } >evil.tsv
    printf 'caf\351 <b>\001</b>\n' >evil.txt
    printf '| a | <script> |\n|---|---|\n| x \\| y | "q" |\nEnd & <i>\n' >other.md
    nvc-report --title "$name" -o page.html evil.tsv evil.txt other.md
    well_formed page.html
    grep -q '&lt;script&gt;alert(1)&lt;/script&gt;' page.html
    grep -q '<th scope="row">x | y</th>' page.html
    [ "$(grep -c '<script' page.html)" = 0 ]
}

@test "what cannot be shown is refused, and leaves no page" {
    printf 'GIF89a' >fake.png
    printf 'a\0b' >nul.txt
    printf '| a | b |\n|---|---|\n| c |\n' >ragged.md
    printf 'participant_id\tindex\tvalue\nsub-01\tpsc\n' >cut.tsv
    for file in fake.png nul.txt ragged.md cut.tsv; do
        run nvc-report -o page.html $file
        [ "$status" -eq 1 ]
        [[ "$output" == *"$file"* ]]
        [ ! -e page.html ]
    done
    run nvc-report -o page.html nowhere.tsv
    [ "$status" -eq 3 ]
    : >empty.nii.gz
    run nvc-report -o page.html empty.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"nothing to show among 1 file:"* ]]
    run nvc-report
    [ "$status" -eq 2 ]
    run nvc-report "$out/group"
    [ "$status" -eq 1 ]
    [[ "$output" == *"is a directory; give the files in it" ]]
    printf 'colour\tshade\nred\t0.1\n' >mine.tsv
    cp mine.tsv old.tsv
    run nvc-report -o old.tsv mine.tsv # a page over a table that was not even given
    [ "$status" -eq 2 ]
    cmp mine.tsv old.tsv
}

@test "tables without rows or with columns of their own make a page" {
    head -n 1 "$(find "$out" -name '*_coupling.tsv' | head -n 1)" >none.tsv
    printf 'colour\tshade\nred\t0.123456789\nblue\tn/a\n' >mine.tsv
    awk 'BEGIN { print "a\tb"; for (i = 0; i < 500; i++) print i "\t" i / 7 }' >long.tsv
    nvc-report -o page.html none.tsv mine.tsv long.tsv
    well_formed page.html
    grep -q '<td class="n">0.123</td>' page.html
    grep -q '<p class="banner">none.tsv holds no row: nothing of it is on this page.</p>' page.html
    [ "$(grep -c 'holds no row' page.html)" = 1 ]
    printf 'signal_coverage\tverdict\n' >qc.tsv
    printf 'hedges_g\tn_case\n' >table.tsv
    nvc-report -o empty.html none.tsv qc.tsv table.tsv
    well_formed empty.html
    [ "$(grep -c 'holds no row' empty.html)" = 3 ]
    [ "$(grep -c '<table>\|<figure>' empty.html)" = 0 ]
    [ "$(grep -c '<h2>' empty.html)" = 2 ] # what it cannot tell, and methods
    grep -q 'long.tsv: the first 200 of 500 rows' page.html
}

@test "of many people the picture holds those that can be read, the worst first, and says so" {
    awk 'BEGIN {
        print "participant_id\tregion\tside\tatlas\tverdict\tverdict_vein\tsignal_coverage\ttsnr_median\tfd_mean_mm"
        for (i = 1; i <= 300; i++)
            printf "sub-%03d\tBLA\tL\tx\t%s\t%s\t1\t60\t0.1\n", i, i == 290 ? "fail" : "pass", i == 290 ? "fail" : "pass"
    }' >qc.tsv
    nvc-report -o page.html qc.tsv
    well_formed page.html
    grep -q '60 of 300 participants, the worst verdicts first' page.html
    grep -q 'those that did not pass' page.html
    [ "$(grep -c 'sub-290' page.html)" = 1 ]
    [ "$(grep -c 'sub-001' page.html)" = 0 ]
    grep -q '<td>vein (fail)</td>' page.html
    grep -A 3 '>vein</th>' page.html | grep -q '>299<'
}

@test "the same files give the same page, on standard output too" {
    nvc-report "$out"/sub-01/func/* >a.html
    nvc-report -o b.html "$out"/sub-01/func/*
    cmp a.html b.html
}

@test "a page is never written over a table, but may stand among the files it is made of" {
    printf 'colour\tshade\nred\t0.1\n' >mine.tsv
    ln mine.tsv other.tsv
    for page in mine.tsv ./mine.tsv other.tsv; do
        run nvc-report -o "$page" mine.tsv
        [ "$status" -eq 2 ]
        [[ "$output" == *"would write over FILE, mine.tsv; give it another name" ]]
    done
    [ "$(wc -l <mine.tsv)" -eq 2 ]
    nvc-report -o again.html ./*.tsv
    nvc-report -o again.html ./again.html ./*.tsv
}
