#include "math/lsq.h"
#include "math/random.h"
#include "model/response/habituation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct nvc_events events_of(const double *onset, const char *const *condition, size_t n)
{
    struct nvc_events e = { 0 };
    struct nvc_error err = { 0 };
    assert_int_equal(nvc_events_init(&e, NULL, &err), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ onset[i], 1, 1, condition[i], NULL }, &err), 0);
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    return e;
}

static void blocks_are_parted_by_gaps(void **state)
{
    (void)state;
    static const double onset[] = { 40, 42, 0, 2, 4, 20, 60, 62, 90 }; /* not in order of time */
    static const char *const condition[] = { "face", "face", "face", "face", "face", "house", "house", "house", "tone" };
    struct nvc_events e = events_of(onset, condition, 9), b = { 0 };
    struct nvc_error err = { 0 };
    size_t *n;
    assert_int_equal(nvc_habituation_blocks(&b, &n, &e, 8, &err), 0);
    assert_int_equal(n[0], 2);
    assert_int_equal(n[1], 2);
    assert_int_equal(n[2], 1);
    assert_int_equal(b.n_conditions, 5);
    assert_string_equal(b.conditions[0], "face@01");
    assert_string_equal(b.conditions[4], "tone");
    assert_string_equal(b.conditions[b.condition[0]], "face@02");
    assert_string_equal(b.conditions[b.condition[2]], "face@01");
    nvc_events_release(&b);
    free(n);
    assert_int_equal(nvc_habituation_blocks(&b, &n, &e, 1000, &err), 0);
    assert_true(n[0] == 1 && n[1] == 1 && n[2] == 1 && b.n_conditions == 3);
    nvc_events_release(&b);
    free(n);
    assert_int_equal(nvc_habituation_blocks(&b, &n, &e, -INFINITY, &err), 0);
    assert_true(n[0] == 5 && n[1] == 3 && n[2] == 1 && b.n_conditions == 9);
    nvc_events_release(&b);
    free(n);
    nvc_events_release(&e);
}

/* A design whose block columns have heights 2, applied to known block responses. */
static void slopes_are_those_of_least_squares(void **state)
{
    (void)state;
    enum { B = 5 };
    static const double psc[B] = { 1.0, 0.7, 0.6, 0.4, 0.45 };
    struct nvc_regressor columns[B + 1];
    static char names[B][16] = { "face@01", "face@02", "face@03", "face@04", "face@05" };
    struct nvc_design d = { .n_cols = B + 1, .columns = columns };
    double C[NVC_HAB_EFFECTS * (B + 1)], effect[NVC_HAB_EFFECTS] = { 0 };
    struct nvc_error err = { 0 };
    for (int k = 0; k < B; k++)
        columns[k] = (struct nvc_regressor){ .name = names[k], .role = NVC_ROLE_TASK, .h_ref = 2 };
    columns[B] = (struct nvc_regressor){ .name = (char[]){ "constant" }, .role = NVC_ROLE_CONSTANT, .h_ref = NAN };
    assert_int_equal(nvc_habituation_weights(&d, "face", B, C, &err), 0);
    for (int e = 0; e < NVC_HAB_EFFECTS; e++)
        for (int k = 0; k < B; k++)
            effect[e] += C[k + (B + 1) * e] * psc[k] / 2;
    double sx = 0, sl = 0, xx = 0, ll = 0, mean_log = 0;
    for (int k = 0; k < B; k++)
        mean_log += log(k + 1.0) / B;
    for (int k = 0; k < B; k++) {
        sx += (k - 2) * psc[k], xx += (k - 2) * (k - 2);
        sl += (log(k + 1.0) - mean_log) * psc[k], ll += pow(log(k + 1.0) - mean_log, 2);
    }
    assert_true(fabs(effect[NVC_HAB_SLOPE] - sx / xx) < 1e-12);
    assert_true(fabs(effect[NVC_HAB_LOG] - sl / ll) < 1e-12);
    /* Orthogonal quadratic of five points: (2 -1 -2 -1 2) / 14. */
    assert_true(fabs(effect[NVC_HAB_QUADRATIC] - (2 * 1.0 - 0.7 - 2 * 0.6 - 0.4 + 2 * 0.45) / 14) < 1e-12);
    assert_true(fabs(effect[NVC_HAB_FIRST] - 1) < 1e-12 && fabs(effect[NVC_HAB_LAST] - 0.45) < 1e-12);
    assert_true(fabs(effect[NVC_HAB_ODD] - (1 + 0.6 + 0.45) / 3) < 1e-12);
    assert_true(fabs(effect[NVC_HAB_EVEN] - (0.7 + 0.4) / 2) < 1e-12);
    assert_true(fabs(effect[NVC_HAB_ODD_SLOPE] - (0.45 - 1.0) / 4) < 1e-12);
    assert_true(fabs(effect[NVC_HAB_EVEN_SLOPE] - (0.4 - 0.7) / 2) < 1e-12);
    assert_int_equal(nvc_habituation_weights(&d, "face", B + 1, C, &err), NVC_EDATA);
}

/* Columns of height 2 for 6 trials of a (the fourth missing) and 2 of b; trial k of a answers with f(k), which is looked up in the
 * columns that a model makes of them. */
static void trials_are_put_together(void **state)
{
    (void)state;
    enum { T = 6, COLS = 8, N = 12 };
    static char names[COLS][8] = { "a@01", "a@02", "a@03", "a@05", "a@06", "b@01", "b@02", "one" };
    static const double number[] = { 1, 2, 3, 5, 6 };
    static double X[N * COLS];
    struct nvc_regressor columns[COLS];
    struct nvc_design d = { .n_rows = N, .n_cols = COLS, .columns = columns, .X = X };
    char *conditions[] = { (char[]){ "a" }, (char[]){ "b" } };
    const struct nvc_events e = { .n_conditions = 2, .conditions = conditions };
    const size_t n_trials[] = { T, 2 };
    struct nvc_error err = { 0 };
    for (int k = 0; k < COLS; k++) {
        columns[k] = (struct nvc_regressor){ .name = names[k], .role = k < COLS - 1 ? NVC_ROLE_TASK : NVC_ROLE_CONSTANT, .h_ref = 2 };
        X[k + N * k] = 1; /* row k shows the response to trial k alone */
    }
    for (int kind = 0; kind < NVC_TRIAL_KINDS; kind++) {
        struct nvc_trial_model m;
        struct nvc_lsq f;
        double y[N] = { 0 }, beta[COLS + 4], residual[N];
        const double line = 3 - 0.4, quadratic = kind == NVC_TRIAL_PARABOLA ? 0.05 : 0;
        assert_int_equal(nvc_trial_model_init(&m, (enum nvc_trial_kind)kind, &d, &e, n_trials, &err), 0);
        assert_int_equal(m.m, 3 + (kind == NVC_TRIAL_HALVES ? 4 : kind == NVC_TRIAL_PARABOLA ? 3 : 2));
        for (int k = 0; k < 5; k++)
            y[k] = kind == NVC_TRIAL_LOGARITHM ? 3 - log(number[k]) : 3 - 0.4 * number[k] + quadratic * number[k] * number[k];
        assert_int_equal(nvc_lsq_init(&f, m.X, N, m.m, &err), 0);
        assert_true(nvc_lsq_solve(&f, y, beta, residual) < 1e-20);
        double effect[NVC_HAB_EFFECTS] = { 0 };
        for (int k = 0; k < NVC_HAB_EFFECTS; k++)
            for (size_t i = 0; i < m.m; i++)
                effect[k] += m.C[i + m.m * (size_t)k] * beta[i] / 2;
        if (kind == NVC_TRIAL_LINE)
            assert_true(fabs(effect[NVC_HAB_SLOPE] + 0.4) < 1e-12 && fabs(effect[NVC_HAB_FIRST] - line) < 1e-12 &&
                        fabs(effect[NVC_HAB_LAST] - 0.6) < 1e-12 && fabs(effect[NVC_HAB_CHANGE] - 2) < 1e-12);
        else if (kind == NVC_TRIAL_LOGARITHM)
            assert_true(fabs(effect[NVC_HAB_LOG] + 1) < 1e-12 && effect[NVC_HAB_SLOPE] == 0);
        else if (kind == NVC_TRIAL_PARABOLA)
            assert_true(fabs(effect[NVC_HAB_QUADRATIC] - 0.05) < 1e-12);
        else
            assert_true(fabs(effect[NVC_HAB_ODD] - 1.8) < 1e-12 && fabs(effect[NVC_HAB_EVEN] - 1.4) < 1e-12 &&
                        fabs(effect[NVC_HAB_ODD_SLOPE] + 0.4) < 1e-12 && fabs(effect[NVC_HAB_EVEN_SLOPE] + 0.4) < 1e-12);
        nvc_lsq_release(&f);
        nvc_trial_model_release(&m);
    }
}

static void fieller_interval_covers_the_decrement(void **state)
{
    (void)state;
    int covered = 0, given = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        struct nvc_rng rng;
        nvc_rng_init(&rng, 4, i);
        const double shared = nvc_rng_normal(&rng), first = 1 + 0.15 * shared + 0.1 * nvc_rng_normal(&rng);
        const double last = 0.6 + 0.15 * shared + 0.1 * nvc_rng_normal(&rng);
        const struct nvc_decrement d = nvc_habituation_decrement(first, 0.0325, last, 0.0325, 0.02, 1e6);
        if (isnan(d.ci_low))
            continue;
        given++;
        covered += d.ci_low <= 40 && 40 <= d.ci_high;
    }
    assert_true(given > 1950);
    assert_true(fabs((double)covered / given - 0.95) < 0.02);
    assert_true(isnan(nvc_habituation_decrement(0.3, 0.04, 0.2, 0.04, 0.08, 100).value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_parted_by_gaps),
        cmocka_unit_test(slopes_are_those_of_least_squares),
        cmocka_unit_test(trials_are_put_together),
        cmocka_unit_test(fieller_interval_covers_the_decrement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
