#include "math/lsq.h"
#include "math/random.h"
#include "model/reactivity/reactivity.h"
#include "model/design/trace.h"
#include "table/physio.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"
#include "scratch.h"

enum { N = 200, RUNS = 160, BREATHS = 120 };
static const double tr_s = 2;

/* End-tidal CO2, a value per breath: 40 mmHg, 47 in blocks of a minute that come and go over 10 s. */
static void gas(struct nvc_trace *t)
{
    struct nvc_rng rng;
    struct nvc_error err = { 0 };
    double level = 40;
    nvc_rng_init(&rng, 3, 1);
    assert_int_equal(nvc_trace_init(t, BREATHS, &err), 0);
    for (int i = 0; i < BREATHS; i++) {
        const double at = -20 + 4 * i, wanted = fmod(at + 60, 120) < 60 && at > 0 ? 47 : 40;
        level += (wanted - level) * 0.35;
        t->time_s[i] = at;
        t->value[i] = level + 0.4 * nvc_rng_normal(&rng);
    }
    assert_int_equal(nvc_trace_check(t, &err), 0);
}

/* Fit RUNS series of a known slope and lag in AR(1) noise with white noise on it. */
static void simulate(double slope, double lag_s, const struct nvc_trace *stimulus, struct nvc_reactivity *out)
{
    static double Y[N * RUNS], nuisance[3 * N], frame_s[N];
    struct nvc_error err = { 0 };
    for (size_t t = 0; t < N; t++) {
        frame_s[t] = tr_s * (double)t + 0.875;
        for (size_t k = 0; k < 3; k++)
            nuisance[t + N * k] = pow(2 * (double)t / (N - 1) - 1, (double)k);
    }
    for (size_t v = 0; v < RUNS; v++) {
        struct nvc_rng rng;
        nvc_rng_init(&rng, (uint64_t)(1000 * slope), v);
        double slow = 0.7 * nvc_rng_normal(&rng);
        for (size_t t = 0; t < N; t++) {
            Y[t + N * v] = slope * nvc_trace_at(stimulus, frame_s[t] - lag_s) + slow + 0.5 * nvc_rng_normal(&rng) + 0.002 * (double)t;
            slow = 0.5 * slow + 0.7 * sqrt(0.75) * nvc_rng_normal(&rng);
        }
    }
    const struct nvc_glm_columns columns = { Y, N, N };
    const struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
    const struct nvc_reactivity_spec spec = { .stimulus = stimulus, .frame_s = frame_s, .n = N, .nuisance = nuisance, .n_nuisance = 3,
                                              .lag_low_s = -10, .lag_high_s = 20, .lag_step_s = 1 };
    if (nvc_reactivity_fit(&spec, &source, RUNS, 1, out, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

static void slope_and_lag_are_recovered_within_their_errors(void **state)
{
    (void)state;
    static struct nvc_reactivity r[RUNS];
    static const double slopes[] = { 0.25, 0.1, 0.05 };
    struct nvc_trace stimulus;
    gas(&stimulus);
    for (int s = 0; s < 3; s++) {
        double mean = 0, lag = 0, square = 0;
        int covered = 0, lag_covered = 0;
        simulate(slopes[s], 6.3, &stimulus, r);
        for (int v = 0; v < RUNS; v++) {
            mean += r[v].slope / RUNS, lag += r[v].lag_s / RUNS, square += r[v].slope * r[v].slope / RUNS;
            covered += fabs(r[v].slope - slopes[s]) < 1.98 * r[v].se;
            lag_covered += !(r[v].lag_ci_low_s > 6.3) && !(r[v].lag_ci_high_s < 6.3); /* an open side does not exclude */
        }
        assert_near(mean, slopes[s], 4 * sqrt((square - mean * mean) / RUNS));
        assert_in_range(covered, RUNS * 95 / 100 - 11, RUNS);
        assert_in_range(lag_covered, RUNS * 95 / 100 - 11, RUNS);
        assert_near(lag, 6.3, 0.5);
    }
    nvc_trace_release(&stimulus);
}

static void no_reaction_gives_no_slope_and_any_lag(void **state)
{
    (void)state;
    static struct nvc_reactivity r[RUNS];
    struct nvc_trace stimulus;
    double mean = 0, square = 0, width = 0;
    int covered = 0;
    gas(&stimulus);
    simulate(0, 0, &stimulus, r);
    for (int v = 0; v < RUNS; v++) {
        mean += r[v].slope / RUNS, square += r[v].slope * r[v].slope / RUNS;
        covered += fabs(r[v].slope) < 1.98 * r[v].se;
        width += ((isnan(r[v].lag_ci_high_s) ? 20 : r[v].lag_ci_high_s) - (isnan(r[v].lag_ci_low_s) ? -10 : r[v].lag_ci_low_s)) / RUNS;
    }
    assert_near(mean, 0, 4 * sqrt((square - mean * mean) / RUNS));
    assert_in_range(covered, RUNS * 95 / 100 - 11, RUNS);
    assert_true(width > 20);
    nvc_trace_release(&stimulus);
}

static void a_lag_beyond_the_grid_is_said_to_be(void **state)
{
    (void)state;
    static struct nvc_reactivity r[RUNS];
    struct nvc_trace stimulus;
    int open = 0, at_edge = 0;
    gas(&stimulus);
    simulate(0.4, 26, &stimulus, r);
    for (int v = 0; v < RUNS; v++)
        open += isnan(r[v].lag_ci_high_s), at_edge += r[v].lag_at_edge;
    assert_int_equal(open, RUNS);
    assert_in_range(at_edge, RUNS * 85 / 100, RUNS);
    nvc_trace_release(&stimulus);
}

static void a_capnogram_is_known_and_has_its_tops_found(void **state)
{
    (void)state;
    struct nvc_trace t, tops;
    struct nvc_error err = { 0 };
    assert_int_equal(nvc_trace_init(&t, 3000, &err), 0);
    for (int i = 0; i < 3000; i++) { /* 10 Hz, a breath of 4 s, tops rising from 38 to 44 */
        t.time_s[i] = 0.1 * i;
        t.value[i] = (38 + 0.02 * t.time_s[i]) * fmax(0, fmin(1, 1.5 * sin(2 * M_PI * t.time_s[i] / 4)));
    }
    assert_true(nvc_trace_breathes(&t));
    assert_int_equal(nvc_trace_end_tidal(&tops, &t, &err), 0);
    assert_int_equal(tops.n, 75);
    for (size_t i = 0; i < tops.n; i++)
        assert_near(tops.value[i], 38 + 0.02 * tops.time_s[i], 1e-9);
    assert_false(nvc_trace_breathes(&tops));
    nvc_trace_release(&t);
    nvc_trace_release(&tops);
}

static void events_make_boxes_and_ramps(void **state)
{
    (void)state;
    struct nvc_events e = { 0 };
    struct nvc_trace t, smooth;
    struct nvc_error err = { 0 };
    assert_int_equal(nvc_events_init(&e, NULL, &err), 0);
    const struct nvc_event hold = { 20, 15, 1, "hold", NULL };
    assert_int_equal(nvc_events_add(&e, &hold, &err), 0);
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    assert_int_equal(nvc_trace_of_events(&t, &e, 0, NVC_EVENTS_RAMP, 15, -10, 200, 0.5, &err), 0);
    assert_near(nvc_trace_at(&t, 27.5), 0.5, 1e-12);
    assert_near(nvc_trace_at(&t, 40), 0, 0);
    nvc_trace_release(&t);
    assert_int_equal(nvc_trace_of_events(&t, &e, 0, NVC_EVENTS_BOX, NAN, -10, 200, 0.1, &err), 0);
    assert_near(nvc_trace_at(&t, 25), 1, 0);
    assert_int_equal(nvc_trace_respond(&smooth, &t, -10, 100, 0.1, &err), 0);
    double sum = 0;
    for (size_t i = 0; i < smooth.n; i++)
        sum += 0.1 * smooth.value[i];
    assert_near(sum, 15, 0.2); /* the area of the hold: the response has unit area */
    assert_true(nvc_trace_at(&smooth, 30) > nvc_trace_at(&smooth, 22));
    nvc_trace_release(&t);
    nvc_trace_release(&smooth);
    nvc_events_release(&e);
}

static int read_co2(struct nvc_trace *t, const char *path, enum nvc_co2_unit unit, struct nvc_error *err)
{
    const struct nvc_co2_request request = { NULL, unit, false };
    uint32_t crc32;
    uint64_t bytes;
    return nvc_co2_read(t, path, &request, &crc32, &bytes, err);
}

static void recordings_are_read_with_their_clock_and_unit(void **state)
{
    (void)state;
    struct nvc_trace t;
    struct nvc_error err = { 0 };
    (void)scratch_text("a_physio.tsv", "5.3\t1\n5.4\tn/a\n5.6\t1\n");
    (void)scratch_text("a_physio.json", "{\"SamplingFrequency\": 0.5, \"StartTime\": -4, \"Columns\": [\"CO2\", \"pulse\"], \"CO2\": {\"Units\": \"kPa\"}}");
    assert_int_equal(read_co2(&t, scratch_path("a_physio.tsv"), NVC_CO2_AUTO, &err), 0);
    assert_near(t.value[0], 5.3 * 7.50062, 1e-9);
    assert_near(t.time_s[2], 0, 1e-12);
    nvc_trace_release(&t);
    assert_int_equal(read_co2(&t, scratch_path("a_physio.tsv"), NVC_CO2_MMHG, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "--co2-unit"));
    (void)scratch_text("breaths.tsv", "time\tpetco2\n0.5\t40\n4.2\t41\n3\t42\n");
    assert_int_equal(read_co2(&t, scratch_path("breaths.tsv"), NVC_CO2_AUTO, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "does not come after"));
    (void)scratch_text("b_physio.tsv", "40\t1\n41\n");
    (void)scratch_text("b_physio.json", "{\"SamplingFrequency\": 1, \"Columns\": [\"co2\", \"pulse\"]}");
    assert_int_equal(read_co2(&t, scratch_path("b_physio.tsv"), NVC_CO2_AUTO, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "line 2 has 1 columns"));
    (void)scratch_text("b_physio.tsv", "40\t1\nn/a\t1\n41\t2\n");
    assert_int_equal(read_co2(&t, scratch_path("b_physio.tsv"), NVC_CO2_AUTO, &err), NVC_EDATA);
    (void)scratch_text("b_physio.tsv", "");
    assert_int_equal(read_co2(&t, scratch_path("b_physio.tsv"), NVC_CO2_AUTO, &err), NVC_EDATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slope_and_lag_are_recovered_within_their_errors),
        cmocka_unit_test(no_reaction_gives_no_slope_and_any_lag),
        cmocka_unit_test(a_lag_beyond_the_grid_is_said_to_be),
        cmocka_unit_test(a_capnogram_is_known_and_has_its_tops_found),
        cmocka_unit_test(events_make_boxes_and_ramps),
        cmocka_unit_test(recordings_are_read_with_their_clock_and_unit),
    };
    nvc_blas_single_thread();
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
