#!/usr/bin/env bats
# nvc-spread as a user types it.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    for atlas in a:0.2:0.5 b:0.5:0.4 c:0.35:n/a; do
        IFS=: read -r name left right <<<"$atlas"
        {
            printf 'participant_id\ttask\tatlas\tregion\tside\tindex\tclass\tcontrast\tvalue\tse\tunit\n'
            printf 'sub-01\tfaces\t%s\tBLA\tL\tpsc\tbold-response\tface\t%s\t0.1\t%%\n' "$name" "$left"
            printf 'sub-01\tfaces\t%s\tBLA\tR\tpsc\tbold-response\tface\t%s\t0.1\t%%\n' "$name" "$right"
        } >"$name.tsv"
    done
}

# COLUMN [TABLE]: that column of all rows, blank-separated
column() {
    awk -F'\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) at = i }
        NR > 1 { printf "%s%s", sep, $at; sep = " " }' "${2:-spread.tsv}"
}

@test "the spread is the range over atlases, in the unit of the index" {
    nvc-spread a.tsv b.tsv c.tsv >spread.tsv
    [ "$(column index) $(column side) $(column unit)" = "psc_spread psc_spread L R % %" ]
    [ "$(column atlas | cut -d' ' -f1) $(column note)" = "a+b+c derived derived" ]
    column value | awk '{ d = $1 - 0.3; e = $2 - 0.1; exit !(d * d < 1e-24 && e * e < 1e-24) }'
    [ "$(column se)" = "n/a n/a" ]
}

@test "one defined value has no spread" {
    nvc-spread a.tsv c.tsv >spread.tsv
    [ "$(column value | cut -d' ' -f2) $(column note | cut -d' ' -f2)" = "n/a derived;one_atlas" ]
}

@test "one atlas, or one given twice, is refused" {
    run nvc-spread a.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"no index stands in two atlases"* ]]
    run nvc-spread a.tsv b.tsv a.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"sub-01: two rows of psc face BLA_L in atlas a"* ]]
    sed 's/BLA/amy/' b.tsv >other.tsv
    run nvc-spread a.tsv other.tsv -o none.tsv
    [ "$status" -eq 1 ]
    [ ! -e none.tsv ]
}

@test "Dice and distance of every pair of masks are printed and written" {
    make_image run run.nii.gz
    for shape in BLA BLA=SF BLA=CM; do
        nvc-mask -q -r $shape -g run.nii.gz -o "mask$((++i)).nii.gz"
    done
    run nvc-spread -m mask1.nii.gz -m mask2.nii.gz -m mask3.nii.gz --overlap overlap.tsv a.tsv b.tsv -o spread.tsv
    [ "$status" -eq 0 ]
    [ "$(grep -c 'BLA_L of julich31-ellipsoids and julich31-ellipsoids: Dice 0\.[0-9]*, centres [0-9.]* mm apart' <<<"$output")" = 3 ]
    [ "$(column side overlap.tsv)" = "L R L R L R" ]
    make_image run two.nii.gz 2
    nvc-mask -q -g two.nii.gz -o two_mask.nii.gz
    run nvc-spread -m mask1.nii.gz -m two_mask.nii.gz a.tsv b.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"two_mask.nii.gz: its grid is not that of mask1.nii.gz"* ]]
    run nvc-spread -m mask1.nii.gz a.tsv b.tsv
    [ "$status" -eq 2 ]
}

@test "rows of many runs are kept apart, in any order" {
    sed 's/sub-01/sub-02/' a.tsv >a2.tsv
    sed 's/sub-01/sub-02/; s/0\.5/0.9/' b.tsv >b2.tsv
    nvc-spread b2.tsv a.tsv b.tsv a2.tsv >spread.tsv
    [ "$(column participant_id)" = "sub-02 sub-02 sub-01 sub-01" ]
    column value | awk '{ d = $1 - 0.7; e = $3 - 0.3; exit !(d * d < 1e-24 && e * e < 1e-24) }'
}
