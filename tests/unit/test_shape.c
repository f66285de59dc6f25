#include "math/lsq.h"
#include "math/random.h"
#include "model/glm/ar_debias.h"
#include "model/response/curve.h"
#include "model/response/shape.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { VOLUMES = 300, EVENTS = 40 };

static double canonical(double t)
{
    return t > 0 ? exp(5 * log(t) - t) / 120 - exp(15 * log(t) - t) / 1307674368000.0 / 6 : 0;
}

static void canonical_response_has_the_published_shape(void **state)
{
    (void)state;
    static double h[3201];
    for (int i = 0; i < 3201; i++)
        h[i] = canonical(0.01 * i);
    const struct nvc_curve_shape s = nvc_curve_measure(h, 3201, 0.01, NAN);
    assert_true(fabs(s.ttp_s - 4.999) < 0.002);
    assert_true(fabs(s.fwhm_s - 5.2595) < 0.001);
    assert_true(fabs(s.undershoot + 0.08891) < 1e-4);
    assert_true(fabs(s.undershoot_s - 15.749) < 0.005);
    assert_true(fabs(s.onset_s - 1.598) < 0.002);
    assert_true(fabs(s.height - 0.175441) < 1e-5);
    assert_true(fabs(s.auc_positive - 0.953750) < 1e-4);
    assert_true(fabs(s.auc_negative + 0.120307) < 1e-4);
    for (int i = 0; i < 3201; i++)
        h[i] *= -2;
    const struct nvc_curve_shape negative = nvc_curve_measure(h, 3201, 0.01, NAN);
    assert_true(fabs(negative.height + 2 * 0.175441) < 1e-5);
    assert_true(fabs(negative.fwhm_s - s.fwhm_s) < 1e-9 && fabs(negative.undershoot - s.undershoot) < 1e-9);
}

static void undefined_shapes_are_nan(void **state)
{
    (void)state;
    double zero[50] = { 0 }, rising[50];
    for (int i = 0; i < 50; i++)
        rising[i] = 1 + i;
    struct nvc_curve_shape s = nvc_curve_measure(zero, 50, 0.5, NAN);
    assert_true(isnan(s.height) && isnan(s.ttp_s) && isnan(s.fwhm_s) && isnan(s.undershoot));
    s = nvc_curve_measure(rising, 50, 0.5, NAN);
    assert_true(isnan(s.fwhm_s) && s.fwhm_censored && isnan(s.undershoot));
    s = nvc_curve_measure(zero, 0, 0.5, NAN);
    assert_true(isnan(s.height));
}

struct run {
    double time[VOLUMES], onset[EVENTS], duration[EVENTS], constant[VOLUMES], y[VOLUMES];
};

/* Events 8-16 s apart, TR 2 s, peak 1, AR(1) noise of the given sd. */
static void simulate(struct run *r, double ttp_s, double fwhm_s, double noise_sd, uint64_t seed)
{
    struct nvc_rng rng;
    double t = 8, noise = 0;
    nvc_rng_init(&rng, seed, 0);
    memset(r, 0, sizeof *r);
    for (int k = 0; k < EVENTS; k++, t += 8 + 8 * nvc_rng_uniform(&rng))
        r->onset[k] = t;
    for (int i = 0; i < VOLUMES; i++) {
        r->time[i] = 2.0 * i;
        r->constant[i] = 1;
        noise = 0.4 * noise + sqrt(1 - 0.16) * noise_sd * nvc_rng_normal(&rng);
        r->y[i] = 100 + noise;
        for (int k = 0; k < EVENTS; k++) {
            const double u = r->time[i] - r->onset[k];
            if (u > 0 && u < 35)
                r->y[i] += nvc_shape_lobe(u, ttp_s, fwhm_s) - 0.12 * nvc_shape_lobe(u, ttp_s + 10, 9.2);
        }
    }
}

static struct nvc_shape_fit fit_run(const struct run *r, double ar)
{
    struct nvc_shape_problem p = { .n = VOLUMES, .time_s = r->time, .onset_s = r->onset, .duration_s = r->duration,
                                   .n_events = EVENTS, .nuisance = r->constant, .n_nuisance = 1, .ar = ar };
    struct nvc_error err = { 0 };
    struct nvc_shape_family *family;
    struct nvc_shape *s;
    struct nvc_shape_fit fit;
    assert_int_equal(nvc_shape_family_new(&family, &err), 0);
    assert_int_equal(nvc_shape_new(&s, family, &p, &err), 0);
    assert_int_equal(nvc_shape_estimate(s, r->y, NULL, &fit, NULL, &err), 0);
    nvc_shape_free(s);
    nvc_shape_family_free(family);
    return fit;
}

static void noise_free_truth_is_found(void **state)
{
    (void)state;
    static struct run r;
    static const double truth[][2] = { { 4, 5 }, { 5, 5.3 }, { 6.1, 4.4 }, { 7, 7 } };
    for (size_t i = 0; i < sizeof truth / sizeof *truth; i++) {
        simulate(&r, truth[i][0], truth[i][1], 1e-3, 3);
        const struct nvc_shape_fit fit = fit_run(&r, 0.4);
        assert_true(fabs(fit.lobe_ttp_s - truth[i][0]) < 0.03);
        assert_true(fabs(fit.lobe_fwhm_s - truth[i][1]) < 0.05);
        assert_true(fabs(fit.undershoot_share - 0.12) < 0.01);
        assert_true(fabs(fit.height - 1) < 0.02);
    }
}

/* Medians of 40 runs at twice the noise of CNR 2: bias would show; the bench measures slope and coverage. */
static void noisy_truth_is_found_without_bias(void **state)
{
    (void)state;
    static struct run r;
    double ttp = 0, fwhm = 0;
    int covered = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        simulate(&r, 5, 5.3, 0.5, seed);
        const struct nvc_shape_fit fit = fit_run(&r, 0.4);
        ttp += fit.curve.ttp_s / 40;
        fwhm += fit.curve.fwhm_s / 40;
        covered += !(fit.ttp_ci_s.low > 5) && !(fit.ttp_ci_s.high < 5);
        assert_true(fit.F_p < 1e-6);
    }
    assert_true(fabs(ttp - 5) < 0.15);
    assert_true(fabs(fwhm - 5.26) < 0.4);
    assert_true(covered >= 34);
}

/* A response so strong that few shapes of the grid are left keeps an interval of its height, as wide as its errors. */
static void strong_response_keeps_its_intervals(void **state)
{
    (void)state;
    static struct run r;
    int covered = 0, closed = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        simulate(&r, 5.1, 5.37, 0.02, seed);
        const struct nvc_shape_fit fit = fit_run(&r, 0.4);
        const double true_height = 1 - 0.12 * nvc_shape_lobe(5.1, 15.1, 9.2), wide = fit.height_ci.high - fit.height_ci.low;
        assert_true(fit.z_fit > 60);
        assert_true(wide > 1.5 * fit.amplitude_se && wide < 8 * fit.amplitude_se);
        covered += fit.height_ci.low < true_height && true_height < fit.height_ci.high;
        closed += fit.undershoot_ci.low < -0.09 && fit.undershoot_ci.high > -0.14 && fit.undershoot_ci.high < -0.05;
        assert_true(fit.undershoot_time_ci_s.low < fit.curve.undershoot_s && fit.curve.undershoot_s < fit.undershoot_time_ci_s.high);
    }
    assert_true(covered >= 33 && closed >= 36);
}

/* Of weak ones the data tell neither whether there is an undershoot nor how large it is. */
static void undershoot_of_a_weak_response_is_open(void **state)
{
    (void)state;
    static struct run r;
    int open = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        simulate(&r, 5, 5.3, 1, seed);
        const struct nvc_shape_fit fit = fit_run(&r, 0.4);
        open += isnan(fit.undershoot_ci.low) || isnan(fit.undershoot_ci.high);
        assert_false(fit.undershoot_ci.low > fit.curve.undershoot || fit.undershoot_ci.high < fit.curve.undershoot);
    }
    assert_true(open >= 18);
}

static void noise_alone_gives_no_shape(void **state)
{
    (void)state;
    static struct run r;
    int passed = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct nvc_rng rng;
        simulate(&r, 5, 5.3, 0, seed);
        nvc_rng_init(&rng, seed, 1);
        for (int i = 0; i < VOLUMES; i++)
            r.y[i] = nvc_rng_normal(&rng);
        passed += fit_run(&r, 0).F_p < 0.001;
    }
    assert_true(passed <= 1);
}

static void autocorrelation_is_freed_of_the_design(void **state)
{
    (void)state;
    enum { N = 200, M = 20 };
    static double X[N * M], beta[M], residual[N], y[N];
    struct nvc_error err = { 0 };
    struct nvc_lsq f;
    struct nvc_ar_debias d;
    double raw = 0, freed = 0;
    for (int j = 0; j < M; j++)
        for (int i = 0; i < N; i++)
            X[i + N * j] = cos(M_PI * (i + 0.5) * j / N);
    assert_int_equal(nvc_lsq_init(&f, X, N, M, &err), 0);
    assert_int_equal(nvc_ar_debias_init(&d, f.Q, N, M, &err), 0);
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct nvc_rng rng;
        double all = 0, across = 0;
        nvc_rng_init(&rng, 9, seed);
        y[0] = nvc_rng_normal(&rng);
        for (int i = 1; i < N; i++)
            y[i] = 0.5 * y[i - 1] + sqrt(0.75) * nvc_rng_normal(&rng);
        nvc_lsq_solve(&f, y, beta, residual);
        for (int i = 0; i < N; i++)
            all += residual[i] * residual[i], across += i ? residual[i] * residual[i - 1] : 0;
        raw += across / all / 200;
        freed += nvc_ar_debias_estimate(&d, residual, N) / 200;
    }
    nvc_lsq_release(&f);
    assert_true(raw < 0.42);
    assert_true(fabs(freed - 0.5) < 0.02);
}

static void impossible_shapes_are_refused(void **state)
{
    (void)state;
    static struct run r;
    struct nvc_error err = { 0 };
    struct nvc_shape_family *family;
    struct nvc_shape *s;
    struct nvc_shape_fit fit;
    simulate(&r, 5, 5.3, 0, 1);
    struct nvc_shape_problem p = { .n = VOLUMES, .time_s = r.time, .onset_s = r.onset, .duration_s = r.duration,
                                   .n_events = 2, .nuisance = r.constant, .n_nuisance = 1 };
    assert_int_equal(nvc_shape_family_new(&family, &err), 0);
    assert_int_equal(nvc_shape_new(&s, family, &p, &err), NVC_EDATA);
    p.n_events = EVENTS, p.n = 20;
    assert_int_equal(nvc_shape_new(&s, family, &p, &err), NVC_EDATA);
    p.n = VOLUMES;
    assert_int_equal(nvc_shape_new(&s, family, &p, &err), 0);
    assert_int_equal(nvc_shape_estimate(s, r.constant, NULL, &fit, NULL, &err), NVC_EDATA);
    nvc_shape_free(s);
    nvc_shape_family_free(family);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_response_has_the_published_shape),
        cmocka_unit_test(undefined_shapes_are_nan),
        cmocka_unit_test(noise_free_truth_is_found),
        cmocka_unit_test(noisy_truth_is_found_without_bias),
        cmocka_unit_test(strong_response_keeps_its_intervals),
        cmocka_unit_test(undershoot_of_a_weak_response_is_open),
        cmocka_unit_test(noise_alone_gives_no_shape),
        cmocka_unit_test(autocorrelation_is_freed_of_the_design),
        cmocka_unit_test(impossible_shapes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
