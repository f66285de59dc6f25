#include "math/lsq.h"
#include "math/random.h"
#include "model/response/negative_control.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct nvc_error err;

/* Events of `face` 8 to 16 s apart, and a model of them with both derivatives. */
static void make(struct nvc_events *e, struct nvc_design *d, struct nvc_design_spec *s, size_t n_volumes, size_t n_dummy, int functions)
{
    const struct nvc_hrf hrf = { .kind = NVC_HRF_SPM, .n_functions = functions, .length_s = 32 };
    struct nvc_rng r;
    nvc_rng_init(&r, 5, 0);
    assert_int_equal(nvc_events_init(e, NULL, &err), 0);
    for (double t = 12; t < 2 * (double)n_volumes - 16; t += 8 + 8 * nvc_rng_uniform(&r))
        assert_int_equal(nvc_events_add(e, &(struct nvc_event){ t, 1, 1, "face", NULL }, &err), 0);
    assert_int_equal(nvc_events_finish(e, &err), 0);
    nvc_design_defaults(s);
    s->n_volumes = n_volumes, s->n_dummy = n_dummy, s->tr_s = 2, s->events = e, s->hrf = &hrf;
    assert_int_equal(nvc_design_build(d, s, &err), 0);
    s->events = NULL, s->hrf = NULL;
}

static double product(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* By ordinary least squares the coefficient of x beside X is r'y / r'r, r what X leaves of x. */
static double coefficient(const struct nvc_design *d, const double *x, const double *y)
{
    const size_t n = d->n_rows;
    struct nvc_lsq f = { 0 };
    double *beta = malloc(d->n_cols * sizeof *beta), *r = malloc(n * sizeof *r);
    assert_int_equal(nvc_lsq_init(&f, d->X, n, d->n_cols, &err), 0);
    (void)nvc_lsq_solve(&f, x, beta, r);
    const double b = product(r, y, n) / product(r, r, n);
    nvc_lsq_release(&f);
    free(beta);
    free(r);
    return b;
}

static void shifts_lie_apart_and_the_coefficient_is_the_mean_of_theirs(void **state)
{
    (void)state;
    struct nvc_events e = { 0 };
    struct nvc_design d = { 0 };
    struct nvc_design_spec s;
    struct nvc_negative_control all;
    make(&e, &d, &s, 200, 0, 3);
    const struct nvc_negative_run run = { &d, &s, &e };
    double y[200], mean = 0;
    struct nvc_rng r;
    nvc_rng_init(&r, 6, 0);
    for (size_t i = 0; i < 200; i++)
        y[i] = nvc_rng_normal(&r);
    assert_int_equal(nvc_negative_shifted(&all, &run, 0, 1, 4, &err), 0);
    assert_int_equal(all.n, 4);
    assert_true(all.own > 0.9);
    for (size_t k = 0; k < 4; k++) {
        assert_true(all.shift_s[k] >= 10 && all.shift_s[k] <= 390);
        assert_true(!k || all.shift_s[k] - all.shift_s[k - 1] >= 10);
    }
    /* each shift by hand: the onsets moved, a column of their canonical response */
    for (size_t k = 0; k < 4; k++) {
        const struct nvc_hrf canonical = { .kind = NVC_HRF_SPM, .n_functions = 1, .length_s = 32 };
        struct nvc_events moved = { 0 };
        struct nvc_design column = { 0 };
        struct nvc_design_spec alone = s;
        assert_int_equal(nvc_events_init(&moved, NULL, &err), 0);
        for (size_t i = 0; i < e.n; i++)
            assert_int_equal(nvc_events_add(&moved, &(struct nvc_event){ fmod(e.onset_s[i] + all.shift_s[k], 400), 1, 1, "face", NULL }, &err), 0);
        assert_int_equal(nvc_events_finish(&moved, &err), 0);
        alone.hrf = &canonical, alone.events = &moved;
        assert_int_equal(nvc_design_build(&column, &alone, &err), 0);
        mean += coefficient(&d, column.X, y) * column.columns[0].h_ref / 4;
        nvc_design_release(&column);
        nvc_events_release(&moved);
    }
    assert_true(fabs(coefficient(&d, all.x, y) - mean) < 1e-10);
    nvc_negative_control_release(&all);
    nvc_design_release(&d);
    nvc_events_release(&e);
}

/* A response of another form, later and wider, leaks little where the model has derivatives and much where it has none. */
static void a_response_hardly_leaks(void **state)
{
    (void)state;
    double leak[2];
    for (int functions = 1; functions <= 3; functions += 2) {
        struct nvc_events e = { 0 };
        struct nvc_design d = { 0 };
        struct nvc_design_spec s;
        struct nvc_negative_control c;
        double y[240] = { 0 };
        make(&e, &d, &s, 240, 0, functions);
        const struct nvc_negative_run run = { &d, &s, &e };
        for (size_t k = 0; k < e.n; k++)
            for (size_t i = 0; i < 240; i++) {
                const double t = 2 * (double)i + d.frame_offset_s - e.onset_s[k];
                y[i] += t > 0 ? exp(6 * log(t / 7) - (t - 7) * 6 / 7) : 0; /* mode 7 s */
            }
        assert_int_equal(nvc_negative_before(&c, &run, 0, 8, &err), 0);
        assert_non_null(c.x);
        leak[functions > 1] = fabs(coefficient(&d, c.x, y));
        nvc_negative_control_release(&c);
        nvc_design_release(&d);
        nvc_events_release(&e);
    }
    assert_true(leak[1] < 0.03 && leak[1] < leak[0] / 2);
}

static void the_box_stands_before_the_onsets_of_the_stored_volumes(void **state)
{
    (void)state;
    struct nvc_events e = { 0 };
    struct nvc_design d = { 0 };
    struct nvc_design_spec s;
    struct nvc_negative_control c;
    make(&e, &d, &s, 200, 5, 1);
    const struct nvc_negative_run run = { &d, &s, &e };
    assert_int_equal(nvc_negative_before(&c, &run, 0, 0, &err), 0);
    assert_non_null(c.x);
    for (size_t i = 0; i < d.n_rows; i++) {
        const double t = 2 * (double)(i + 5) + d.frame_offset_s;
        double want = 0;
        for (size_t k = 0; k < e.n; k++)
            want += e.onset_s[k] - 6 >= 10 && t >= e.onset_s[k] - 6 && t < e.onset_s[k] - 2;
        assert_true(c.x[i] == want);
    }
    assert_int_equal(c.n, e.n - 1); /* the first is 12 s after the first stored volume, 2 s after the first that is kept */
    nvc_negative_control_release(&c);
    assert_int_equal(nvc_negative_before(&c, &run, 0, 1000, &err), 0); /* all one onset */
    assert_null(c.x);
    assert_string_equal(c.why, "few_onsets");
    nvc_negative_control_release(&c);
    nvc_design_release(&d);
    nvc_events_release(&e);
}

/* Where the run is one event there is nowhere to move it to. */
static void a_run_without_room_is_undefined(void **state)
{
    (void)state;
    struct nvc_events e = { 0 };
    struct nvc_design d = { 0 };
    struct nvc_design_spec s;
    struct nvc_negative_control c;
    const struct nvc_hrf hrf = { .kind = NVC_HRF_SPM, .n_functions = 3, .length_s = 32 };
    assert_int_equal(nvc_events_init(&e, NULL, &err), 0);
    assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ 4, 3, 1, "face", NULL }, &err), 0);
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    nvc_design_defaults(&s);
    s.n_volumes = 9, s.tr_s = 2, s.events = &e, s.hrf = &hrf;
    assert_int_equal(nvc_design_build(&d, &s, &err), 0);
    const struct nvc_negative_run run = { &d, &s, &e };
    assert_int_equal(nvc_negative_shifted(&c, &run, 0, 3, 8, &err), 0);
    assert_null(c.x);
    assert_string_equal(c.why, "overlap");
    nvc_negative_control_release(&c);
    nvc_design_release(&d);
    nvc_events_release(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shifts_lie_apart_and_the_coefficient_is_the_mean_of_theirs),
        cmocka_unit_test(a_response_hardly_leaks),
        cmocka_unit_test(the_box_stands_before_the_onsets_of_the_stored_volumes),
        cmocka_unit_test(a_run_without_room_is_undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
