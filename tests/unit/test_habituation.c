#include "math/lsq.h"
#include "math/random.h"
#include "model/design/design.h"
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
    assert_int_equal(nvc_habituation_blocks(&b, &n, &e, 8, INFINITY, &err), 0);
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
    assert_int_equal(nvc_habituation_blocks(&b, &n, &e, 1000, INFINITY, &err), 0);
    assert_true(n[0] == 1 && n[1] == 1 && n[2] == 1 && b.n_conditions == 3);
    nvc_events_release(&b);
    free(n);
    assert_int_equal(nvc_habituation_blocks(&b, &n, &e, -INFINITY, INFINITY, &err), 0);
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
    assert_true(fabs(effect[NVC_HAB_DIFFERENCE] - ((0.45 - 1.0) / 4 - (0.4 - 0.7) / 2) / 2) < 1e-12);
    assert_int_equal(nvc_habituation_weights(&d, "face", B + 1, C, &err), NVC_EDATA);
}

/* Six trials of a, of which the fourth begins before the run and is seen by nobody, and two of b.  Trial k of a answers with f(k) times its
 * regressor: every model finds the numbers that f was made of. */
enum { N = 220 };
static struct nvc_design design_of(const struct nvc_events *e)
{
    struct nvc_design_spec spec;
    struct nvc_design d;
    struct nvc_error err = { 0 };
    nvc_design_defaults(&spec);
    spec.n_volumes = N, spec.tr_s = 1, spec.high_pass_s = NAN, spec.events = e;
    assert_int_equal(nvc_design_build(&d, &spec, &err), 0);
    return d;
}

static void trials_are_put_together(void **state)
{
    (void)state;
    static const double onset[] = { 60, 10, 85, 300, 110, 35, 150, 180 };
    static const char *const condition[] = { "a", "a", "a", "a", "a", "a", "b", "b" };
    static const double number[] = { 3, 1, 4, 0, 5, 2 };
    static const bool even[] = { false, false, true, false, false, true, false, false };
    struct nvc_events e = events_of(onset, condition, 8), each, parts;
    struct nvc_error err = { 0 };
    size_t *n_trials;
    assert_int_equal(nvc_habituation_blocks(&each, &n_trials, &e, -INFINITY, N, &err), 0);
    assert_true(n_trials[0] == 5 && n_trials[1] == 2); /* what begins after the end is no trial */
    nvc_events_release(&each);
    for (int kind = 0; kind < NVC_TRIAL_KINDS; kind++) {
        double y[N] = { 0 }, beta[16], residual[N], C[16 * NVC_HAB_EFFECTS], effect[NVC_HAB_EFFECTS] = { 0 };
        struct nvc_lsq f;
        for (size_t i = 0; i < 6; i++) { /* the truth, from the regressor of each trial alone */
            if (!(number[i] > 0))
                continue;
            struct nvc_events one = events_of(&onset[i], &condition[i], 1);
            struct nvc_design d = design_of(&one);
            const double k = number[i], response = kind == NVC_TRIAL_LOGARITHM ? 3 - log(k) : 3 - 0.4 * k + (kind == NVC_TRIAL_PARABOLA ? 0.05 * k * k : 0);
            for (size_t t = 0; t < N; t++)
                y[t] += response / d.columns[0].h_ref * d.X[t];
            nvc_design_release(&d);
            nvc_events_release(&one);
        }
        assert_int_equal(nvc_habituation_trials(&parts, &e, (enum nvc_trial_kind)kind, n_trials, even, 0, N, &err), 0);
        struct nvc_design d = design_of(&parts);
        assert_int_equal(d.n_cols, 2 + (kind == NVC_TRIAL_HALVES ? 4 : kind == NVC_TRIAL_PARABOLA ? 3 : 2)); /* b and the constant stay */
        assert_int_equal(nvc_trial_weights(&d, "a", (enum nvc_trial_kind)kind, n_trials[0], C, &err), 0);
        assert_int_equal(nvc_lsq_init(&f, d.X, N, d.n_cols, &err), 0);
        assert_true(nvc_lsq_solve(&f, y, beta, residual) < 1e-18);
        for (int k = 0; k < NVC_HAB_EFFECTS; k++)
            for (size_t i = 0; i < d.n_cols; i++)
                effect[k] += C[i + d.n_cols * (size_t)k] * beta[i];
        if (kind == NVC_TRIAL_LINE)
            assert_true(fabs(effect[NVC_HAB_SLOPE] + 0.4) < 1e-9 && fabs(effect[NVC_HAB_FIRST] - 2.6) < 1e-9 &&
                        fabs(effect[NVC_HAB_LAST] - 1) < 1e-9 && fabs(effect[NVC_HAB_CHANGE] - 1.6) < 1e-9);
        else if (kind == NVC_TRIAL_LOGARITHM)
            assert_true(fabs(effect[NVC_HAB_LOG] + 1) < 1e-9 && effect[NVC_HAB_SLOPE] == 0);
        else if (kind == NVC_TRIAL_PARABOLA)
            assert_true(fabs(effect[NVC_HAB_QUADRATIC] - 0.05) < 1e-9);
        else
            assert_true(fabs(effect[NVC_HAB_ODD] - 1.8) < 1e-9 && fabs(effect[NVC_HAB_EVEN] - 1.8) < 1e-9 &&
                        fabs(effect[NVC_HAB_DIFFERENCE]) < 1e-9);
        nvc_lsq_release(&f);
        nvc_design_release(&d);
        nvc_events_release(&parts);
    }
    nvc_events_release(&e);
    free(n_trials);
}

static size_t count(const struct nvc_events *e, const char *condition)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++)
        n += !strcmp(e->conditions[e->condition[i]], condition);
    return n;
}

static void halves_are_of_blocks_or_of_events(void **state)
{
    (void)state;
    static const double onset[] = { 0, 2, 30, 32, 60, 62, 90, 92, /**/ 10, 12, 14, 40, 42, /**/ 20, 100, /**/ 50, /**/ 70, 72, 74, 500 };
    static const char *const condition[] = { "four", "four", "four", "four", "four", "four", "four", "four", "two", "two", "two", "two", "two",
                                             "long", "long", "one", "late", "late", "late", "late" };
    struct nvc_events e = events_of(onset, condition, 20), parts;
    struct nvc_error err = { 0 };
    bool halved[5], even[20];
    const double gap_s[] = { 8, 8, 8, 8, -INFINITY }; /* bytewise: four late long one two */
    assert_int_equal(nvc_habituation_parity(even, halved, &e, gap_s, 200, &err), 0);
    assert_true(halved[0] && !halved[1] && halved[2] && !halved[3] && halved[4]);
    assert_int_equal(nvc_habituation_difference(&parts, &e, even, halved, &err), 0);
    static const struct { const char *name; size_t n; double sum; } found[] = { /* blocks of two events; five events; two blocks */
        { "four", 8, 0 }, { "four@both", 8, 8 }, { "two", 5, 1 }, { "two@both", 5, 5 }, { "long", 2, 0 }, { "one", 0, 0 }, { "one@whole", 1, 1 },
        { "late@whole", 4, 4 } };
    for (size_t k = 0; k < sizeof found / sizeof *found; k++) {
        double sum = 0;
        for (size_t i = 0; i < parts.n; i++)
            if (!strcmp(parts.conditions[parts.condition[i]], found[k].name))
                sum += parts.weight[i];
        assert_true(count(&parts, found[k].name) == found[k].n && fabs(sum - found[k].sum) < 1e-12);
    }
    assert_true(!even[0] && !even[1] && even[2] && even[3] && !even[8] && even[9] && !even[13] && even[14]);
    nvc_events_release(&parts);
    nvc_events_release(&e);
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
        cmocka_unit_test(halves_are_of_blocks_or_of_events),
        cmocka_unit_test(fieller_interval_covers_the_decrement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
