#include "math/random.h"
#include "model/calibrated.h"
#include "model/perfusion.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
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
        const struct nvc_cbf_fit ls = nvc_cbf_kinetic(&a, dm, delay, 6, 500), wd = nvc_cbf_weighted_delay(&a, dm, delay, 6, 500);
        assert_true(fabs(ls.cbf - 45) < 0.1 && fabs(ls.arrival_s - arrival) < 0.005);
        assert_true(fabs(wd.cbf - 45) < 0.3 && fabs(wd.arrival_s - arrival) < 0.02);
    }
    a = nvc_asl_defaults(NVC_ASL_PASL, 0.8);
    for (int i = 0; i < 6; i++)
        dm[i] = 500 / a.lambda * nvc_asl_signal(&a, 45, 0.6, delay[i] + 0.5);
    double late[6];
    for (int i = 0; i < 6; i++)
        late[i] = delay[i] + 0.5;
    assert_true(fabs(nvc_cbf_kinetic(&a, dm, late, 6, 500).cbf - 45) < 0.2);
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
        const struct nvc_cbf_fit fit = nvc_cbf_kinetic(&a, dm, delay, 6, 1);
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
    const struct nvc_estimate ds = { 0.025, 0.001 }, f = { 1.45, 0.03 }, task = { 0.012, 0.001 }, flow = { 1.4, 0.03 };
    const struct nvc_davis_result r = nvc_davis_couple(&nvc_davis_3t, ds, f, task, flow, DRAWS, 1, work);
    assert_true(r.M_ci.low < r.M && r.M < r.M_ci.high);
    assert_true(r.n_ci.low < r.n && r.n < r.n_ci.high);
    assert_true(fabs(r.theta - 1 / r.n) < 1e-12 && r.invalid < 0.01);
    const struct nvc_estimate wild = { 0.012, 0.05 };
    assert_true(nvc_davis_couple(&nvc_davis_3t, ds, f, wild, flow, DRAWS, 1, work).invalid > 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consensus_formula_gives_the_worked_cases),
        cmocka_unit_test(kinetic_model_is_that_of_buxton),
        cmocka_unit_test(many_delays_tell_flow_from_arrival),
        cmocka_unit_test(errors_of_the_kinetic_fit_are_those_of_repetition),
        cmocka_unit_test(a_spoiled_pair_does_not_count),
        cmocka_unit_test(davis_gives_the_worked_cases),
        cmocka_unit_test(davis_intervals_hold_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
