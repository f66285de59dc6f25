/* Does every test reject as often as it says?  Null cohorts of 12/12, 12/40, 40/12 and 40/40, equal spread and
 * twice the spread in the cases, normal and skewed (exponential) values; coverage of the intervals; the
 * region-against-control-region difference D under a gain that is lower everywhere.
 *
 *     make tests/bench/type_one && tests/bench/type_one [COHORTS] [THREADS] [CELL]
 *
 * CELL (0 to 15) is one column of the first table, in a few seconds; without it everything.
 *
 * Percent; marked ! where it is outside 4 to 6 (coverage: 94 to 96) by more than twice the Monte Carlo error.
 * Nothing is left out: that a test fails somewhere is what the table is for. */
#include "nvc.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TESTS = 11, BATCH = 200, PERMUTATIONS = 999, MOST = 80 };
static const char *const names[TESTS] = { "Welch t", "Student t", "Mann-Whitney, exact", "Yuen 20 %", "ANCOVA (1 covariate)",
                                          "ANCOVA, HC3", "permuted Welch t", "permuted pooled t",
                                          "Freedman-Lane HC3 (1 covariate)", "Freedman-Lane pooled t", "precision-weighted" };

struct cell {
    size_t n1, n0;
    double sd;   /* of the cases; controls 1 */
    bool skewed;
};

static void check(int status, const struct nvc_error *err)
{
    if (status) {
        fprintf(stderr, "type_one: %s\n", err->text);
        exit(status);
    }
}

static double draw(struct nvc_rng *r, bool skewed)
{
    return skewed ? nvc_rng_exponential(r) - 1 : nvc_rng_normal(r);
}

/* Values measured with these standard errors, cases first. */
static double precision_p(const struct cell *c, const double *y, const double *se)
{
    double v[MOST];
    for (size_t i = 0; i < c->n1 + c->n0; i++)
        v[i] = se[i] * se[i];
    return nvc_precision_difference(y, v, c->n1, y + c->n1, v + c->n1, c->n0, .95).p;
}

/* One cohort: values y[n1 + n0], cases first, and a covariate. */
static void test_cohort(const struct cell *c, const double *y, const double *X, struct nvc_rank_law *law, size_t *reject)
{
    size_t n = c->n1 + c->n0;
    double a[MOST], b[MOST];
    const double group[3] = { 0, 1, 0 };
    struct nvc_error err;
    struct nvc_mann_whitney u;
    struct nvc_lm lm;
    memcpy(a, y, c->n1 * sizeof *a);
    memcpy(b, y + c->n1, c->n0 * sizeof *b);
    nvc_sort(a, c->n1);
    nvc_sort(b, c->n0);
    struct nvc_sample s1 = nvc_sample_describe(a, c->n1), s0 = nvc_sample_describe(b, c->n0);
    reject[0] += nvc_welch(&s1, &s0, .95).p < .05;
    reject[1] += nvc_student(&s1, &s0, .95).p < .05;
    check(nvc_mann_whitney_test(a, c->n1, b, c->n0, .95, law, &u, &err), &err);
    reject[2] += u.p < .05;
    reject[3] += nvc_trimmed_difference(a, c->n1, b, c->n0, .95).p < .05;
    check(nvc_lm_fit(&lm, X, y, n, 3, NULL, &err), &err);
    reject[4] += nvc_lm_contrast(&lm, group, false, .95).p < .05;
    reject[5] += nvc_lm_contrast(&lm, group, true, .95).p < .05;
    nvc_lm_release(&lm);
}

/* BATCH cohorts share a design and its permutations, each of which is valid for each of them. */
static void run_batch(const struct cell *c, uint64_t batch, size_t *reject)
{
    size_t n = c->n1 + c->n0, row[MOST];
    static _Thread_local double y[BATCH * MOST], se[BATCH * MOST], measured[BATCH * MOST];
    double X[3 * MOST];
    struct nvc_permute_outcome u[BATCH];
    struct nvc_permute_result r[BATCH];
    struct nvc_rank_law law = { 0 };
    struct nvc_error err;
    struct nvc_rng g;
    nvc_rng_init(&g, 20000, batch);
    for (size_t i = 0; i < n; i++) {
        row[i] = i;
        X[i] = 1, X[i + n] = i < c->n1, X[i + 2 * n] = nvc_rng_normal(&g);
    }
    for (size_t k = 0; k < BATCH; k++) {
        for (size_t i = 0; i < n; i++) {
            double sd = i < c->n1 ? c->sd : 1;
            se[k * MOST + i] = sd * (.3 + .6 * nvc_rng_uniform(&g)); /* a run's noise on top of the spread of people */
            y[k * MOST + i] = sd * draw(&g, c->skewed);
            measured[k * MOST + i] = y[k * MOST + i] + se[k * MOST + i] * nvc_rng_normal(&g);
        }
        test_cohort(c, y + k * MOST, X, &law, reject);
        reject[10] += precision_p(c, measured + k * MOST, se + k * MOST) < .05;
    }
    nvc_rank_law_release(&law);
    for (int how = 0; how < 4; how++) {
        struct nvc_permute_options o = { .replicates = PERMUTATIONS, .seed = batch, .pooled = how % 2, .threads = 1 };
        for (size_t k = 0; k < BATCH; k++)
            u[k] = (struct nvc_permute_outcome){ n, how < 2 ? 2 : 3, row, X, y + k * MOST, 1, false, false };
        check(nvc_permute(u, BATCH, n, &o, r, NULL, &err), &err);
        for (size_t k = 0; k < BATCH; k++)
            reject[6 + how] += r[k].p <= .05;
    }
}

static void mark(double percent, double low, double high, double cohorts)
{
    double error = 200 * sqrt(low / 100 * (1 - low / 100) / cohorts);
    printf("\t%.1f%s", percent, percent < low - error || percent > high + error ? "!" : "");
}

static void type_one(size_t cohorts, int threads, size_t first, size_t last)
{
    static const size_t sizes[][2] = { { 12, 12 }, { 12, 40 }, { 40, 12 }, { 40, 40 } };
    size_t batches = (cohorts + BATCH - 1) / BATCH, total = batches * BATCH;
    double rate[16][TESTS];
    printf("Type I error in percent, %zu null cohorts, nominal 5\ncases/controls, sd ratio, law", total);
    for (size_t cell = first; cell <= last; cell++) {
        struct cell c = { sizes[cell / 4][0], sizes[cell / 4][1], cell / 2 % 2 ? 2 : 1, cell % 2 };
        size_t all[TESTS] = { 0 };
#pragma omp parallel for num_threads(threads) schedule(dynamic)
        for (size_t b = 0; b < batches; b++) {
            size_t reject[TESTS] = { 0 };
            run_batch(&c, (uint64_t)(cell * 1000000 + b + 1), reject);
#pragma omp critical
            for (size_t k = 0; k < TESTS; k++)
                all[k] += reject[k];
        }
        for (size_t k = 0; k < TESTS; k++)
            rate[cell][k] = 100 * (double)all[k] / (double)total;
        printf("\t%zu/%zu %.0f %s", c.n1, c.n0, c.sd, c.skewed ? "skewed" : "normal");
        fflush(stdout);
    }
    for (size_t k = 0; k < TESTS; k++) {
        printf("\n%s", names[k]);
        for (size_t cell = first; cell <= last; cell++)
            mark(rate[cell][k], 4, 6, (double)total);
    }
    printf("\n\n");
}

enum { INTERVALS = 7 };
static const char *const interval_names[INTERVALS] = { "difference, Welch (sd 2:1)", "Hedges g, true d 0.5", "Hodges-Lehmann shift 0.5",
                                                       "AUC 0.85, logit", "AUC 0.85, normal", "AUC 0.95, logit", "AUC 0.95, normal" };

static void cover_cohort(size_t n1, size_t n0, struct nvc_rng *r, struct nvc_rank_law *law, size_t *covered)
{
    double a[MOST], b[MOST];
    struct nvc_error err;
    struct nvc_mann_whitney u;
    struct nvc_auc auc;
    const double area[2] = { .85, .95 };
    for (size_t i = 0; i < n1; i++)
        a[i] = nvc_rng_normal(r) + .5;
    for (size_t i = 0; i < n0; i++)
        b[i] = nvc_rng_normal(r);
    nvc_sort(a, n1);
    nvc_sort(b, n0);
    struct nvc_sample s1 = nvc_sample_describe(a, n1), s0 = nvc_sample_describe(b, n0);
    struct nvc_effect e = nvc_effect_size(&s1, &s0, .95);
    covered[1] += e.g_low <= .5 * nvc_hedges_j((double)(n1 + n0 - 2)) && e.g_high >= .5 * nvc_hedges_j((double)(n1 + n0 - 2));
    check(nvc_mann_whitney_test(a, n1, b, n0, .95, law, &u, &err), &err);
    covered[2] += u.shift_low <= .5 && u.shift_high >= .5;
    for (size_t i = 0; i < n1; i++)
        a[i] = 2 * (a[i] - .5);
    s1 = nvc_sample_describe(a, n1);
    struct nvc_ttest t = nvc_welch(&s1, &s0, .95);
    covered[0] += t.ci_low <= 0 && t.ci_high >= 0;
    for (int k = 0; k < 4; k++) {
        double shift = M_SQRT2 * nvc_normal_quantile(area[k / 2]);
        for (size_t i = 0; k % 2 == 0 && i < n1; i++)
            a[i] = nvc_rng_normal(r) + shift;
        if (k % 2 == 0)
            nvc_sort(a, n1);
        check(nvc_auc(a, n1, b, n0, true, k % 2 ? NVC_AUC_NORMAL : NVC_AUC_LOGIT, .95, &auc, &err), &err);
        covered[3 + k] += auc.ci_low <= area[k / 2] && auc.ci_high >= area[k / 2];
    }
}

static void coverage(size_t cohorts, int threads)
{
    static const size_t sizes[][2] = { { 12, 12 }, { 24, 24 }, { 12, 40 }, { 40, 40 } };
    double rate[4][INTERVALS];
    printf("Coverage of 95 %% intervals in percent, %zu cohorts", cohorts);
    for (size_t cell = 0; cell < 4; cell++) {
        size_t all[INTERVALS] = { 0 };
#pragma omp parallel num_threads(threads)
        {
            size_t covered[INTERVALS] = { 0 };
            struct nvc_rank_law law = { 0 };
#pragma omp for schedule(dynamic, 16)
            for (size_t b = 0; b < cohorts; b++) {
                struct nvc_rng r;
                nvc_rng_init(&r, 95, cell * 100000000 + b);
                cover_cohort(sizes[cell][0], sizes[cell][1], &r, &law, covered);
            }
            nvc_rank_law_release(&law);
#pragma omp critical
            for (size_t k = 0; k < INTERVALS; k++)
                all[k] += covered[k];
        }
        for (size_t k = 0; k < INTERVALS; k++)
            rate[cell][k] = 100 * (double)all[k] / (double)cohorts;
        printf("\t%zu/%zu", sizes[cell][0], sizes[cell][1]);
    }
    for (size_t k = 0; k < INTERVALS; k++) {
        printf("\n%s", interval_names[k]);
        for (size_t cell = 0; cell < 4; cell++)
            mark(rate[cell][k], 94, 96, (double)cohorts);
    }
    printf("\n\n");
}

/* A study of two regions in which everybody has a gain of the own and that of the patients is lower
 * everywhere: D, the plain difference, region minus control region, ANCOVA on the control region. */
static void gain_cohort(size_t n1, size_t n0, double gain, double mean_b, struct nvc_rng *r, size_t *reject)
{
    enum { P = MOST };
    double b[P], c[P], group[P], X[3 * P], plain[P], minus[P];
    size_t n = n1 + n0;
    struct nvc_error err;
    struct nvc_lm lm;
    double rho, sum_b = 0, sum_c = 0, d[P];
    for (size_t i = 0; i < n; i++) {
        double own = exp(.25 * nvc_rng_normal(r)) * (i < n1 ? gain : 1);
        group[i] = i < n1;
        b[i] = own * mean_b + .12 * nvc_rng_normal(r);
        c[i] = own * .6 + .12 * nvc_rng_normal(r);
        sum_b += b[i], sum_c += c[i];
        X[i] = 1, X[i + n] = group[i], X[i + 2 * n] = c[i];
    }
    rho = sum_b / sum_c;
    for (size_t i = 0; i < n; i++)
        d[i] = b[i] - rho * c[i], plain[i] = b[i], minus[i] = b[i] - c[i];
    double *const of[3] = { d, plain, minus };
    for (int k = 0; k < 3; k++) {
        double x[P], y[P];
        memcpy(x, of[k], n1 * sizeof *x);
        memcpy(y, of[k] + n1, n0 * sizeof *y);
        nvc_sort(x, n1);
        nvc_sort(y, n0);
        struct nvc_sample a = nvc_sample_describe(x, n1), z = nvc_sample_describe(y, n0);
        reject[k] += nvc_welch(&a, &z, .95).p < .05;
    }
    check(nvc_lm_fit(&lm, X, b, n, 3, NULL, &err), &err);
    reject[3] += nvc_lm_contrast(&lm, (const double[]){ 0, 1, 0 }, false, .95).p < .05;
    nvc_lm_release(&lm);
}

static void global_gain(size_t cohorts, int threads)
{
    static const size_t sizes[][2] = { { 12, 12 }, { 12, 40 }, { 40, 12 }, { 30, 30 } };
    static const char *const how[4] = { "D = B - rho C", "B alone", "B - C", "ANCOVA of B on C" };
    double rate[16][4];
    printf("A gain that is lower everywhere: rejections in percent, %zu cohorts", cohorts);
    for (size_t cell = 0; cell < 16; cell++) {
        const size_t *n = sizes[cell / 4];
        double gain = cell % 2 ? .6 : .8, mean_b = cell / 2 % 2 ? .1 : .3;
        size_t all[4] = { 0 };
#pragma omp parallel for num_threads(threads) schedule(dynamic, 64)
        for (size_t k = 0; k < cohorts; k++) {
            size_t reject[4] = { 0 };
            struct nvc_rng r;
            nvc_rng_init(&r, 63, cell * 100000000 + k);
            gain_cohort(n[0], n[1], gain, mean_b, &r, reject);
#pragma omp critical
            for (int j = 0; j < 4; j++)
                all[j] += reject[j];
        }
        for (int j = 0; j < 4; j++)
            rate[cell][j] = 100 * (double)all[j] / (double)cohorts;
        printf("\t%zu/%zu gain %.1f mean B %.1f", n[0], n[1], gain, mean_b);
    }
    for (int j = 0; j < 4; j++) {
        printf("\n%s", how[j]);
        for (size_t cell = 0; cell < 16; cell++)
            mark(rate[cell][j], 4, 6.5, (double)cohorts);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    size_t cohorts = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 20000;
    int threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : omp_get_max_threads();
    size_t cell = argc > 3 ? (size_t)strtoul(argv[3], NULL, 10) : 16;
    type_one(cohorts, threads, cell < 16 ? cell : 0, cell < 16 ? cell : 15);
    if (cell < 16)
        return 0;
    coverage(cohorts, threads);
    global_gain(cohorts, threads);
    return 0;
}
