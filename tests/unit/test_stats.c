/* Statistics on other data than the reference cohort: R 4.2.2 (stats; sva 3.46.0 for ComBat) unless said
 * otherwise, brute force where that is possible, vectors of the literature. */
#include "near.h"
#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct nvc_error err;
#define OK(CALL) assert_int_equal(CALL, 0)

static void relative(double got, double want, double rtol)
{
    assert_near(got, want, rtol * fabs(want));
}

static void exact_ranks_hold_for_ninety_against_a_hundred_and_ten(void **state)
{
    (void)state;
    double x[90], y[110], w, p;
    struct nvc_rank_law law = { 0 };
    struct nvc_mann_whitney u;
    for (size_t i = 0; i < 90; i++)
        x[i] = sin((double)(i + 1)) + .3;
    for (size_t i = 0; i < 110; i++)
        y[i] = cos(1.3 * (double)(i + 1));
    nvc_sort(x, 90);
    nvc_sort(y, 110);
    OK(nvc_mann_whitney_test(x, 90, y, 110, .95, &law, &u, &err));
    assert_true(u.exact);
    relative(u.u, 6366, 1e-12);
    relative(u.p, 4.63595103123650e-04, 1e-9);
    relative(u.shift, 3.17330655764820e-01, 1e-9);
    relative(u.shift_low, 1.67736660288758e-01, 1e-9);
    relative(u.shift_high, 4.92468904034359e-01, 1e-9);
    OK(nvc_shapiro_wilk(x, 90, &w, &p, &err));
    relative(w, .89531659195218, 1e-12);
    relative(p, 2.5140785771919e-06, 1e-9);
    nvc_rank_law_release(&law);
}

/* Every subset of the ranks, ties and all. */
static void tied_ranks_are_exact(void **state)
{
    (void)state;
    static const double a[] = { 1, 2, 2, 3, 5 }, b[] = { 0, 1, 1, 2, 2, 2, 4 };
    double all[12], rank[12], ties, observed = 0, hits = 0, ways = 0;
    struct nvc_rank_law law = { 0 };
    struct nvc_mann_whitney u;
    memcpy(all, a, sizeof a);
    memcpy(all + 5, b, sizeof b);
    OK(nvc_midranks(all, 12, rank, &ties, &err));
    for (size_t i = 0; i < 5; i++)
        observed += rank[i];
    for (unsigned m = 0; m < 1u << 12; m++) {
        double sum = 0;
        if (__builtin_popcount(m) != 5)
            continue;
        for (size_t i = 0; i < 12; i++)
            sum += m >> i & 1 ? rank[i] : 0;
        ways++;
        hits += fabs(sum - 32.5) >= fabs(observed - 32.5) - 1e-9;
    }
    OK(nvc_mann_whitney_test(a, 5, b, 7, .95, &law, &u, &err));
    assert_near(u.p, hits / ways, 1e-14);
    OK(nvc_mann_whitney_test(b, 7, a, 5, .95, &law, &u, &err));
    assert_near(u.p, hits / ways, 1e-14);
    nvc_rank_law_release(&law);
}

/* Subsets of ranks with ties, counted all together instead of by halves. */
static void the_law_of_rank_sums_is_that_of_plain_counting(void **state)
{
    (void)state;
    enum { N = 31, K = 12, MOST = 700 };
    static double count[K + 1][MOST];
    size_t weight[N];
    struct nvc_rank_law law = { 0 };
    double ways = 0;
    for (size_t i = 0; i < N; i++) /* fives of equal ranks */
        weight[i] = i % 5 == 4 || i < 3 ? 2 * i + 1 : weight[i - 1];
    memset(count, 0, sizeof count);
    count[0][0] = 1;
    for (size_t i = 0; i < N; i++)
        for (size_t k = K; k-- > 0;)
            for (size_t s = MOST; s-- > weight[i];)
                count[k + 1][s] += count[k][s - weight[i]];
    for (size_t s = 0; s < MOST; s++)
        ways += count[K][s];
    OK(nvc_rank_law_init(&law, weight, N, K, &err));
    for (size_t sum = 0; sum < MOST; sum += 7) {
        double upto = 0, from = 0;
        for (size_t s = 0; s < MOST; s++)
            *(s <= sum ? &upto : &from) += count[K][s];
        from += count[K][sum];
        assert_near(nvc_rank_law_tail(&law, K, sum, false), upto / ways, 1e-13);
        assert_near(nvc_rank_law_tail(&law, K, sum, true), from / ways, 1e-13);
    }
    nvc_rank_law_release(&law);
}

static void differences_are_counted_not_made(void **state)
{
    (void)state;
    struct nvc_rng r;
    nvc_rng_init(&r, 5, 0);
    for (int trial = 0; trial < 3000; trial++) {
        double a[24], b[24], d[576];
        size_t n1 = 1 + nvc_rng_below(&r, 24), n0 = 1 + nvc_rng_below(&r, 24), m = 0;
        for (size_t i = 0; i < 24; i++) {
            a[i] = trial % 3 ? nvc_rng_normal(&r) : (double)nvc_rng_below(&r, 4);
            b[i] = trial % 3 == 1 ? exp(20 * nvc_rng_normal(&r)) : trial % 3 ? nvc_rng_normal(&r) : (double)nvc_rng_below(&r, 4);
        }
        nvc_sort(a, n1);
        nvc_sort(b, n0);
        for (size_t i = 0; i < n1; i++)
            for (size_t j = 0; j < n0; j++)
                d[m++] = a[i] - b[j];
        nvc_sort(d, m);
        for (size_t k = 1; k <= m; k += 1 + m / 20)
            assert_true(nvc_kth_difference(a, n1, b, n0, k) == d[k - 1]);
    }
}

static void signed_ranks_and_kendall(void **state)
{
    (void)state;
    static const double z[] = { 1.1, -.3, 2.2, .7, -1.6, 3.1, .4, -.9, 1.8 };
    double x[40], y[40], p;
    bool exact;
    struct nvc_correlation c;
    OK(nvc_wilcoxon(z, 9, &p, &exact, &err));
    assert_near(p, .203125, 1e-15);
    for (size_t i = 0; i < 40; i++) {
        x[i] = sin((double)(i + 1)) + .3;
        y[i] = cos(1.3 * (double)(i + 1));
    }
    OK(nvc_corr_kendall(x, y, 40, .95, &c, &err));
    relative(c.r, 0.00769230769230769, 1e-12);
    relative(c.p, 0.94426831245685372, 1e-12);
    for (size_t i = 0; i < 40; i++)
        x[i] = nearbyint(3 * x[i]), y[i] = nearbyint(2 * y[i]);
    OK(nvc_corr_kendall(x, y, 40, .95, &c, &err));
    relative(c.r, -0.013674716672513, 1e-12);
    relative(c.p, 0.913404385142392, 1e-12);
}

static void families_are_adjusted_as_p_adjust_does(void **state)
{
    (void)state;
    static const double p[] = { .01, .04, NAN, .03, .005, .2 }, want[3][6] = {
        { .025, .05, NAN, .05, .025, .2 },
        { .0570833333333333, .1141666666666667, NAN, .1141666666666667, .0570833333333333, .4566666666666667 },
        { .04, .09, NAN, .09, .025, .2 },
    };
    double q[6];
    size_t m;
    for (int how = 0; how < 3; how++) {
        OK(nvc_adjust((enum nvc_adjust)how, p, 6, q, &m, &err));
        assert_int_equal(m, 5);
        for (size_t i = 0; i < 6; i++)
            assert_true(isnan(want[how][i]) ? isnan(q[i]) : fabs(q[i] - want[how][i]) < 1e-14);
    }
}

static void null_findings_have_their_vectors(void **state)
{
    (void)state;
    assert_near(nvc_bayes_factor(0, 24, 24, M_SQRT1_2), .287341, 5e-7);
    assert_near(nvc_bayes_factor(2, 24, 24, M_SQRT1_2), 1.421442, 5e-7);
    assert_near(nvc_bayes_factor(3, 40, 40, M_SQRT1_2), 10.275255, 5e-7);
    assert_near(nvc_bayes_factor(.5, 12, 40, M_SQRT1_2), .351167, 5e-7);
    static const double j[][2] = { { 8, .902703 }, { 10, .922746 }, { 18, .957646 }, { 28, .972932 }, { 38, .980110 }, { 58, .987004 }, { 98, .992324 } };
    for (size_t i = 0; i < 7; i++)
        assert_near(nvc_hedges_j(j[i][0]), j[i][1], 5e-7);
    /* power.t.test(n = 24, power = .8): d; g is J times that */
    assert_near(nvc_minimum_detectable_g(24, 24, .05, .8) / nvc_hedges_j(46), .826130750294302, 1e-5);
}

/* The 90 % interval of g inside the bounds is what a small tost_p says. */
static void equivalence_agrees_with_the_interval_of_g(void **state)
{
    (void)state;
    struct nvc_rng r;
    nvc_rng_init(&r, 1, 0);
    for (int trial = 0; trial < 200; trial++) {
        double x[60], y[60];
        for (size_t i = 0; i < 60; i++)
            x[i] = nvc_rng_normal(&r), y[i] = nvc_rng_normal(&r);
        nvc_sort(x, 60);
        nvc_sort(y, 60);
        struct nvc_sample a = nvc_sample_describe(x, 60), b = nvc_sample_describe(y, 60);
        struct nvc_effect e = nvc_effect_size(&a, &b, .9);
        assert_int_equal(nvc_tost_standardised(&a, &b, .4) < .05, e.g_low > -.4 && e.g_high < .4);
    }
}

static void counts_by_enumeration(void **state)
{
    (void)state;
    static const double first[] = { 3, 6, 5 }, second[] = { 8, 2, 9 };
    assert_near(nvc_freeman_halton(first, second, 3), 0.119758266028276, 1e-12);
    struct nvc_fisher f = nvc_fisher_test(3, 1, 1, 3, .95);
    assert_near(nvc_freeman_halton((const double[]){ 3, 1 }, (const double[]){ 1, 3 }, 2), f.p, 1e-12);
    assert_true(isnan(nvc_fisher_test(0, 0, 3, 4, .95).p));
}

static void a_perfect_curve_has_an_interval_all_the_same(void **state)
{
    (void)state;
    double a[12], b[12];
    struct nvc_auc r;
    for (size_t i = 0; i < 12; i++)
        a[i] = (double)i + 20, b[i] = (double)i;
    OK(nvc_auc(a, 12, b, 12, true, NVC_AUC_LOGIT, .95, &r, &err));
    assert_true(r.auc == 1 && r.ci_high == 1 && r.ci_low > .8 && r.ci_low < .95);
    assert_true(r.sensitivity == 1 && r.specificity == 1 && r.threshold == 15.5);
    double V = r.ci_low * (1 - r.ci_low) * (1 + 11 * (1 - r.ci_low) / (2 - r.ci_low) + 11 * r.ci_low / (1 + r.ci_low)) / 144;
    assert_near((1 - r.ci_low) / sqrt(V), nvc_normal_quantile(.975), 1e-9); /* Newcombe's method 5 */
    OK(nvc_auc(a, 12, b, 12, false, NVC_AUC_LOGIT, .95, &r, &err));
    assert_true(r.auc == 0 && r.ci_low == 0 && r.ci_high < .2); /* the orientation is not chosen from the data */
}

static void firth_stays_finite_where_groups_are_separated(void **state)
{
    (void)state; /* the modified score equations solved in R by damped scoring */
    static const double X[24] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0, 1, 1, 0, 1, 0 };
    static const double y[8] = { 0, 0, 0, 0, 1, 1, 1, 1 };
    double beta[3], p[8];
    OK(nvc_firth(X, y, 8, 3, beta, p, &err));
    assert_near(beta[0], -3.70264928633, 1e-7);
    assert_near(beta[1], .822810952519, 1e-7);
    assert_near(beta[2], 0, 1e-7);
}

static void pooled_effects_have_reml_and_knapp_hartung(void **state)
{
    (void)state; /* the restricted likelihood maximised in R by uniroot */
    static const double y[] = { .9, -.4, 1.6, .45, .2 }, v[] = { .04, .09, .05, .02, .11 }, close[] = { .3, -.1, .6, .45, .2 };
    struct nvc_pooled r = nvc_pool_effects(y, v, 5, .95);
    assert_near(r.tau2, 0.489398159312, 1e-10);
    assert_near(r.mean, 0.570645701720, 1e-10);
    assert_near(r.se, 0.333686273427, 1e-10);
    assert_true(nvc_pool_effects(close, v, 5, .95).tau2 == 0);
}

/* scipy 1.10.1: ttest_ind(a, b, equal_var=False, trim=.2) */
static void trimmed_means_are_compared_as_by_yuen(void **state)
{
    const double a[7] = { 1.1, 2.3, 2.9, 3.3, 3.5, 4.2, 9.7 }, b[8] = { 0.4, 1.3, 1.7, 1.9, 2.0, 2.2, 2.5, 7.1 };
    (void)state;
    struct nvc_estimate d = nvc_trimmed_difference(a, 7, b, 8, 0.95);
    assert_near(d.estimate, 1.3066666666666662, 1e-12);
    assert_near(d.t, 2.6542198960104084, 1e-12);
    assert_near(d.p, 0.0369795627993263, 1e-10);
    assert_true(isnan(nvc_trimmed_difference(a, 7, b, 2, 0.95).p));
}

static void one_patient_has_the_vector_of_the_literature(void **state)
{
    (void)state; /* Crawford & Garthwaite: n = 30, z = -2.1 */
    double h = 1. / 30, t = -2.1 / sqrt(1 + h);
    assert_near(t, -2.06585, 5e-6);
    assert_near(nvc_t_two_sided(t, 29), .047879, 5e-7);
    assert_near(sqrt(h) * nvc_nct_ncp(-2.1 / sqrt(h), 29, .975), -2.74002, 5e-6);
    assert_near(sqrt(h) * nvc_nct_ncp(-2.1 / sqrt(h), 29, .025), -1.44820, 5e-6);
}

static void combat_is_that_of_sva(void **state)
{
    (void)state;
    enum { N = 30, J = 8 };
    static const char *const cases[] = { "parametric", "nonparametric", "mean_only", "reference_2", "missing" };
    struct nvc_table in = { 0 }, want = { 0 };
    double X[2 * N], y[J * N], v, expected;
    size_t batch[N];
    OK(nvc_table_read(&in, SRCDIR "/tests/expect/combat/input.tsv", &err));
    OK(nvc_table_read(&want, SRCDIR "/tests/expect/combat/expected.tsv", &err));
    for (size_t k = 0; k < 5; k++) {
        for (size_t i = 0; i < N; i++) {
            OK(nvc_table_real(&in, i, 0, &v, &err));
            batch[i] = (size_t)v - 1;
            OK(nvc_table_real(&in, i, 1, &X[i], &err));
            OK(nvc_table_real(&in, i, 2, &X[i + N], &err));
            for (size_t j = 0; j < J; j++)
                OK(nvc_table_real(&in, i, 3 + j, &y[i + N * j], &err));
        }
        if (k == 4)
            y[4 + N] = y[6 * N] = y[19 + 6 * N] = NAN;
        struct nvc_combat_options o = { k == 1 ? NVC_COMBAT_NONPARAMETRIC : NVC_COMBAT_PARAMETRIC, k == 2, k == 3 ? 1 : SIZE_MAX };
        OK(nvc_combat(y, N, J, batch, 3, X, 2, &o, &err));
        for (size_t i = 0; i < N; i++) {
            assert_string_equal(nvc_table_cell(&want, k * N + i, 0), cases[k]);
            for (size_t j = 0; j < J; j++) {
                OK(nvc_table_real(&want, k * N + i, 1 + j, &expected, &err));
                assert_true(isnan(expected) ? isnan(y[i + N * j]) : fabs(y[i + N * j] - expected) < 1e-12);
            }
        }
    }
    nvc_table_release(&in);
    nvc_table_release(&want);
}

static void a_digest_is_sha256(void **state)
{
    (void)state; /* FIPS 180-4 examples */
    char hex[NVC_SHA256_TEXT];
    nvc_sha256("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    nvc_sha256("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    nvc_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void formulas_are_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "index", "y ~ age", "index ~", "index ~ age +", "index ~ age:age", "index ~ a:b*c", "index ~ \"age",
                                       "index ~ a*b*c*d*e", "index ~ age sex" };
    struct nvc_formula f = { 0 };
    OK(nvc_formula_parse(&f, "index ~ group*sex + age + \"reaction time\" + group", &err));
    assert_int_equal(f.n, 5);
    assert_string_equal(f.terms[2].names[1], "sex");
    assert_string_equal(f.terms[4].names[0], "reaction time");
    nvc_formula_release(&f);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(nvc_formula_parse(&f, bad[i], &err), NVC_EUSAGE);
        nvc_formula_release(&f);
    }
}

static void interning_keeps_one_of_each(void **state)
{
    (void)state;
    struct nvc_pool pool = { 0 };
    struct nvc_tuples t = { .width = 2 };
    const char *seen[3000];
    size_t number;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < 3000; i++) {
            char text[80];
            (void)snprintf(text, sizeof text, "participant-%zu-%0*zu", i, (int)(i % 40), i);
            const char *p = nvc_pool_add(&pool, text, &err);
            assert_non_null(p);
            assert_true(!pass || p == seen[i]);
            seen[i] = p;
        }
    assert_null(nvc_pool_find(&pool, "nobody"));
    for (size_t i = 0; i < 9000; i++) {
        const char *pair[2] = { seen[i % 3000], seen[i % 7] };
        OK(nvc_tuples_add(&t, pair, &number, &err));
        assert_true(nvc_tuples_find(&t, pair) == number);
    }
    assert_int_equal(t.n, 9000);
    nvc_tuples_release(&t);
    nvc_pool_release(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_ranks_hold_for_ninety_against_a_hundred_and_ten),
        cmocka_unit_test(tied_ranks_are_exact),
        cmocka_unit_test(the_law_of_rank_sums_is_that_of_plain_counting),
        cmocka_unit_test(differences_are_counted_not_made),
        cmocka_unit_test(signed_ranks_and_kendall),
        cmocka_unit_test(families_are_adjusted_as_p_adjust_does),
        cmocka_unit_test(null_findings_have_their_vectors),
        cmocka_unit_test(equivalence_agrees_with_the_interval_of_g),
        cmocka_unit_test(counts_by_enumeration),
        cmocka_unit_test(a_perfect_curve_has_an_interval_all_the_same),
        cmocka_unit_test(firth_stays_finite_where_groups_are_separated),
        cmocka_unit_test(pooled_effects_have_reml_and_knapp_hartung),
        cmocka_unit_test(trimmed_means_are_compared_as_by_yuen),
        cmocka_unit_test(one_patient_has_the_vector_of_the_literature),
        cmocka_unit_test(combat_is_that_of_sva),
        cmocka_unit_test(a_digest_is_sha256),
        cmocka_unit_test(formulas_are_read_strictly),
        cmocka_unit_test(interning_keeps_one_of_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
