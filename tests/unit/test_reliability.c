/* Expected: R 4.2.2, from anova() mean squares by the formulas of Shrout & Fleiss and McGraw & Wong on the
 * six targets and four judges of Shrout & Fleiss (1979, table 2); lm and t.test for the differences. */
#include "near.h"
#include "nvc.h"
#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

enum { N = 6, K = 4 };
static const double judges[N * K] = { 9, 6, 8, 7, 10, 6, 2, 1, 4, 1, 5, 2, 5, 3, 6, 2, 6, 4, 8, 2, 8, 6, 9, 7 };
static struct nvc_error err;

#define OK(CALL) assert_int_equal(CALL, 0)

static void six_intraclass_correlations_and_their_intervals(void **state)
{
    (void)state;
    static const double want[NVC_ICC_KINDS][3] = {
        { 0.165741768405475, -0.132932324874751, 0.722560062328121 }, { 0.2897637795275589, 0.0187865133747120, 0.7610843696489527 },
        { 0.714840714840715, 0.342464765033925, 0.945858259955359 },  { 0.442797133679268, -0.884442155238122, 0.912415420340775 },
        { 0.6200505475989888, 0.0711368153025031, 0.9272320401677219 }, { 0.909315542377069, 0.675674713816304, 0.985891678169062 },
    };
    struct nvc_agreement a = nvc_agreement(judges, N, K, 0.95);
    for (size_t i = 0; i < NVC_ICC_KINDS; i++) {
        assert_near(a.icc[i].icc, want[i][0], 1e-12);
        assert_near(a.icc[i].ci_low, want[i][1], 1e-10);
        assert_near(a.icc[i].ci_high, want[i][2], 1e-10);
    }
    assert_near(a.sem_consistency, 1.00967541539073, 1e-12);
    assert_near(a.sem_agreement, 2.50277623628020, 1e-12);
    assert_near(a.sdc_agreement / a.sem_agreement, 2.771807648699355, 1e-12);
}

static void limits_of_agreement_are_those_of_bland_and_altman(void **state)
{
    (void)state;
    struct nvc_bland_altman b;
    OK(nvc_bland_altman(judges, judges + N, N, 0.95, &b, &err));
    assert_near(b.bias, -5.16666666666667, 1e-12);
    assert_near(b.sd, 1.16904519445001, 1e-12);
    assert_near(b.bias_low, -6.39350435837164, 1e-12);
    assert_near(b.upper_low, -5.105687193738817, 1e-12);
    assert_near(b.upper_high, -0.645073184751222, 1e-12);
    assert_near(b.slope, 0.00711743772241956, 1e-12);
    assert_near(b.slope_p, 0.98602558600225731, 1e-12);
}

static void without_variation_nothing_is_defined(void **state)
{
    (void)state;
    static const double flat[6] = { 2, 2, 2, 2, 2, 2 };
    struct nvc_agreement a = nvc_agreement(flat, 3, 2, 0.95);
    assert_true(isnan(a.icc[NVC_ICC_2_1].icc) && isnan(a.sem_consistency));
    assert_true(isnan(nvc_agreement(flat, 1, 2, 0.95).icc[0].icc));
    assert_true(isnan(nvc_split_half(flat, flat + 3, 3, 0.95).sb));
}

static void exact_repeats_with_a_shift_are_consistent_but_do_not_agree(void **state)
{
    (void)state;
    double x[2 * 8];
    for (size_t i = 0; i < 8; i++)
        x[i] = (double)(i * i), x[8 + i] = x[i] + 3 + 1e-6 * (double)(i % 2);
    struct nvc_agreement a = nvc_agreement(x, 8, 2, 0.95);
    assert_near(a.icc[NVC_ICC_3_1].icc, 1, 1e-9);
    assert_true(a.icc[NVC_ICC_2_1].icc < 0.99);
    assert_near(nvc_split_half(x, x + 8, 8, 0.95).sb, 1, 1e-9);
}

static double mean_of(const size_t *pick, size_t n1, size_t n0, const void *data)
{
    double sum = 0;
    for (size_t i = 0; i < n1 + n0; i++)
        sum += ((const double *)data)[pick[i]] / (double)(n1 + n0);
    return sum;
}

/* The BCa interval of a mean of exponentials covers about as often as it says (for n = 40: 93 to 95 %). */
static void bootstrap_intervals_cover(void **state)
{
    (void)state;
    size_t covered = 0;
    for (uint64_t s = 0; s < 400; s++) {
        double x[40];
        struct nvc_rng r;
        struct nvc_bootstrap b;
        nvc_rng_init(&r, 77, s);
        for (size_t i = 0; i < 40; i++)
            x[i] = nvc_rng_exponential(&r);
        OK(nvc_bootstrap(mean_of, x, 40, 0, 400, s, 0.95, &b, &err));
        covered += b.low <= 1 && b.high >= 1;
    }
    assert_true(covered >= 360 && covered <= 392);
}

static void add_value(struct nvc_coupling *c, const char *id, const char *run, const char *session, double value)
{
    const struct nvc_coupling_row row = { .participant_id = id, .session = session, .task = "faces", .run = run, .space = "n/a", .atlas = "n/a",
                                          .region = "BLA", .side = "L", .index = "psc", .class_name = "bold-response", .contrast = "face",
                                          .unit = "%", .noise = "ols", .note = "", .value = value, .se = NAN, .dof = NAN, .ci_low = NAN,
                                          .ci_high = NAN, .n_vox = NAN, .coverage = NAN, .tsnr = NAN, .mean_fd_mm = NAN };
    OK(nvc_coupling_add(c, &row, &err));
}

/* By hand: within groups the mean square of people is 2 x 3.25 and what is left 0.5, so ICC(3,1) = 6/7, and
 * Spearman-Brown 2 (6/7) / (13/7) = 12/13; g = J(4) (3 - 2) / 1 with J(4) = sqrt(2 / pi). */
static void halves_are_matched_by_key_and_stepped_up_to_the_whole(void **state)
{
    (void)state;
    static const char *const ids[6] = { "sub-1", "sub-2", "sub-3", "sub-4", "sub-5", "sub-6" };
    static const double whole[6] = { 2, 3, 4, 1, 2, 3 }, odd[6] = { 1, 3, 5, 0, 2, 4 }, even[6] = { 2, 2, 5, 1, 1, 4 };
    static const char people[] = "participant_id\tgroup\n1\tp\n2\tp\n3\tp\n4\tc\n5\tc\n6\tc\n";
    struct nvc_participants who = { 0 };
    struct nvc_contrast_groups g = { 0 };
    struct nvc_coupling rows = { 0 }, halves = { 0 };
    struct nvc_cohort c = { 0 };
    struct nvc_group_table t = { 0 };
    OK(nvc_participants_read(&who, scratch_file("six.tsv", people, sizeof people - 1), NULL, &err));
    OK(nvc_contrast_groups_init(&g, &who, "group", "p", NULL, &err));
    for (size_t i = 0; i < 6; i++) {
        add_value(&rows, ids[i], "1", "pre", whole[i]);
        add_value(&rows, ids[i], "1", "post", whole[i]);
        add_value(&halves, ids[i], "1-odd", "pre", odd[i]);
        add_value(&halves, ids[i], "1-even", "pre", even[i]);
    }
    OK(nvc_cohort_init(&c, &who, &rows, &(struct nvc_cohort_options){ 0 }, &err));
    OK(nvc_group_compute(&t, &c, &g, &(struct nvc_group_options){ .level = 0.95, .equivalence_g = 0.4, .threads = 1 }, &err));
    OK(nvc_group_reliability_halves(&t, &c, c.value, &halves, &g, NVC_RUNS_REFUSE, 200, 1, &err));
    size_t seen = 0;
    for (size_t k = 0; k < t.n; k++) {
        const struct nvc_group_row *row = &t.rows[k];
        const bool mine = !strcmp(row->key->session, "pre") && !row->key->quality;
        assert_int_equal(row->reliability_of, mine ? NVC_RELIABILITY_OF_HALVES : NVC_RELIABILITY_OF_NOTHING);
        assert_int_equal(isnan(row->icc), !mine);
        seen += mine;
        if (!mine)
            continue;
        assert_near(row->icc, 12.0 / 13, 1e-12);
        assert_near(row->g_true, row->effect.g * sqrt(13.0 / 12), 1e-12);
        assert_near(row->effect.g, sqrt(2 / acos(-1)), 1e-12);
        assert_true(row->g_true_low < row->g_true && row->g_true < row->g_true_high);
    }
    assert_int_equal(seen, 1);
    add_value(&halves, "sub-1", "2-odd", "pre", 1);
    assert_int_equal(nvc_group_reliability_halves(&t, &c, c.value, &halves, &g, NVC_RUNS_REFUSE, 200, 1, &err), NVC_EDATA);
    nvc_group_table_release(&t);
    nvc_cohort_release(&c);
    nvc_coupling_release(&rows);
    nvc_coupling_release(&halves);
    nvc_contrast_groups_release(&g);
    nvc_participants_release(&who);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_intraclass_correlations_and_their_intervals),
        cmocka_unit_test(limits_of_agreement_are_those_of_bland_and_altman),
        cmocka_unit_test(without_variation_nothing_is_defined),
        cmocka_unit_test(exact_repeats_with_a_shift_are_consistent_but_do_not_agree),
        cmocka_unit_test(bootstrap_intervals_cover),
        cmocka_unit_test_setup_teardown(halves_are_matched_by_key_and_stepped_up_to_the_whole, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
