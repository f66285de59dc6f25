#include "math/random.h"
#include "model/design/events.h"
#include "model/response/linear_shape.h"
#include "model/response/task_shape.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { VOLUMES = 320, EVENTS = 40, CONDITIONS = 2 };

static double canonical(double t)
{
    return t > 0 ? exp(5 * log(t) - t) / 120 - exp(15 * log(t) - t) / 1307674368000.0 / 6 : 0;
}

struct run {
    double time[VOLUMES], onset[EVENTS], duration[EVENTS], constant[VOLUMES], y[VOLUMES];
};

/* Impulses 8-16 s apart, TR 2 s, answered by the canonical response shifted by `late` s, peak 1; AR(1) noise of the given sd. */
static void simulate(struct run *r, double late_s, double noise_sd, uint64_t seed)
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
        for (int k = 0; k < EVENTS; k++)
            r->y[i] += canonical(r->time[i] - r->onset[k] - late_s) / 0.17544056;
    }
}

static struct nvc_shape_fit fit_run(const struct run *r, struct nvc_linear_spec spec, int replicates, struct nvc_shape_band *band)
{
    const struct nvc_shape_problem p = { .n = VOLUMES, .time_s = r->time, .onset_s = r->onset, .duration_s = r->duration,
                                         .n_events = EVENTS, .nuisance = r->constant, .n_nuisance = 1, .ar = 0.4 };
    const struct nvc_shape_bootstrap how = { .replicates = replicates, .seed = 7 };
    struct nvc_error err = { 0 };
    struct nvc_linear *l;
    struct nvc_shape_fit fit;
    assert_int_equal(nvc_linear_new(&l, &spec, &p, &err), 0);
    assert_int_equal(nvc_linear_estimate(l, r->y, &how, &fit, band, &err), 0);
    nvc_linear_free(l);
    return fit;
}

static const struct nvc_linear_spec fir = { NVC_LINEAR_FIR, 1, 28 }, smooth = { NVC_LINEAR_SMOOTH, 1, 28 }, informed = { NVC_LINEAR_INFORMED, 1, 28 };

static void free_heights_find_the_canonical_shape(void **state)
{
    (void)state;
    static struct run r;
    static struct nvc_shape_band band;
    simulate(&r, 0, 1e-4, 1);
    for (int k = 0; k < 2; k++) {
        const struct nvc_shape_fit fit = fit_run(&r, k ? smooth : fir, 40, &band);
        assert_true(fabs(fit.curve.ttp_s - 5.0) < 0.05 && fabs(fit.curve.fwhm_s - 5.26) < 0.05);
        assert_true(fabs(fit.height - 1) < 0.02 && fabs(fit.curve.undershoot + 0.0889) < 0.01 && fabs(fit.curve.undershoot_s - 15.75) < 0.3);
        assert_true(fabs(band.value[50] - 1) < 0.02 && band.low[50] <= band.value[50] && band.value[50] <= band.high[50]);
        assert_true(isnan(fit.latency_s) && isnan(fit.misfit_F));
    }
}

static void the_informed_basis_finds_shape_and_latency(void **state)
{
    (void)state;
    static struct run r;
    static const double late[] = { -1, -0.5, 0, 0.5, 1 };
    for (size_t i = 0; i < sizeof late / sizeof *late; i++) {
        simulate(&r, late[i], 1e-4, 2);
        const struct nvc_shape_fit fit = fit_run(&r, informed, 0, NULL);
        assert_true(fabs(fit.latency_s - late[i]) < 0.1);
        assert_true(fabs(fit.curve.ttp_s - 5 - late[i]) < 0.1);
        assert_true(isnan(fit.ttp_ci_s.low));
    }
    simulate(&r, 0, 1e-4, 2);
    const struct nvc_shape_fit fit = fit_run(&r, informed, 0, NULL);
    assert_true(fabs(fit.height - 1) < 0.002 && fabs(fit.curve.fwhm_s - 5.2595) < 0.01);
}

static void smoothing_that_the_data_choose_beats_none(void **state)
{
    (void)state;
    static struct run r;
    static struct nvc_shape_band rough, even;
    double of_rough = 0, of_even = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        simulate(&r, 0, 1, seed);
        (void)fit_run(&r, fir, 0, &rough);
        (void)fit_run(&r, smooth, 0, &even);
        for (int t = 0; t < 280; t++) {
            const double truth = canonical(0.1 * t) / 0.17544056;
            of_rough += pow(rough.value[t] - truth, 2), of_even += pow(even.value[t] - truth, 2);
        }
        assert_true(fabs(even.value[0]) < 1e-9 && fabs(even.value[280]) < 1e-9);
    }
    assert_true(of_even < 0.5 * of_rough);
}

static void seeds_repeat_and_draws_cover(void **state)
{
    (void)state;
    static struct run r;
    int covered = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        simulate(&r, 0, 0.5, seed);
        const struct nvc_shape_fit a = fit_run(&r, fir, 100, NULL);
        covered += a.ttp_ci_s.low <= 5 && 5 <= a.ttp_ci_s.high;
        if (seed == 1) {
            const struct nvc_shape_fit b = fit_run(&r, fir, 100, NULL);
            assert_true(a.ttp_ci_s.low == b.ttp_ci_s.low && a.auc_ci.high == b.auc_ci.high);
            assert_true(a.undershoot_ci.low < a.undershoot_ci.high && a.onset_ci_s.low < a.onset_ci_s.high);
        }
    }
    assert_true(covered >= 33);
}

static void impossible_bins_are_refused(void **state)
{
    (void)state;
    static struct run r;
    struct nvc_error err = { 0 };
    struct nvc_linear *l;
    simulate(&r, 0, 1, 1);
    for (int k = 0; k < EVENTS; k++)
        r.onset[k] = 12.0 * k; /* on the grid of volumes: nothing is seen between */
    struct nvc_shape_problem p = { .n = VOLUMES, .time_s = r.time, .onset_s = r.onset, .duration_s = r.duration, .n_events = EVENTS,
                                   .nuisance = r.constant, .n_nuisance = 1 };
    assert_int_equal(nvc_linear_new(&l, &fir, &p, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "widen --bin"));
    p.n_events = 2;
    assert_int_equal(nvc_linear_new(&l, &fir, &p, &err), NVC_EDATA);
    p.n_events = EVENTS, p.n = 30;
    assert_int_equal(nvc_linear_new(&l, &fir, &p, &err), NVC_EDATA);
    p.n = VOLUMES;
    assert_int_equal(nvc_linear_new(&l, &(struct nvc_linear_spec){ NVC_LINEAR_FIR, 10, 20 }, &p, &err), NVC_EDATA);
    p.nuisance = r.constant;
    assert_int_equal(nvc_linear_new(&l, &informed, &p, &err), 0);
    struct nvc_shape_fit fit;
    assert_int_equal(nvc_linear_estimate(l, r.constant, NULL, &fit, NULL, &err), NVC_EDATA);
    nvc_linear_free(l);
}

/* Two conditions of 20 events each; b is half as strong and modulated: height 1 + 0.5 m. */
struct study {
    struct nvc_events events;
    struct nvc_design design;
    double durations[CONDITIONS], time[VOLUMES], y[VOLUMES];
};

static void make_study(struct study *s, double noise_sd, uint64_t seed)
{
    static const char *const names[] = { "intensity" };
    struct nvc_error err = { 0 };
    struct nvc_rng rng;
    struct nvc_design_spec spec;
    const struct nvc_hrf hrf = { .kind = NVC_HRF_SPM, .n_functions = 3, .length_s = 32 };
    double noise = 0;
    nvc_rng_init(&rng, seed, 3);
    memset(s, 0, sizeof *s);
    assert_int_equal(nvc_events_init(&s->events, &(struct nvc_list){ names, 1 }, &err), 0);
    for (int i = 0; i < VOLUMES; i++) {
        s->time[i] = 2.0 * i + 0.875;
        noise = 0.4 * noise + sqrt(1 - 0.16) * noise_sd * nvc_rng_normal(&rng);
        s->y[i] = 100 + noise;
    }
    double at = 8;
    for (int k = 0; k < EVENTS; k++, at += 10 + 8 * nvc_rng_uniform(&rng)) {
        const double m = k % 4 < 2 ? 1 : 3, size = k % 2 ? 0.5 + 0.25 * (m - 2) : 1;
        const struct nvc_event one = { at, 0, 1, k % 2 ? "b" : "a", &m };
        assert_int_equal(nvc_events_add(&s->events, &one, &err), 0);
        for (int i = 0; i < VOLUMES; i++)
            s->y[i] += size * canonical(s->time[i] - at) / 0.17544056;
    }
    assert_int_equal(nvc_events_finish(&s->events, &err), 0);
    nvc_design_defaults(&spec);
    struct nvc_events plain = s->events;
    plain.n_modulators = 0;
    spec.n_volumes = VOLUMES, spec.tr_s = 2, spec.events = &plain, spec.hrf = &hrf;
    assert_int_equal(nvc_design_build(&s->design, &spec, &err), 0);
}

static struct nvc_task_shape *task_of(const struct study *s)
{
    const struct nvc_task_shape_spec spec = { .events = &s->events, .durations_s = s->durations, .design = &s->design, .time_s = s->time };
    struct nvc_error err = { 0 };
    struct nvc_task_shape *t;
    assert_int_equal(nvc_task_shape_new(&t, &spec, &err), 0);
    return t;
}

static void release_study(struct study *s)
{
    nvc_events_release(&s->events);
    nvc_design_release(&s->design);
}

static void slopes_over_a_modulator_are_found_and_covered(void **state)
{
    (void)state;
    static struct study s;
    struct nvc_error err = { 0 };
    struct nvc_shape_fit fits[CONDITIONS];
    static struct nvc_shape_band bands[CONDITIONS];
    struct nvc_slope a, b;
    double ar;
    int covered = 0, false_alarms = 0;
    for (uint64_t seed = 0; seed <= 40; seed++) {
        make_study(&s, seed ? 0.3 : 1e-4, seed);
        struct nvc_task_shape *t = task_of(&s);
        assert_int_equal(nvc_task_shape_fit(t, s.y, 0, fits, bands, &ar, &err), 0);
        assert_int_equal(nvc_task_shape_slopes(t, 0, s.y, ar, fits, &a, &err), 0);
        assert_int_equal(nvc_task_shape_slopes(t, 1, s.y, ar, fits + 1, &b, &err), 0);
        if (!seed)
            assert_true(fabs(a.value) < 0.01 && fabs(b.value - 0.25) < 0.01 && fabs(fits[0].height - 1) < 0.02);
        covered += seed && fabs(b.value - 0.25) < 1.97 * b.se;
        false_alarms += seed && fabs(a.value) > 1.97 * a.se;
        nvc_task_shape_free(t);
        release_study(&s);
    }
    assert_true(covered >= 34 && false_alarms <= 6);
}

static void maps_hold_what_the_table_holds(void **state)
{
    (void)state;
    enum { VOXELS = 5 };
    static struct study s;
    static float Y[VOLUMES * VOXELS], one[VOXELS * NVC_SHAPE_MAPS * CONDITIONS], two[VOXELS * NVC_SHAPE_MAPS * CONDITIONS];
    const struct nvc_shape_print print = { 0.001, 5 };
    struct nvc_error err = { 0 };
    struct nvc_shape_fit fits[CONDITIONS];
    static struct nvc_shape_band bands[CONDITIONS];
    struct nvc_rng rng;
    double ar;
    make_study(&s, 0.3, 1);
    struct nvc_task_shape *t = task_of(&s);
    nvc_rng_init(&rng, 1, 1);
    for (int i = 0; i < VOLUMES; i++) {
        Y[i] = (float)s.y[i];
        Y[i + VOLUMES] = 12;                                              /* constant */
        Y[i + 2 * VOLUMES] = i == 5 ? NAN : (float)s.y[i];
        Y[i + 3 * VOLUMES] = (float)(5 + 0.1 * nvc_rng_normal(&rng));     /* noise */
        Y[i + 4 * VOLUMES] = (float)-s.y[i];                              /* no positive mean */
    }
    assert_int_equal(nvc_task_shape_maps(t, Y, VOXELS, 1, &print, one, &err), 0);
    assert_int_equal(nvc_task_shape_maps(t, Y, VOXELS, 3, &print, two, &err), 0);
    assert_memory_equal(one, two, sizeof one);
    double mean = 0, percent[VOLUMES];
    for (int i = 0; i < VOLUMES; i++)
        mean += (double)Y[i] / VOLUMES;
    for (int i = 0; i < VOLUMES; i++)
        percent[i] = 100 * ((double)Y[i] / mean - 1);
    assert_int_equal(nvc_task_shape_fit(t, percent, 0, fits, bands, &ar, &err), 0);
    for (size_t k = 0; k < CONDITIONS; k++) {
        const float *map = one + VOXELS * NVC_SHAPE_MAPS * k;
        assert_true(fabs((double)map[VOXELS * NVC_SHAPE_MAP_HEIGHT] - fits[k].height) < 0.01);
        assert_true(fabs((double)map[VOXELS * NVC_SHAPE_MAP_TTP] - fits[k].curve.ttp_s) < 0.05);
        assert_true(fabs((double)map[VOXELS * NVC_SHAPE_MAP_Z] - fits[k].z_fit) < 0.3);
        for (int m = 0; m < NVC_SHAPE_MAPS; m++)
            assert_true(isnan(map[1 + VOXELS * m]) && isnan(map[2 + VOXELS * m]) && isnan(map[4 + VOXELS * m]));
        assert_true(isnan(map[3 + VOXELS * NVC_SHAPE_MAP_TTP]) && !isnan(map[3 + VOXELS * NVC_SHAPE_MAP_HEIGHT]));
    }
    nvc_task_shape_free(t);
    release_study(&s);
}

static void events_part_at_durations(void **state)
{
    (void)state;
    static const char *const names[] = { "rating" };
    static const double edges[] = { 2, 6 }, falling[] = { 6, 2 }, durations[] = { 1, 2, 5, 6, 9 };
    struct nvc_error err = { 0 };
    struct nvc_events e, parts;
    assert_int_equal(nvc_events_init(&e, &(struct nvc_list){ names, 1 }, &err), 0);
    for (int i = 0; i < 5; i++) {
        const double rating = 10 + i;
        const struct nvc_event one = { 10.0 * i, durations[i], 1, "pain", &rating };
        assert_int_equal(nvc_events_add(&e, &one, &err), 0);
    }
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    assert_int_equal(nvc_events_split(&parts, &e, edges, 2, &err), 0);
    assert_int_equal(parts.n_conditions, 3);
    static const char *const wanted[] = { "pain_lt2s", "pain_2to6s", "pain_2to6s", "pain_ge6s", "pain_ge6s" };
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(parts.conditions[parts.condition[i]], wanted[i]);
        assert_true(parts.modulation[i] == 10 + (double)i);
    }
    nvc_events_release(&parts);
    assert_int_equal(nvc_events_split(&parts, &e, falling, 2, &err), NVC_EDATA);
    nvc_events_release(&parts);
    nvc_events_release(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_heights_find_the_canonical_shape),
        cmocka_unit_test(the_informed_basis_finds_shape_and_latency),
        cmocka_unit_test(smoothing_that_the_data_choose_beats_none),
        cmocka_unit_test(seeds_repeat_and_draws_cover),
        cmocka_unit_test(impossible_bins_are_refused),
        cmocka_unit_test(slopes_over_a_modulator_are_found_and_covered),
        cmocka_unit_test(maps_hold_what_the_table_holds),
        cmocka_unit_test(events_part_at_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
