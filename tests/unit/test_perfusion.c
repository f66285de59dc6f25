#include "math/dist.h"
#include "math/random.h"
#include "model/perfusion/asl.h"
#include "model/perfusion/asl_series.h"
#include "model/coupling/calibrated.h"
#include "model/perfusion/cbf_quality.h"
#include "model/perfusion/perfusion.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void consensus_formula_gives_the_worked_cases(void **state)
{
    (void)state;
    struct nvc_asl a = nvc_asl_defaults(NVC_ASL_PCASL, 1.8);
    assert_true(fabs(nvc_cbf(&a, 0.01, 1, 1.8) - 86.29992) < 1e-5);
    a = nvc_asl_defaults(NVC_ASL_PASL, 0.8);
    assert_true(fabs(nvc_cbf(&a, 0.01, 1, 1.8) - 102.52352) < 1e-5);
    assert_true(isnan(nvc_cbf(&a, 0.01, 0, 1.8)));
    assert_true(isnan(nvc_asl_equilibrium(&a, 1000, 0)));
    assert_true(fabs(nvc_asl_equilibrium(&a, 1000, 1.607) - 1000 / (1 - exp(-1))) < 1e-9);
    assert_true(fabs(nvc_asl_efficiency(NVC_ASL_PCASL, 2) - 0.85 * 0.95 * 0.95) < 1e-12);
    assert_true(fabs(nvc_asl_t1_blood(3, 0.42) - 1 / (0.52 * 0.42 + 0.38)) < 1e-12);
}

static void kinetic_model_is_that_of_buxton(void **state)
{
    (void)state;
    static const double delay[] = { 0.25, 0.5, 1, 1.5, 2, 2.5 };
    static const double dm[] = { 0.00539936, 0.00650800, 0.00826199, 0.00729541, 0.00531510, 0.00387233 };
    static const double arrival[] = { 0.8, 1.2, 1.8, 2.2 }, read[] = { 57.2, 57.8, 58.8, 39.9 };
    const struct nvc_asl a = nvc_asl_defaults(NVC_ASL_PCASL, 1.8);
    for (int i = 0; i < 6; i++)
        assert_true(fabs(nvc_asl_signal(&a, 60, 1.2, delay[i]) - dm[i]) < 1e-8);
    for (int i = 0; i < 4; i++) /* one delay takes late arrival for low flow */
        assert_true(fabs(nvc_cbf(&a, nvc_asl_signal(&a, 60, arrival[i], 1.8) / a.lambda, 1, 1.8) - read[i]) < 0.06);
}

static void many_delays_tell_flow_from_arrival(void **state)
{
    (void)state;
    static const double delay[] = { 0.25, 0.5, 1, 1.5, 2, 2.5 };
    struct nvc_asl a = nvc_asl_defaults(NVC_ASL_PCASL, 1.8);
    double dm[6];
    for (double arrival = 0.7; arrival < 2.4; arrival += 0.33) {
        for (int i = 0; i < 6; i++)
            dm[i] = 500 / a.lambda * nvc_asl_signal(&a, 45, arrival, delay[i]);
        const struct nvc_cbf_fit ls = nvc_cbf_kinetic(&a, dm, delay, NULL, 6, 500), wd = nvc_cbf_weighted_delay(&a, dm, delay, 6, 500);
        assert_true(fabs(ls.cbf - 45) < 0.1 && fabs(ls.arrival_s - arrival) < 0.005);
        assert_true(fabs(wd.cbf - 45) < 0.3 && fabs(wd.arrival_s - arrival) < 0.02);
    }
    a = nvc_asl_defaults(NVC_ASL_PASL, 0.8);
    for (int i = 0; i < 6; i++)
        dm[i] = 500 / a.lambda * nvc_asl_signal(&a, 45, 0.6, delay[i] + 0.5);
    double late[6];
    for (int i = 0; i < 6; i++)
        late[i] = delay[i] + 0.5;
    assert_true(fabs(nvc_cbf_kinetic(&a, dm, late, NULL, 6, 500).cbf - 45) < 0.2);
}

static void labelling_may_vary_with_the_delay(void **state)
{
    (void)state;
    static const double delay[] = { 0.25, 0.5, 1, 1.5, 2, 2.5 }, label[] = { 1, 1.2, 1.4, 1.6, 1.8, 2.2 };
    struct nvc_asl a = nvc_asl_defaults(NVC_ASL_PCASL, NAN), own = a;
    double dm[6];
    for (double arrival = 0.7; arrival < 2.4; arrival += 0.33) {
        for (int i = 0; i < 6; i++) {
            own.label_s = label[i];
            dm[i] = 500 / a.lambda * nvc_asl_signal(&own, 45, arrival, delay[i]);
        }
        const struct nvc_cbf_fit fit = nvc_cbf_kinetic(&a, dm, delay, label, 6, 500);
        assert_true(fabs(fit.cbf - 45) < 0.1 && fabs(fit.arrival_s - arrival) < 0.005);
    }
}

static void labelling_makes_delays_of_their_own_unless_there_is_one(void **state)
{
    (void)state;
    static const enum nvc_asl_volume type[] = { NVC_VOL_CONTROL, NVC_VOL_CONTROL, NVC_VOL_LABEL, NVC_VOL_LABEL, NVC_VOL_DELTAM };
    static const double delay[] = { 1, 1, 1, 1, 2 }, label[] = { 1.4, 1.8, 1.8, 1.4, 1.8 };
    struct nvc_asl_plan p;
    struct nvc_error err;
    assert_int_equal(nvc_asl_plan_init(&p, type, delay, label, 5, &err), 0);
    assert_int_equal(p.n_delays, 3);
    assert_true(p.label_s[0] == 1.4 && p.label_s[1] == 1.8 && p.delay_s[1] == 1 && p.delay_s[2] == 2);
    assert_true(p.pairs[0].control == 0 && p.pairs[0].label == 3 && p.pairs[1].control == 1 && p.pairs[1].label == 2);
    nvc_asl_plan_release(&p);
    assert_int_equal(nvc_asl_plan_init(&p, type, delay, label, 4, &err), 0);
    assert_true(p.n_delays == 1 && p.n_pairs == 2 && isnan(p.label_s[0]));
    assert_true(p.pairs[0].label_s == 1.4 && p.pairs[1].label_s == 1.8 && p.pairs[1].delay == 0);
    nvc_asl_plan_release(&p);
}

static void errors_of_the_kinetic_fit_are_those_of_repetition(void **state)
{
    (void)state;
    static const double delay[] = { 0.25, 0.5, 1, 1.5, 2, 2.5 };
    const struct nvc_asl a = nvc_asl_defaults(NVC_ASL_PCASL, 1.8);
    double sum = 0, squares = 0, se = 0;
    for (uint64_t i = 0; i < 300; i++) {
        struct nvc_rng rng;
        double dm[6];
        nvc_rng_init(&rng, 2, i);
        for (int k = 0; k < 6; k++)
            dm[k] = nvc_asl_signal(&a, 60, 1.3, delay[k]) / a.lambda + 2e-4 * nvc_rng_normal(&rng);
        const struct nvc_cbf_fit fit = nvc_cbf_kinetic(&a, dm, delay, NULL, 6, 1);
        sum += fit.cbf, squares += fit.cbf * fit.cbf, se += fit.cbf_se * fit.cbf_se;
    }
    const double sd = sqrt(squares / 300 - pow(sum / 300, 2));
    assert_true(fabs(sqrt(se / 300) / sd - 1) < 0.15);
}

static void a_spoiled_pair_does_not_count(void **state)
{
    (void)state;
    double x[20], work[40], se, used;
    for (int i = 0; i < 20; i++)
        x[i] = 10 + 0.1 * (i % 5);
    x[7] = 500;
    const double mean = nvc_robust_mean(x, 20, &se, &used, work);
    assert_true(fabs(mean - 10.2) < 0.05 && se < 0.1 && used < 19.5);
    for (int i = 0; i < 20; i++)
        x[i] = 3;
    assert_true(nvc_robust_mean(x, 20, &se, &used, work) == 3 && se == 0 && used == 20);
}

/* Normal, or one in ten spoiled: the interval of the robust mean covers, which that of the plain one does not. */
static void intervals_of_the_robust_mean_cover(void **state)
{
    (void)state;
    enum { RUNS = 3000 };
    static const size_t sizes[] = { 8, 12, 30 };
    for (size_t k = 0; k < 3; k++)
        for (int spoiled = 0; spoiled < 2; spoiled++) {
            const double t = nvc_t_critical(0.95, 0.7 * ((double)sizes[k] - 1));
            int held = 0;
            for (uint64_t run = 0; run < RUNS; run++) {
                double x[30], work[60], se, used;
                struct nvc_rng rng;
                nvc_rng_init(&rng, 12 + sizes[k], run);
                for (size_t i = 0; i < sizes[k]; i++)
                    x[i] = nvc_rng_normal(&rng) + (spoiled && i % 10 == 3 ? 15 : 0);
                held += fabs(nvc_robust_mean(x, sizes[k], &se, &used, work)) < t * se;
            }
            assert_true(held > 0.92 * RUNS && held < 0.97 * RUNS);
        }
}

static void davis_gives_the_worked_cases(void **state)
{
    (void)state;
    assert_true(fabs(nvc_davis_signal(&(struct nvc_davis){ 0.4, 1.5 }, 0.06, 1.5, 1.2) - 0.00950799) < 1e-8);
    const struct nvc_davis d = { 0.2, 1.3 };
    const double m = nvc_davis_cmro2(&d, 0.08, 0.02, 1.6);
    assert_true(fabs(m - 1.192917) < 1e-6 && fabs(0.6 / (m - 1) - 3.110148) < 1e-5);
    assert_true(fabs(nvc_davis_calibrate(&nvc_davis_classic, 0.025, 1.45) - 0.0734388) < 1e-7);
    assert_true(fabs(nvc_davis_calibrate(&nvc_davis_3t, 0.025, 1.45) - 0.0745157) < 1e-7);
    assert_true(isnan(nvc_davis_cmro2(&d, 0.02, 0.03, 1.6)));
    assert_true(isnan(nvc_davis_calibrate(&d, 0.02, 1)));
}

static void davis_intervals_hold_the_truth(void **state)
{
    (void)state;
    enum { DRAWS = 4000 };
    static double work[4 * DRAWS];
    const struct nvc_measured ds = { 0.025, 0.001 }, f = { 1.45, 0.03 }, task = { 0.012, 0.001 }, flow = { 1.4, 0.03 };
    const struct nvc_davis_result r = nvc_davis_couple(&nvc_davis_3t, ds, f, task, flow, DRAWS, 1, work);
    assert_true(r.M_ci.low < r.M && r.M < r.M_ci.high);
    assert_true(r.n_ci.low < r.n && r.n < r.n_ci.high);
    assert_true(fabs(r.theta - 1 / r.n) < 1e-12 && r.invalid < 0.01);
    const struct nvc_measured wild = { 0.012, 0.05 };
    assert_true(nvc_davis_couple(&nvc_davis_3t, ds, f, wild, flow, DRAWS, 1, work).invalid > 0.05);
}

/* Expected values: numpy over the same arrays, kernel of 5 mm cut at the fourth sigma. */
static void quality_index_is_that_of_numpy(void **state)
{
    (void)state;
    enum { N = 12 };
    static double tissue[3][N * N * N];
    static float cbf[N * N * N];
    const struct nvc_grid g = { .dim = { N, N, N }, .to_mm = { { 3, 0, 0, -16.5 }, { 0, 3, 0, 0 }, { 0, 0, 3, 0 } } };
    const struct nvc_tissue t = { tissue[0], tissue[1], tissue[2] };
    struct nvc_cbf_quality q;
    struct nvc_error err;
    for (int v = 0; v < N * N * N; v++) {
        const int i = v % N, j = v / N % N, k = v / N / N;
        for (int c = 0; c < 3; c++)
            tissue[c][v] = (i / 3 + j / 4 + k / 2) % 3 == c ? 0.9 : 0.05;
        cbf[v] = (float)(60 * tissue[0][v] + 20 * tissue[1][v] + 12 * sin(1.3 * i + 0.7 * j * k));
    }
    assert_int_equal(nvc_cbf_quality_of(&q, cbf, &g, &t, &err), 0);
    assert_true(fabs(q.rho - 0.8564741629888445) < 1e-9 && fabs(q.dispersion - 0.8881096618218024) < 1e-9);
    assert_true(fabs(q.qei - 0.9404527704494807) < 1e-9);
    assert_true(fabs(q.ratio - 2.6677626506400345) < 1e-9 && fabs(q.spatial_cov - 0.15280691962996396) < 1e-9);
    char note[96];
    assert_string_equal(nvc_cbf_quality_note(&q, note), "");
    const struct nvc_tissue grey = { tissue[0], NULL, NULL };
    assert_int_equal(nvc_cbf_quality_of(&q, cbf, &g, &grey, &err), 0);
    assert_true(isnan(q.qei) && isnan(q.ratio) && q.spatial_cov > 0);
    memset(tissue, 0, sizeof tissue);
    assert_int_equal(nvc_cbf_quality_of(&q, cbf, &g, &t, &err), NVC_EDATA);
}

static void volumes_pair_within_their_delay(void **state)
{
    (void)state;
    static const enum nvc_asl_volume type[] = { NVC_VOL_M0, NVC_VOL_CONTROL, NVC_VOL_CONTROL, NVC_VOL_LABEL, NVC_VOL_LABEL, NVC_VOL_OTHER, NVC_VOL_LABEL,
                                                NVC_VOL_CONTROL, NVC_VOL_LABEL };
    static const double delay[] = { 0, 1, 2, 2, 1, 0, 1, 1, 2 };
    struct nvc_asl_plan p;
    struct nvc_error err;
    assert_int_equal(nvc_asl_plan_init(&p, type, delay, NULL, 9, &err), 0);
    assert_int_equal(p.n_pairs, 3);
    assert_int_equal(p.n_single, 1);
    assert_int_equal(p.n_delays, 2);
    assert_true(p.pairs[0].control == 1 && p.pairs[0].label == 4 && p.pairs[0].delay == 0);
    assert_true(p.pairs[1].control == 2 && p.pairs[1].label == 3 && p.pairs[1].delay == 1);
    assert_true(p.pairs[2].control == 7 && p.pairs[2].label == 6);
    nvc_asl_plan_release(&p);
    assert_int_equal(nvc_asl_plan_init(&p, type, delay, NULL, 3, &err), NVC_EDATA);
    static const enum nvc_asl_volume mixed[] = { NVC_VOL_CBF, NVC_VOL_DELTAM };
    assert_int_equal(nvc_asl_plan_init(&p, mixed, delay, NULL, 2, &err), NVC_EDATA);
}

static void regression_takes_grey_matter_out_of_mixtures(void **state)
{
    (void)state;
    enum { SIDE = 9, N = SIDE * SIDE };
    const struct nvc_grid g = { .dim = { SIDE, SIDE, 1 }, .to_mm = { { 3, 0, 0, 0 }, { 0, 3, 0, 0 }, { 0, 0, 3, 0 } } };
    double grey[N], white[N], y[N];
    bool use[N];
    struct nvc_grey_estimate e;
    struct nvc_error err;
    struct nvc_rng rng;
    nvc_rng_init(&rng, 5, 0);
    for (int v = 0; v < N; v++) {
        grey[v] = 0.1 + 0.9 * nvc_rng_uniform(&rng), white[v] = 1 - grey[v];
        y[v] = 60 * grey[v] + 20 * white[v];
        use[v] = true;
    }
    const struct nvc_tissue t = { grey, white, NULL };
    use[N / 2 + 1] = false, y[N / 2 + 1] = 1e6; /* a neighbour that is spoiled */
    const size_t places[] = { 0, SIDE - 1, N / 2, N - 1 }, neighbours[] = { 9, 9, 24, 9 };
    for (int k = 0; k < 4; k++) {
        double sum = 0;
        assert_int_equal(nvc_grey_estimate(&e, &t, &g, places[k], use, &err), 0);
        assert_int_equal(e.n, neighbours[k]);
        for (size_t i = 0; i < e.n; i++)
            sum += e.weight[i] * y[e.index[i]];
        assert_true(fabs(sum - 60) < 1e-9);
    }
    grey[N / 2] = 0.05;
    assert_int_equal(nvc_grey_estimate(&e, &t, &g, N / 2, use, &err), 0);
    assert_int_equal(e.n, 0); /* too little grey matter */
    for (int v = 0; v < N; v++)
        grey[v] = 0.5 + 1e-3 * (v % 7), white[v] = 1 - grey[v];
    assert_int_equal(nvc_grey_estimate(&e, &t, &g, N / 2, use, &err), 0);
    assert_int_equal(e.n, 0); /* alike all around: noisier than a voxel */
    for (int v = 0; v < N; v++)
        grey[v] = 1, white[v] = 0;
    assert_int_equal(nvc_grey_estimate(&e, &t, &g, 0, NULL, &err), 0);
    assert_true(e.n == 9 && fabs(e.weight[3] - 1.0 / 9) < 1e-12); /* grey matter only: a mean */
    grey[1] = NAN;
    assert_int_equal(nvc_grey_estimate(&e, &t, &g, 0, NULL, &err), 0);
    assert_int_equal(e.n, 0);
}

static void region_errors_are_those_of_repetition(void **state)
{
    (void)state;
    enum { PAIRS = 12, VOXELS = 20, RUNS = 400 };
    enum nvc_asl_volume type[2 * PAIRS];
    double delay[2 * PAIRS], values[VOXELS], work[4 * PAIRS], sum = 0, squares = 0, variance = 0;
    size_t voxels[VOXELS];
    struct nvc_asl_plan plan;
    struct nvc_error err;
    for (int t = 0; t < 2 * PAIRS; t++)
        type[t] = t % 2 ? NVC_VOL_LABEL : NVC_VOL_CONTROL, delay[t] = 1.8;
    for (size_t v = 0; v < VOXELS; v++)
        voxels[v] = v;
    assert_int_equal(nvc_asl_plan_init(&plan, type, delay, NULL, 2 * PAIRS, &err), 0);
    const struct nvc_cbf_how how = { .asl = nvc_asl_defaults(NVC_ASL_PCASL, 1.8), .method = NVC_CBF_SINGLE };
    for (uint64_t run = 0; run < RUNS; run++) {
        struct nvc_asl_scan s;
        struct nvc_rng rng;
        nvc_rng_init(&rng, 3, run);
        assert_int_equal(nvc_asl_scan_init(&s, &plan, VOXELS, &err), 0);
        for (size_t t = 0; t < 2 * PAIRS; t++) {
            for (size_t v = 0; v < VOXELS; v++)
                values[v] = 1000 - (t % 2 ? 60000 / nvc_cbf(&how.asl, 1, 1, 1.8) : 0) + 5 * nvc_rng_normal(&rng);
            nvc_asl_scan_add(&s, t, values);
        }
        nvc_asl_scan_end(&s);
        for (size_t v = 0; v < VOXELS; v++)
            s.m0[v] = 1000;
        const struct nvc_cbf_value f = nvc_asl_flow(&s, &how, voxels, NULL, NULL, VOXELS, NVC_ASL_ALL, work);
        sum += f.cbf, squares += f.cbf * f.cbf, variance += f.cbf_se * f.cbf_se;
        assert_true(f.dof == PAIRS - 1);
        nvc_asl_scan_release(&s);
    }
    nvc_asl_plan_release(&plan);
    assert_true(fabs(sum / RUNS - 60) < 1);
    const double sd = sqrt((squares - sum * sum / RUNS) / (RUNS - 1));
    assert_true(fabs(sqrt(variance / RUNS) / sd - 1) < 0.12);
}

static void surround_subtraction_takes_drift_out(void **state)
{
    (void)state;
    static const enum nvc_asl_volume type[] = { NVC_VOL_M0, NVC_VOL_CONTROL, NVC_VOL_LABEL, NVC_VOL_CONTROL, NVC_VOL_LABEL };
    static const double delay[] = { 0, 1, 1, 1, 1 };
    struct nvc_asl_plan p;
    struct nvc_asl_series s;
    struct nvc_error err;
    float y, flow, bold;
    int n = 0;
    assert_int_equal(nvc_asl_plan_init(&p, type, delay, NULL, 5, &err), 0);
    assert_int_equal(nvc_asl_series_init(&s, &p, 1, &err), 0);
    assert_int_equal(s.n_volumes, 4);
    for (size_t t = 0; t <= 5; t++) {
        y = (float)(100 + 2 * (double)t - (t % 2 ? 0 : 3));
        if (nvc_asl_series_add(&s, t, t < 5 ? &y : NULL, &flow, &bold)) {
            const bool end = n == 0 || n == 3; /* one neighbour: the drift of one volume stays */
            assert_true(fabs((double)flow - 3) < (end ? 2.01 : 1e-4));
            assert_true(fabs((double)bold - (98.5 + 2 * (n + 1))) < (end ? 1.01 : 1e-4));
            n++;
        }
    }
    assert_int_equal(n, 4);
    nvc_asl_series_release(&s);
    nvc_asl_plan_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consensus_formula_gives_the_worked_cases),
        cmocka_unit_test(kinetic_model_is_that_of_buxton),
        cmocka_unit_test(many_delays_tell_flow_from_arrival),
        cmocka_unit_test(labelling_may_vary_with_the_delay),
        cmocka_unit_test(labelling_makes_delays_of_their_own_unless_there_is_one),
        cmocka_unit_test(errors_of_the_kinetic_fit_are_those_of_repetition),
        cmocka_unit_test(a_spoiled_pair_does_not_count),
        cmocka_unit_test(quality_index_is_that_of_numpy),
        cmocka_unit_test(volumes_pair_within_their_delay),
        cmocka_unit_test(regression_takes_grey_matter_out_of_mixtures),
        cmocka_unit_test(region_errors_are_those_of_repetition),
        cmocka_unit_test(surround_subtraction_takes_drift_out),
        cmocka_unit_test(intervals_of_the_robust_mean_cover),
        cmocka_unit_test(davis_gives_the_worked_cases),
        cmocka_unit_test(davis_intervals_hold_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
