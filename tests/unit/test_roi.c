#include "base/memory.h"
#include "model/region/roi.h"
#include "model/region/roi_edit.h"
#include "model/region/roi_name.h"
#include "model/region/roi_parametric.h"
#include "model/region/roi_sample.h"
#include "model/region/roi_space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

/* A grid of `edge` mm voxels around both amygdalae, x running from right to left as scanners like it. */
static struct nvc_grid grid_of(double edge)
{
    struct nvc_grid g = { .to_mm = { { -edge, 0, 0, 45 }, { 0, edge, 0, -25 }, { 0, 0, edge, -45 } }, .space_code = 4 };
    g.dim[0] = (size_t)(90 / edge) + 1;
    g.dim[1] = g.dim[2] = (size_t)(50 / edge) + 1;
    return g;
}

static void built_in_nuclei_own_their_centres_and_keep_most_of_their_volume(void **state)
{
    (void)state;
    struct nvc_error err;
    size_t n;
    const struct nvc_nucleus *nuclei = nvc_parametric_nuclei(&n);
    struct nvc_grid g = grid_of(1);
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++) {
        struct nvc_region r = { 0 };
        double inside;
        assert_int_equal(nvc_parametric_owner((double[3]){ nuclei[i].x_mm, nuclei[i].y_mm, nuclei[i].z_mm }), (int)i);
        assert_int_equal(nvc_parametric_weights(&r, &g, i, &inside, &err), 0);
        assert_near(inside, 1, 1e-12);
        assert_near(r.centre_mm[0], nuclei[i].x_mm, 1.0); /* where ellipsoids overlap the neighbour takes its part */
        assert_true(r.volume_mm3 <= nuclei[i].volume_mm3 * 1.002 && r.volume_mm3 > 0.8 * nuclei[i].volume_mm3);
        nvc_region_release(&r);
    }
    assert_int_equal(nvc_parametric_owner((double[3]){ 0, 0, 0 }), -1);
}

static void weights_of_all_nuclei_sum_to_at_most_one(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_grid g = grid_of(3);
    double *sum = nvc_array(nvc_grid_voxels(&g), sizeof *sum, &err);
    for (size_t i = 0; i < 6; i++) {
        struct nvc_region r = { 0 };
        double inside;
        assert_int_equal(nvc_parametric_weights(&r, &g, i, &inside, &err), 0);
        for (size_t v = 0; v < r.n; v++)
            sum[r.index[v]] += r.weight[v];
        nvc_region_release(&r);
    }
    for (size_t v = 0; v < nvc_grid_voxels(&g); v++)
        assert_true(sum[v] <= 1 + 1e-12);
    free(sum);
}

/* Share of a voxel by a lattice of 60 points a side. */
static double fine_share(const struct nvc_grid *g, size_t index, int row)
{
    enum { FINE = 60 };
    double at[3] = { (double)(index % g->dim[0]), (double)(index / g->dim[0] % g->dim[1]), (double)(index / (g->dim[0] * g->dim[1])) };
    long hits = 0;
    for (int c = 0; c < FINE; c++)
        for (int b = 0; b < FINE; b++)
            for (int a = 0; a < FINE; a++) {
                double p[3], q[3] = { at[0] - 0.5 + (a + 0.5) / FINE, at[1] - 0.5 + (b + 0.5) / FINE, at[2] - 0.5 + (c + 0.5) / FINE };
                nvc_grid_to_mm(g, q, p);
                hits += nvc_parametric_owner(p) == row;
            }
    return (double)hits / (FINE * FINE * FINE);
}

static void partial_volumes_are_within_their_stated_accuracy(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_grid g = grid_of(3);
    struct nvc_region r = { 0 };
    double inside, worst = 0, squares = 0;
    size_t n = 0;
    assert_int_equal(nvc_parametric_weights(&r, &g, 0, &inside, &err), 0);
    for (size_t i = 0; i < r.n; i += 4, n++) {
        double d = r.weight[i] - fine_share(&g, r.index[i], 0);
        worst = fmax(worst, fabs(d));
        squares += d * d;
    }
    print_message("# worst %.4f rms %.4f over %zu voxels\n", worst, sqrt(squares / (double)n), n);
    assert_true(worst < 0.02 && sqrt(squares / (double)n) < 0.006);
    nvc_region_release(&r);
}

static void a_nucleus_cut_by_the_edge_of_the_grid_says_how_much_is_left(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_grid g = grid_of(2);
    struct nvc_region r = { 0 };
    double inside;
    g.dim[2] = 11; /* up to z = -25 - a plane through the left BLA */
    assert_int_equal(nvc_parametric_weights(&r, &g, 0, &inside, &err), 0);
    assert_true(inside > 0.4 && inside < 0.6);
    nvc_region_release(&r);
}

static void sides_are_read_from_labels_and_stripped(void **state)
{
    (void)state;
    static const struct { const char *label, *region, *side; } cases[] = {
        { "lAMY-lh", "lAMY", "L" }, { "lAMY-rh", "lAMY", "R" }, { "Left-Amygdala", "Amygdala", "L" },
        { "Right Amygdala", "Amygdala", "R" }, { "rh.BLA", "BLA", "R" }, { "BLA_L", "BLA", "L" }, { "bla_right", "bla", "R" },
        { "GM Amygdala_laterobasal group L", "GM_Amygdala_laterobasal_group", "L" }, { "Amygdala_R", "Amygdala", "R" },
        { "LH_Amygdala", "Amygdala", "L" }, { "ctx-rh-insula", "ctx-insula", "R" }, { "LeftAmygdala", "Amygdala", "L" },
        { "LB (Amygdala) - left hemisphere", "LB_(Amygdala)", "L" }, { "LB (Amygdala) right", "LB_(Amygdala)", "R" },
        { "Lateral-nucleus", "Lateral-nucleus", "n/a" }, { "Brain-Stem", "Brain-Stem", "n/a" }, { "lefthanded", "lefthanded", "n/a" },
        { "l", "l", "n/a" }, { "", "", "n/a" }, { "-lh", "-lh", "n/a" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char region[96], side[8];
        nvc_label_side(cases[i].label, region, side);
        assert_string_equal(region, cases[i].region);
        assert_string_equal(side, cases[i].side);
    }
    char region[96], side[8], longest[400];
    memset(longest, 'x', sizeof longest);
    memcpy(longest + 200, "-lh-", 4);
    longest[399] = '\0';
    nvc_label_side(longest, region, side);
    assert_int_equal(strlen(region), 95);
}

static const struct nvc_part parts[] = {
    { "Lateral-lh", "Lateral", "L", 1, 0 }, { "Basal-lh", "Basal", "L", 2, 0 }, { "Central-lh", "Central", "L", 3, 0 },
    { "Lateral-rh", "Lateral", "R", 4, 0 }, { "Basal-rh", "Basal", "R", 5, 0 }, { "Central-rh", "Central", "R", 6, 0 },
};
static const struct nvc_alias aliases[] = { { "BLA", "Lateral+Basal" } };

static void selected(const char *request, const char *want)
{
    struct nvc_error err;
    struct nvc_groups g = { 0 };
    char got[2048] = "";
    if (nvc_select(&g, parts, 6, aliases, 1, request, &err))
        (void)snprintf(got, sizeof got, "%d %s", (int)err.status, err.text);
    else
        for (size_t i = 0; i < g.n; i++) {
            (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s_%s:", g.items[i].region, g.items[i].side);
            for (size_t k = 0; k < g.items[i].n; k++)
                (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%zu*%g,", g.items[i].members[k].part,
                               g.items[i].members[k].weight);
            (void)snprintf(got + strlen(got), sizeof got - strlen(got), " ");
        }
    assert_string_equal(got, want);
    nvc_groups_release(&g);
}

static void requests_choose_by_name_glob_alias_and_union(void **state)
{
    (void)state;
    selected("Lateral", "Lateral_L:0*1, Lateral_R:3*1, ");
    selected("Lateral_R", "Lateral_R:3*1, ");
    selected("Lateral-lh", "Lateral_L:0*1, ");
    selected("*al-rh", "Lateral_R:3*1, Basal_R:4*1, Central_R:5*1, ");
    selected("?a*al", "Lateral_L:0*1, Lateral_R:3*1, Basal_L:1*1, Basal_R:4*1, ");
    selected("BLA", "BLA_L:0*1,1*1, BLA_R:3*1,4*1, ");
    selected("BLA_R", "BLA_R:3*1,4*1, ");
    selected("X=Lateral+0.5*Central", "X_L:0*1,2*0.5, X_R:3*1,5*0.5, ");
    selected("X=Lateral-rh", "X_R:3*1, ");
    selected("Latral", "1 no region 'Latral'; did you mean 'Lateral'?");
    selected("hippocampus", "1 no region 'hippocampus' among its 6 labels ('Lateral-lh' ... 'Central-rh')");
    selected("X=Lateral+", "2 in 'X=Lateral+': want TERM+TERM..., each PATTERN or WEIGHT*PATTERN with 0 < WEIGHT <= 1");
    selected("X=2*Lateral", "2 in 'X=2*Lateral': want TERM+TERM..., each PATTERN or WEIGHT*PATTERN with 0 < WEIGHT <= 1");
    selected("=Lateral", "2 region '=Lateral': want NAME=TERM+TERM");
}

static void asking_twice_gives_a_region_once(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_groups g = { 0 };
    assert_int_equal(nvc_select(&g, parts, 6, aliases, 1, "Lateral", &err), 0);
    assert_int_equal(nvc_select(&g, parts, 6, aliases, 1, "*al-lh", &err), 0);
    assert_int_equal(g.n, 4);
    nvc_groups_release(&g);
}

static struct nvc_atlas_image block(double edge, bool probability)
{
    struct nvc_error err;
    struct nvc_atlas_image a = { .grid = { .dim = { 6, 5, 4 }, .to_mm = { { edge, 0, 0, -30 }, { 0, edge, 0, -10 }, { 0, 0, edge, -30 } } },
                                 .probability = probability };
    a.value = nvc_array(120, sizeof *a.value, &err);
    for (size_t i = 0; i < 120; i++)
        a.value[i] = probability ? 0.5F : 7;
    return a;
}

static double sampled(const struct nvc_grid *g, const struct nvc_atlas_image *a, long label, enum nvc_sampling how, double *outside)
{
    struct nvc_error err;
    double whole = 0, sum = 0;
    float *volume = nvc_array(nvc_grid_voxels(g), sizeof *volume, &err);
    *outside = 0;
    assert_int_equal(nvc_sample_part(volume, g, a, label, 1, how, outside, &whole, &err), 0);
    for (size_t v = 0; v < nvc_grid_voxels(g); v++)
        sum += (double)volume[v];
    free(volume);
    *outside /= whole;
    return sum * nvc_grid_voxel_mm3(g);
}

static void sampling_keeps_the_volume_of_a_region(void **state)
{
    (void)state;
    struct nvc_atlas_image a = block(2, false), p = block(2, true);
    struct nvc_grid same = a.grid, coarse = grid_of(3), none = grid_of(3);
    double outside;
    assert_near(sampled(&same, &a, 7, NVC_SAMPLE_NEAREST, &outside), 960, 1e-9);
    assert_near(outside, 0, 0);
    assert_near(sampled(&same, &a, 7, NVC_SAMPLE_LINEAR, &outside), 960, 1e-9);
    assert_near(sampled(&same, &p, 0, NVC_SAMPLE_LINEAR, &outside), 480, 1e-9);
    assert_near(sampled(&same, &a, 8, NVC_SAMPLE_NEAREST, &outside), 0, 0);
    assert_near(sampled(&coarse, &a, 7, NVC_SAMPLE_VOLUME, &outside), 960, 40);
    assert_near(sampled(&coarse, &p, 0, NVC_SAMPLE_VOLUME, &outside), 480, 20);
    none.to_mm[0][3] = 500;
    assert_near(sampled(&none, &a, 7, NVC_SAMPLE_NEAREST, &outside), 0, 0);
    assert_near(outside, 1, 0);
    same.dim[0] = 3;
    (void)sampled(&same, &a, 7, NVC_SAMPLE_NEAREST, &outside);
    assert_near(outside, 0.5, 1e-12);
    nvc_atlas_image_release(&a);
    nvc_atlas_image_release(&p);
}

static void a_region_on_the_wrong_side_is_refused_with_its_numbers(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_mask m = { .grid = grid_of(3) };
    struct nvc_region *r, *again;
    double inside;
    assert_int_equal(nvc_mask_append(&m, "BLA", "L", &r, &err), 0);
    assert_int_equal(nvc_parametric_weights(r, &m.grid, 1, &inside, &err), 0); /* the right one */
    assert_int_equal(nvc_region_check_side(r, false, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "region BLA_L is named left but its centre lies at x = 2"));
    assert_int_equal(nvc_region_check_side(r, true, &err), 0);
    assert_string_equal(r->side_check, "mismatch");
    assert_near(nvc_region_left_share(r, &m.grid), 0, 0);
    assert_int_equal(nvc_mask_append(&m, "BLA", "L", &again, &err), NVC_EDATA);
    assert_int_equal(nvc_mask_append(&m, "BLA", NULL, &again, &err), 0);
    assert_string_equal(again->column, "BLA");
    nvc_mask_release(&m);
}

static void overlap_and_distance_of_regions(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_grid g = { .dim = { 4, 1, 1 }, .to_mm = { { 2, 0, 0, 0 }, { 0, 2, 0, 0 }, { 0, 0, 2, 0 } } };
    struct nvc_region a = { 0 }, b = { 0 }, u = { 0 }, none = { 0 };
    assert_int_equal(nvc_region_set(&a, &g, (float[4]){ 1, 1, 0, 0 }, &err), 0);
    assert_int_equal(nvc_region_set(&b, &g, (float[4]){ 0, 0.5F, 1, 7 }, &err), 0);
    nvc_region_measure(&a, &g);
    nvc_region_measure(&b, &g);
    assert_near(b.weight[2], 1, 0);
    assert_near(nvc_region_dice(&a, &b), 2 * 0.5 / 4.5, 1e-12);
    assert_near(nvc_region_distance_mm(&a, &b), (0.5 * 2 + 4 + 6) / 2.5 - 1, 1e-12);
    assert_int_equal(nvc_region_unite(&u, &a, &b, &err), 0);
    assert_int_equal(u.n, 4);
    assert_near(u.weight[1], 1, 0);
    nvc_region_binarise(&b, &g, 0.6);
    assert_int_equal(b.n, 2);
    assert_true(isnan(nvc_region_dice(&none, &none)));
    nvc_region_release(&a);
    nvc_region_release(&b);
    nvc_region_release(&u);
}

static void trimming_takes_the_medial_dorsal_side_away(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_grid g = grid_of(1);
    for (size_t row = 0; row < 2; row++) {
        double before[3], volume = INFINITY, inside;
        for (int mm = 0; mm <= 6; mm += 2) {
            struct nvc_region r = { .side = "L" };
            r.side[0] = row ? 'R' : 'L';
            assert_int_equal(nvc_parametric_weights(&r, &g, row, &inside, &err), 0);
            memcpy(before, r.centre_mm, sizeof before);
            double whole = r.volume_mm3;
            nvc_region_trim(&r, &g, mm);
            assert_true(mm ? r.volume_mm3 < volume : r.volume_mm3 == whole);
            assert_true(mm < 2 || (fabs(r.centre_mm[0]) > fabs(before[0]) && r.centre_mm[2] < before[2]));
            volume = r.volume_mm3;
            nvc_region_release(&r);
        }
        assert_true(volume > 100);
    }
}

static void excluded_voxels_leave_the_region(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_grid g = { .dim = { 4, 1, 1 }, .to_mm = { { 2, 0, 0, 0 }, { 0, 2, 0, 0 }, { 0, 0, 2, 0 } } };
    struct nvc_region r = { .side = "R" };
    assert_int_equal(nvc_region_set(&r, &g, (float[4]){ 1, 0.5F, 0, 1 }, &err), 0);
    assert_int_equal(nvc_region_exclude(&r, &g, (bool[4]){ false, true, true, false }), 1);
    assert_near(r.weight_sum, 2, 0);
    assert_near(r.centre_mm[0], 3, 1e-12);
    nvc_region_release(&r);
}

static void spaces_are_the_same_near_other_or_unknown(void **state)
{
    (void)state;
    double mm;
    assert_int_equal(nvc_space_compare("MNI152NLin6Asym", "MNI152NLin6Asym", &mm), NVC_SPACE_SAME);
    assert_int_equal(nvc_space_compare("subject", "T1w", &mm), NVC_SPACE_SAME);
    assert_int_equal(nvc_space_compare("MNI152NLin2009cAsym", "MNI152NLin6Asym", &mm), NVC_SPACE_NEAR);
    assert_near(mm, 3.2, 0);
    assert_int_equal(nvc_space_compare("MNI305", "MNI152NLin6Asym", &mm), NVC_SPACE_NEAR);
    assert_true(isnan(mm));
    assert_int_equal(nvc_space_compare("MNI152NLin6Asym", "T1w", &mm), NVC_SPACE_OTHER);
    assert_int_equal(nvc_space_compare("MNI152NLin6Asym", "n/a", &mm), NVC_SPACE_UNKNOWN);
    assert_int_equal(nvc_space_compare("MNI152NLin6Asym", "MNI152", &mm), NVC_SPACE_UNKNOWN);
    assert_int_equal(nvc_space_compare("subject", "MNI152", &mm), NVC_SPACE_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_nuclei_own_their_centres_and_keep_most_of_their_volume),
        cmocka_unit_test(weights_of_all_nuclei_sum_to_at_most_one),
        cmocka_unit_test(partial_volumes_are_within_their_stated_accuracy),
        cmocka_unit_test(a_nucleus_cut_by_the_edge_of_the_grid_says_how_much_is_left),
        cmocka_unit_test(sides_are_read_from_labels_and_stripped),
        cmocka_unit_test(requests_choose_by_name_glob_alias_and_union),
        cmocka_unit_test(asking_twice_gives_a_region_once),
        cmocka_unit_test(sampling_keeps_the_volume_of_a_region),
        cmocka_unit_test(a_region_on_the_wrong_side_is_refused_with_its_numbers),
        cmocka_unit_test(overlap_and_distance_of_regions),
        cmocka_unit_test(trimming_takes_the_medial_dorsal_side_away),
        cmocka_unit_test(excluded_voxels_leave_the_region),
        cmocka_unit_test(spaces_are_the_same_near_other_or_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
