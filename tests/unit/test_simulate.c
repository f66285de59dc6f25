#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

/* A tiny study, with everything a person's images need. */
struct fixture {
    struct nvc_sim_spec spec;
    struct nvc_events events;
    struct nvc_mask bla;
    struct nvc_error err;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    nvc_sim_defaults(&f->spec);
    f->spec.tiny = true;
    f->spec.n_volumes = 90;
    *state = f;
    return nvc_sim_events(&f->events, &f->spec, &f->err) || nvc_sim_bla(&f->bla, &f->spec, &f->err);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    nvc_events_release(&f->events);
    nvc_mask_release(&f->bla);
    free(f);
    return 0;
}

static void gains_have_the_planted_means(void **state)
{
    (void)state;
    struct nvc_sim_spec spec;
    nvc_sim_defaults(&spec);
    spec.n_cases = spec.n_controls = 20000;
    double mean[2] = { 0 };
    for (size_t i = 0; i < 40000; i++) {
        struct nvc_sim_person p = nvc_sim_person(&spec, i);
        assert_int_equal(p.is_case, i < 20000);
        mean[p.is_case] += p.gain / 20000;
    }
    /* four standard errors: sd 0.26 and 0.15 over the root of 20000 */
    assert_true(fabs(mean[0] - 1) < 0.0073);
    assert_true(fabs(mean[1] - 0.6) < 0.0045);
}

static void the_response_saturates_and_no_gain_is_no_response(void **state)
{
    struct fixture *f = *state;
    double y[3][90];
    for (int k = 0; k < 3; k++)
        assert_int_equal(nvc_sim_response(y[k], &f->spec, &f->events, k, &f->err), 0);
    double peak[3] = { 0 };
    for (int k = 0; k < 3; k++)
        for (int t = 0; t < 90; t++)
            peak[k] = fmax(peak[k], y[k][t]);
    assert_true(peak[0] == 0);
    assert_true(peak[1] > 0.4 && peak[1] < 0.7);
    assert_true(peak[2] > 1.8 * peak[1] && peak[2] < 2 * peak[1]);
}

/* Weighted mean of a region over whole volumes, as nvc-extract computes it. */
static double region_mean(const float *volume, const struct nvc_region *r)
{
    double sum = 0, weight = 0;
    for (size_t k = 0; k < r->n; k++) {
        sum += r->weight[k] * (double)volume[r->index[k]];
        weight += r->weight[k];
    }
    return sum / weight;
}

struct body { struct nvc_sim_person person; struct nvc_sim_head head; struct nvc_sim_run run; struct nvc_sim_noise noise; };

static void make_body(struct body *b, struct fixture *f, size_t index, bool only_bla)
{
    b->person = nvc_sim_person(&f->spec, index);
    assert_int_equal(nvc_sim_head_init(&b->head, &f->spec, &b->person, &f->bla, only_bla, &f->err), 0);
    assert_int_equal(nvc_sim_run_init(&b->run, &f->spec, &f->events, &b->person, &f->err), 0);
    assert_int_equal(nvc_sim_noise_init(&b->noise, &f->spec, &b->person, &b->head, &f->err), 0);
}

static void free_body(struct body *b)
{
    nvc_sim_noise_release(&b->noise);
    nvc_sim_run_release(&b->run);
    nvc_sim_head_release(&b->head);
}

static void without_noise_series_are_those_of_the_images(void **state)
{
    struct fixture *f = *state;
    struct body b;
    struct nvc_series s;
    f->spec.noise = 0;
    make_body(&b, f, 5, false);
    assert_int_equal(nvc_sim_series(&s, &f->spec, &b.person, &b.head, &b.run, &f->bla, false, &f->err), 0);
    float *volume = calloc(nvc_grid_voxels(&b.head.grid), sizeof *volume);
    assert_non_null(volume);
    for (size_t t = 0; t < f->spec.n_volumes; t++) {
        nvc_sim_volume(volume, t, &f->spec, &b.head, &b.run, &b.noise);
        for (size_t r = 0; r < 2; r++)
            assert_near(s.Y[t + s.n_volumes * r], region_mean(volume, &f->bla.regions[r]), 0.01);
    }
    free(volume);
    nvc_series_release(&s);
    free_body(&b);
}

/* Power of the change from volume to volume, over people: what images and series have in common is their
 * law, not their numbers. */
static void noisy_series_have_the_law_of_the_images(void **state)
{
    struct fixture *f = *state;
    double power[2] = { 0 };
    enum { PEOPLE = 40 };
    float *volume = calloc(nvc_grid_voxels(&f->bla.grid), sizeof *volume);
    assert_non_null(volume);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct body b;
        struct nvc_series s;
        double before = 0;
        make_body(&b, f, i, true);
        memset(b.run.course + 90 * NVC_SIM_BLA_BOTH, 0, 90 * (NVC_SIM_COURSES - NVC_SIM_BLA_BOTH) * sizeof(double));
        assert_int_equal(nvc_sim_series(&s, &f->spec, &b.person, &b.head, &b.run, &f->bla, false, &f->err), 0);
        for (size_t t = 0; t < 90; t++) {
            nvc_sim_volume(volume, t, &f->spec, &b.head, &b.run, &b.noise);
            double now = region_mean(volume, &f->bla.regions[0]);
            if (t) {
                power[0] += (now - before) * (now - before);
                power[1] += (s.Y[t] - s.Y[t - 1]) * (s.Y[t] - s.Y[t - 1]);
            }
            before = now;
        }
        nvc_series_release(&s);
        free_body(&b);
    }
    free(volume);
    /* 40 x 89 changes each: the ratio is within four standard errors of 1 */
    assert_true(fabs(log(power[0] / power[1])) < 0.15);
}

static void people_depend_on_seed_and_place_alone(void **state)
{
    struct fixture *f = *state;
    struct body a, b;
    make_body(&a, f, 3, true);
    f->spec.n_controls += 7;
    make_body(&b, f, 3, true);
    assert_memory_equal(a.run.course, b.run.course, 90 * NVC_SIM_COURSES * sizeof(double));
    assert_memory_equal(a.head.map, b.head.map, a.head.n * NVC_SIM_COURSES * sizeof(float));
    free_body(&b);
    f->spec.seed++;
    make_body(&b, f, 3, true);
    assert_memory_not_equal(a.run.course, b.run.course, 90 * NVC_SIM_COURSES * sizeof(double));
    free_body(&b);
    free_body(&a);
}

static void confounds_are_named_and_derived_as_fmriprep_does(void **state)
{
    struct fixture *f = *state;
    struct body b;
    struct nvc_sim_confounds c;
    make_body(&b, f, 0, true);
    assert_int_equal(nvc_sim_confounds_init(&c, &f->spec, &b.run, NULL, NULL, &f->err), 0);
    assert_int_equal(c.n_rows, 90);
    assert_string_equal(c.names[0], "trans_x");
    assert_string_equal(c.names[21], "rot_z_derivative1");
    assert_string_equal(c.names[24], "framewise_displacement");
    const double *x = c.values, *d = x + 90;
    assert_true(isnan(d[0]) && isnan(c.values[24 * 90]));
    double fd = 0;
    for (size_t k = 0; k < 6; k++)
        fd += (k < 3 ? 1 : 50) * fabs(c.values[1 + 90 * (4 * k + 1)]);
    assert_near(c.values[1 + 24 * 90], fd, 1e-12);
    assert_near(d[7], x[7] - x[6], 1e-12);
    nvc_sim_confounds_release(&c);
    free_body(&b);
}

static void the_truth_grows_with_the_gain(void **state)
{
    struct fixture *f = *state;
    static const char *const none[] = { "6p" };
    struct nvc_sim_chain chain = { { none, 1 }, NVC_NOISE_OLS };
    struct nvc_sim_population population;
    struct body b;
    double last = 0;
    for (int k = 1; k < 4; k++) {
        double truth[2];
        make_body(&b, f, 1, true);
        assert_int_equal(nvc_sim_response(b.run.course, &f->spec, &f->events, 0.5 * k, &f->err), 0);
        assert_int_equal(nvc_sim_truth(truth, &chain, &f->spec, &b.person, &f->events, &f->bla, &b.head, &b.run, &f->err), 0);
        assert_true(truth[0] > last && truth[0] < 0.5 * k);
        assert_true(fabs(truth[0] / truth[1] - 1) < 0.15);
        last = truth[0];
        free_body(&b);
    }
    assert_int_equal(nvc_sim_population(&population, &chain, &f->spec, &f->events, &f->bla, &f->err), 0);
    assert_true(population.psc_case[2] < population.psc_control[2] && population.psc_case[2] > 0.55 * population.psc_control[2]);
}

static void at_rest_nothing_answers_and_bursts_pass_through_the_gain(void **state)
{
    struct fixture *f = *state;
    const struct nvc_sim_spec task = f->spec, rest = nvc_sim_rest(&f->spec);
    struct body b[3];
    double power[3] = { 0 };
    make_body(&b[0], f, 5, false);
    f->spec = rest;
    for (int k = 1; k < 3; k++) {
        make_body(&b[k], f, 5, false);
        nvc_sim_run_release(&b[k].run);
        b[k].person.gain = k == 1 ? 0.5 : 1;
        assert_int_equal(nvc_sim_run_init(&b[k].run, &f->spec, &f->events, &b[k].person, &f->err), 0);
    }
    const size_t n = task.n_volumes;
    for (size_t t = 0; t < n; t++) {
        assert_true(b[1].run.course[t + n * NVC_SIM_FUSIFORM] == 0 && b[1].run.course[t + n * NVC_SIM_VEIN] == 0);
        for (int k = 0; k < 3; k++)
            power[k] += pow(b[k].run.course[t + n * NVC_SIM_BLA], 2);
    }
    assert_true(power[0] > 0 && power[1] > 0);
    assert_true(power[2] > 3 * power[1] && power[2] < 4 * power[1]); /* the same bursts; the response saturates */
    /* a task and its rest are of other numbers, and the noise of a voxel follows its flow at rest alone */
    assert_true(b[0].run.course[n * NVC_SIM_DRIFT] != b[1].run.course[n * NVC_SIM_DRIFT]);
    float low = INFINITY, high = 0;
    for (size_t v = 0; v < b[1].head.n; v++) {
        assert_true(b[0].noise.scale[v] == 1);
        low = fminf(low, b[1].noise.scale[v]), high = fmaxf(high, b[1].noise.scale[v]);
    }
    assert_near(low, sqrt(20.0 / 50), 0.02);
    assert_near(high, sqrt(65.0 / 50), 0.02);
    for (int k = 0; k < 3; k++)
        free_body(&b[k]);
}

static void a_run_too_short_for_both_conditions_is_refused(void **state)
{
    struct fixture *f = *state;
    struct nvc_events events = { 0 };
    f->spec.n_volumes = 20;
    assert_int_equal(nvc_sim_events(&events, &f->spec, &f->err), NVC_EDATA);
    assert_non_null(strstr(f->err.text, "too short"));
    nvc_events_release(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gains_have_the_planted_means),
        cmocka_unit_test_setup_teardown(the_response_saturates_and_no_gain_is_no_response, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_noise_series_are_those_of_the_images, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noisy_series_have_the_law_of_the_images, set_up, tear_down),
        cmocka_unit_test_setup_teardown(people_depend_on_seed_and_place_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(confounds_are_named_and_derived_as_fmriprep_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_truth_grows_with_the_gain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_rest_nothing_answers_and_bursts_pass_through_the_gain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_too_short_for_both_conditions_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
