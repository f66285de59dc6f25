/* Coupling of flow and activity: local, through time, calibrated, and from rows. */
#include "math/random.h"
#include "math/ratio.h"
#include "model/coupling/coupling_flow.h"
#include "model/coupling/coupling_maps.h"
#include "model/coupling/coupling_rows.h"
#include "model/coupling/imco.h"
#include "model/coupling/map_coupling.h"
#include "model/coupling/temporal_coupling.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SIDE = 20, POINTS = SIDE * SIDE * SIDE };
static const struct nvc_grid grid = { .dim = { SIDE, SIDE, SIDE }, .to_mm = { { 3, 0, 0, -30 }, { 0, 3, 0, -30 }, { 0, 0, 3, -30 } } };
static double flow[POINTS], activity[POINTS], halves[4][POINTS];
static bool tissue[POINTS];

static size_t cube(size_t *region, size_t from, size_t edge)
{
    size_t n = 0;
    for (size_t v = 0; v < POINTS; v++)
        if (v % SIDE - from < edge && v / SIDE % SIDE - from < edge && v / SIDE / SIDE - from < edge)
            region[n++] = v;
    return n;
}

/* Common part, and noise of each map in two halves. */
static void make_maps(double slope, double noise_x, double noise_y, uint64_t seed)
{
    struct nvc_rng rng;
    nvc_rng_init(&rng, seed, 0);
    for (size_t v = 0; v < POINTS; v++) {
        const double x = 50 + 5 * nvc_rng_normal(&rng), y = 10 + slope * (x - 50);
        for (int h = 0; h < 2; h++) {
            halves[h][v] = x + noise_x * sqrt(2) * nvc_rng_normal(&rng);
            halves[2 + h][v] = y + noise_y * sqrt(2) * nvc_rng_normal(&rng);
        }
        flow[v] = (halves[0][v] + halves[1][v]) / 2;
        activity[v] = (halves[2][v] + halves[3][v]) / 2;
        tissue[v] = true;
    }
}

static void local_slope_is_not_attenuated_and_its_error_is_right(void **state)
{
    (void)state;
    enum { RUNS = 60 };
    size_t region[64];
    double sum = 0, squares = 0, variance = 0;
    for (int run = 0; run < RUNS; run++) {
        struct nvc_imco fit;
        struct nvc_error err;
        make_maps(0.2, 4, 0.8, (uint64_t)run + 1);
        const struct nvc_imco_spec spec = { .grid = &grid, .x = flow, .y = activity, .tissue = tissue, .region = region,
                                            .n_region = cube(region, 8, 3), .radius_mm = 9, .noise_x = 16, .noise_y = 0.64 };
        assert_int_equal(nvc_imco_fit(&spec, &fit, &err), 0);
        assert_false(fit.noise_assumed);
        const double slope = fit.slope * sqrt((0.04 * 25 + 0.64) / (25 + 16)); /* in units of the maps */
        sum += slope, squares += slope * slope;
        variance += fit.se * fit.se * (0.04 * 25 + 0.64) / (25 + 16);
    }
    const double mean = sum / RUNS, sd = sqrt((squares - sum * mean) / (RUNS - 1));
    assert_true(fabs(mean - 0.2) < 3 * sd / sqrt(RUNS) + 0.002);
    assert_true(sqrt(variance / RUNS) / sd > 0.8 && sqrt(variance / RUNS) / sd < 1.35);
    struct nvc_imco fit;
    struct nvc_error err;
    memset(tissue, 0, sizeof tissue);
    const struct nvc_imco_spec nothing = { .grid = &grid, .x = flow, .y = activity, .tissue = tissue, .region = region, .n_region = 1, .radius_mm = 9 };
    assert_int_equal(nvc_imco_fit(&nothing, &fit, &err), NVC_EDATA);
    assert_true(isnan(fit.slope));
}

static void every_voxel_has_the_slope_of_its_own_neighbourhood(void **state)
{
    (void)state;
    float *slope = malloc(2 * POINTS * sizeof *slope), *r2 = slope + POINTS;
    struct nvc_imco fit;
    struct nvc_error err;
    bool assumed;
    size_t centre, n = 0;
    double sum = 0;
    assert_non_null(slope);
    make_maps(0.2, 4, 0.8, 7);
    for (size_t v = 0; v < POINTS; v += 11)
        tissue[v] = false;
    struct nvc_imco_spec spec = { .grid = &grid, .x = flow, .y = activity, .tissue = tissue, .radius_mm = 9, .noise_x = 16, .noise_y = 0.64 };
    assert_int_equal(nvc_imco_map(&spec, slope, r2, &assumed, &err), 0);
    assert_false(assumed);
    for (size_t v = 0; v < POINTS; v++) {
        assert_true(tissue[v] || isnan(slope[v]));
        if (!isnan(slope[v]))
            sum += (double)slope[v], n++;
    }
    assert_true(n > POINTS / 2);
    assert_true(fabs(sum / (double)n * sqrt((0.04 * 25 + 0.64) / (25 + 16)) - 0.2) < 0.02);
    (void)cube(&centre, 8, 1);
    tissue[centre] = true;
    spec.region = &centre, spec.n_region = 1;
    assert_int_equal(nvc_imco_map(&spec, slope, r2, &assumed, &err), 0);
    assert_int_equal(nvc_imco_fit(&spec, &fit, &err), 0);
    assert_true(fabs(fit.slope - (double)slope[centre]) < 1e-5 && fabs(fit.r2 - (double)r2[centre]) < 1e-6);
    spec.radius_mm = 3;
    assert_int_equal(nvc_imco_map(&spec, slope, r2, &assumed, &err), NVC_EDATA); /* six neighbours are too few */
    free(slope);
}

static void a_region_of_many_voxels_needs_no_matrix(void **state)
{
    (void)state;
    static size_t region[POINTS];
    struct nvc_map_r r;
    struct nvc_error err;
    make_maps(0.2, 3, 0.7, 7);
    const struct nvc_map_pair pair = { .grid = &grid, .x = flow, .y = activity, .region = region, .n_region = cube(region, 1, 17), .support = tissue,
                                       .support_mm = 20 };
    assert_true(pair.n_region > 1500);
    assert_int_equal(nvc_map_couple(&pair, &r, &err), 0);
    assert_true(fabs(r.n_eff / (double)r.n - 1) < 0.1); /* white maps: every voxel counts */
    const double expected = 0.2 * 25 / sqrt((25 + 9) * (0.04 * 25 + 0.49));
    assert_true(r.ci_low < expected && expected < r.ci_high && r.ci_high - r.ci_low < 0.06);
    for (size_t v = 0; v < POINTS; v += 2) /* every value twice along x: half as many */
        flow[v + 1] = flow[v], activity[v + 1] = activity[v];
    assert_int_equal(nvc_map_couple(&pair, &r, &err), 0);
    assert_true(r.n_eff / (double)r.n > 0.55 && r.n_eff / (double)r.n < 0.75); /* 1 / (1 + 2 (1/2)^2) */
}

static void intervals_through_time_hold_the_truth_of_coloured_series(void **state)
{
    (void)state;
    enum { N = 200, RUNS = 400 };
    int held = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        double x[N], y[N], common = 0, a = 0, b = 0;
        struct nvc_temporal_r r;
        struct nvc_rng rng;
        struct nvc_error err;
        nvc_rng_init(&rng, 5, run);
        for (int t = 0; t < N; t++) {
            common = 0.6 * common + nvc_rng_normal(&rng), a = 0.6 * a + nvc_rng_normal(&rng), b = 0.6 * b + nvc_rng_normal(&rng);
            x[t] = common + a + 0.01 * t, y[t] = common + b; /* r = .5 */
        }
        assert_int_equal(nvc_temporal_couple(x, y, N, 3, &r, &err), 0);
        held += r.ci_low < 0.5 && 0.5 < r.ci_high;
        assert_true(r.n_eff < 0.8 * N && r.best_r >= r.r);
    }
    assert_true(held > 0.915 * RUNS && held < 0.985 * RUNS);
}

static void the_lag_of_bold_behind_flow_is_found(void **state)
{
    (void)state;
    double x[60], y[60];
    struct nvc_temporal_r r;
    struct nvc_error err;
    struct nvc_rng rng;
    nvc_rng_init(&rng, 6, 0);
    for (int t = 0; t < 60; t++) {
        x[t] = nvc_rng_normal(&rng);
        y[t] = t >= 2 ? x[t - 2] : 0;
    }
    assert_int_equal(nvc_temporal_couple(x, y, 60, 3, &r, &err), 0);
    assert_int_equal(r.best_lag, 2);
    assert_true(r.best_r > 0.95);
    assert_int_equal(nvc_temporal_couple(x, y, 10, 3, &r, &err), NVC_EDATA);
    for (int t = 0; t < 60; t++)
        y[t] = 4;
    assert_int_equal(nvc_temporal_couple(x, y, 60, 3, &r, &err), 0);
    assert_true(isnan(r.r) || fabs(r.r) < 1); /* nothing left but rounding */
}

static void fieller_is_finite_where_the_denominator_is_sure(void **state)
{
    (void)state;
    const struct nvc_ratio r = nvc_fieller(1, 0.01, 2, 0.04, 0, 1.96);
    assert_true(fabs(r.value - 0.5) < 1e-12 && r.ci_low < 0.5 && 0.5 < r.ci_high && fabs(r.se - sqrt(0.01 + 0.25 * 0.04) / 2) < 1e-12);
    /* the limits solve (a - q b)^2 = t^2 (va + q^2 vb) */
    for (int k = 0; k < 2; k++) {
        const double q = k ? r.ci_high : r.ci_low;
        assert_true(fabs(pow(1 - 2 * q, 2) - 1.96 * 1.96 * (0.01 + q * q * 0.04)) < 1e-12);
    }
    assert_true(isnan(nvc_fieller(1, 0.01, 0.3, 0.04, 0, 1.96).ci_low));
}

static struct nvc_coupling_row row(const char *index, const char *region, const char *side, double value, double se)
{
    return (struct nvc_coupling_row){ .participant_id = "sub-1", .index = index, .region = region, .side = side, .value = value, .se = se, .dof = 20,
                                      .coverage = 1, .class_name = "bold-response" };
}

static const struct nvc_coupling_row *get(const struct nvc_coupling *c, const char *index)
{
    return nvc_coupling_find(c, index, "BLA", "L");
}

static void rows_make_ratios_and_scaled_responses(void **state)
{
    (void)state;
    struct nvc_coupling rows = { 0 }, out = { 0 };
    struct nvc_error err;
    const struct nvc_coupling_row all[] = { row("cbf", "BLA", "L", 40, 2), row("cbf", "GM", "B", 60, 0.6), row("alff", "BLA", "L", 3, NAN),
                                            row("lnalff", "BLA", "L", -0.1, 0.05), row("reho", "BLA", "L", 0.2, NAN), row("cvr", "BLA", "L", 0.2, 0.02),
                                            row("rsfa", "BLA", "L", 0.5, NAN), row("bh_response", "BLA", "L", 0.1, 0.09) };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_int_equal(nvc_coupling_add(&rows, &all[i], &err), 0);
    assert_int_equal(nvc_coupling_of_rows(&out, &rows, NULL, &err), 0);
    assert_true(fabs(get(&out, "nvc_logratio_alff")->value - (log(40.0 / 60) + 0.1)) < 1e-12);
    assert_true(fabs(get(&out, "nvc_logratio_alff")->se - sqrt(0.0025 + 0.0001 + 0.0025)) < 1e-12);
    assert_string_equal(get(&out, "nvc_logratio_alff")->class_name, "coupling");
    assert_true(fabs(get(&out, "nvc_ratio_alff")->value - exp(log(40.0 / 60) + 0.1)) < 1e-12);
    assert_true(isnan(get(&out, "nvc_logratio_reho")->value));
    assert_string_equal(get(&out, "nvc_logratio_reho")->note, "grey_unknown");
    nvc_coupling_release(&out);
    const struct nvc_coupling_row psc = row("psc", "BLA", "L", 0.4, 0.1);
    assert_int_equal(nvc_coupling_add(&out, &psc, &err), 0);
    assert_int_equal(nvc_coupling_scaled(&out, 1, &rows, &err), 0);
    assert_true(fabs(get(&out, "psc_per_cvr")->value - 2) < 1e-12 && get(&out, "psc_per_cvr")->ci_low < 2);
    assert_true(fabs(get(&out, "psc_per_rsfa")->value - 0.8) < 1e-12);
    assert_string_equal(get(&out, "psc_per_rsfa")->note, "derived;denominator_error_unknown");
    assert_true(isnan(get(&out, "psc_per_bh")->value) && isnan(get(&out, "psc_per_bh")->ci_low));
    assert_string_equal(get(&out, "psc_per_bh")->note, "derived;denominator_small");
    struct nvc_coupling_row other = row("cbf", "BLA", "R", 40, 2);
    other.participant_id = "sub-2";
    assert_int_equal(nvc_coupling_add(&rows, &other, &err), 0);
    assert_int_equal(nvc_coupling_of_rows(&out, &rows, NULL, &err), NVC_EDATA);
    nvc_coupling_release(&rows);
    nvc_coupling_release(&out);
}

static void parcels_draw_the_line(void **state)
{
    (void)state;
    struct nvc_coupling rows = { 0 }, parcels = { 0 }, out = { 0 };
    struct nvc_error err;
    struct nvc_rng rng;
    char name[16];
    nvc_rng_init(&rng, 8, 0);
    const struct nvc_coupling_row own[] = { row("cbf", "BLA", "L", 40, 1), row("alff", "BLA", "L", 3 * pow(40 / 60.0, 0.4) * exp(0.3), NAN),
                                            row("lnalff", "BLA", "L", -0.1, 0.03) };
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(nvc_coupling_add(&rows, &own[i], &err), 0);
    for (int i = 0; i < 80; i++) {
        const double c = 60 * exp(0.25 * nvc_rng_normal(&rng)), a = 3 * pow(c / 60, 0.4) * exp(0.05 * nvc_rng_normal(&rng));
        (void)snprintf(name, sizeof name, "P%d", i);
        const struct nvc_coupling_row p[] = { row("cbf", name, "L", c * exp(0.05 * nvc_rng_normal(&rng)), 0.05 * c), row("alff", name, "L", a, NAN) };
        assert_int_equal(nvc_coupling_add(&parcels, &p[0], &err), 0);
        assert_int_equal(nvc_coupling_add(&parcels, &p[1], &err), 0);
    }
    assert_int_equal(nvc_coupling_of_rows(&out, &rows, &parcels, &err), 0);
    const struct nvc_coupling_row *e = get(&out, "nvc_residual");
    assert_true(fabs(e->value - 0.3) < 3 * e->se && e->se < 0.06 && e->dof == 78);
    assert_true(fabs(get(&out, "nvc_flow_slope")->value - 0.4) < 0.1);
    parcels.n = 60; /* thirty of them */
    nvc_coupling_release(&out);
    assert_int_equal(nvc_coupling_of_rows(&out, &rows, &parcels, &err), 0);
    assert_true(isnan(get(&out, "nvc_residual")->value));
    assert_string_equal(get(&out, "nvc_residual")->note, "few_parcels");
    nvc_coupling_release(&rows);
    nvc_coupling_release(&parcels);
    nvc_coupling_release(&out);
}

static void calibration_gives_the_worked_case(void **state)
{
    (void)state;
    /* M .08 with alpha .2, beta 1.3; f 1.6 and dS .02 give m 1.192917, n 3.110148 */
    const double co2_flow = 50, co2_bold = 100 * nvc_davis_signal(&nvc_davis_3t, 0.08, 1.5, 1);
    const struct nvc_response bold[] = { { .participant_id = "sub-1", .atlas = "a", .region = "BLA", .side = "L", .contrast = "co2", .psc = co2_bold, .psc_se = 0.05 },
                                         { .participant_id = "sub-1", .atlas = "a", .region = "BLA", .side = "L", .contrast = "face", .psc = 2, .psc_se = 0.05 } };
    const struct nvc_response perfusion[] = { { .participant_id = "sub-1", .atlas = "a", .region = "BLA", .side = "L", .contrast = "face", .psc = 60, .psc_se = 3 },
                                              { .participant_id = "sub-1", .atlas = "a", .region = "BLA", .side = "L", .contrast = "co2", .psc = co2_flow, .psc_se = 3 } };
    const struct nvc_calibration k = { bold, perfusion, 2, 2, "co2", nvc_davis_3t, 2000, 1 };
    struct nvc_coupling out = { 0 };
    struct nvc_error err;
    assert_int_equal(nvc_coupling_calibrated(&out, &k, &err), 0);
    assert_int_equal(out.n, 4);
    assert_true(fabs(get(&out, "davis_m")->value - 8) < 1e-9);
    assert_true(fabs(get(&out, "cmro2_ratio")->value - 1.192917) < 1e-6);
    assert_true(fabs(get(&out, "nvc_n")->value - 3.110148) < 1e-5 && get(&out, "nvc_n")->ci_low < 3.11 && get(&out, "nvc_n")->ci_high > 3.11);
    assert_true(fabs(get(&out, "nvc_theta")->value * get(&out, "nvc_n")->value - 1) < 1e-9);
    assert_string_equal(get(&out, "nvc_n")->class_name, "coupling");
    nvc_coupling_release(&out);
    struct nvc_calibration none = k;
    none.co2 = "air";
    assert_int_equal(nvc_coupling_calibrated(&out, &none, &err), NVC_EDATA);
    struct nvc_response loud[2] = { bold[0], bold[1] };
    loud[1].psc = 9; /* more than M */
    none.co2 = "co2", none.bold = loud;
    assert_int_equal(nvc_coupling_calibrated(&out, &none, &err), 0);
    assert_true(isnan(get(&out, "cmro2_ratio")->value));
    assert_string_equal(get(&out, "cmro2_ratio")->note, "m_below_signal");
    nvc_coupling_release(&out);
}

static void maps_give_every_index_and_mica_what_zeros_make(void **state)
{
    (void)state;
    static size_t region[64];
    static double weight[64], x[POINTS], y[POINTS];
    struct nvc_region r = { .region = "BLA", .side = "L", .atlas = "a", .index = region, .weight = weight };
    const struct nvc_identity who = { "sub-1", "n/a", "rest", "n/a", "n/a" };
    struct nvc_coupling out = { 0 };
    struct nvc_error err;
    make_maps(-0.2, 1.5, 0.3, 3);
    r.n = cube(region, 8, 3);
    for (size_t i = 0; i < r.n; i++)
        weight[i] = 1;
    const struct nvc_half_map alff = { "alff", activity, { halves[2], halves[3] } };
    struct nvc_map_set s = { .grid = &grid, .cbf = { "cbf", flow, { halves[0], halves[1] } }, .activity = &alff, .n_activity = 1, .tissue = tissue,
                             .bootstrap = 50, .seed = 1, .radius_mm = 9, .mica = true, .who = &who };
    assert_int_equal(nvc_coupling_of_maps(&out, &s, &r, &err), 0);
    const double r_voxels = get(&out, "nvc_r_alff")->value, free_r = get(&out, "nvc_rdis_alff")->value;
    assert_true(r_voxels < -0.7 && free_r < r_voxels && fabs(free_r + 1) < 0.12);
    assert_true(get(&out, "mica_r_alff")->value > 0.9); /* the sign itself turns */
    assert_true(get(&out, "rel_cbf")->value > 0.6 && get(&out, "imco_alff")->value < -0.5);
    assert_string_equal(get(&out, "rel_cbf")->class_name, "perfusion");
    assert_string_equal(get(&out, "rel_alff")->class_name, "bold-fluctuation");
    assert_string_equal(get(&out, "nvc_rdis_alff")->class_name, "coupling");
    assert_string_equal(get(&out, "nvc_logratio_alff")->note, "error_of_halves");
    assert_true(get(&out, "nvc_logratio_alff")->dof == 1);
    nvc_coupling_release(&out);
    /* A half of both: no reliability of its own, errors that are those of one half. */
    struct nvc_half_map half = alff;
    struct nvc_map_set of_half = s;
    assert_int_equal(nvc_coupling_of_maps(&out, &s, &r, &err), 0);
    const double se = get(&out, "nvc_logratio_alff")->se;
    nvc_coupling_release(&out);
    half.map = alff.half[0], of_half.cbf.map = s.cbf.half[0], of_half.activity = &half, of_half.of_half = true, of_half.mica = false;
    assert_int_equal(nvc_coupling_of_maps(&out, &of_half, &r, &err), 0);
    assert_true(get(&out, "nvc_r_alff")->value > r_voxels && get(&out, "nvc_r_alff")->value < 0); /* noisier */
    assert_true(fabs(get(&out, "nvc_logratio_alff")->se / se - sqrt(2)) < 1e-9);
    for (size_t i = 0; i < out.n; i++)
        assert_true(strncmp(out.rows[i].index, "rel_", 4) && strncmp(out.rows[i].index, "nvc_rdis", 8) && strncmp(out.rows[i].index, "mica", 4));
    nvc_coupling_release(&out);
    r.n = 1; /* a region of one voxel */
    assert_int_equal(nvc_coupling_of_maps(&out, &s, &r, &err), 0);
    assert_true(isnan(get(&out, "nvc_r_alff")->value) && !isnan(get(&out, "nvc_logratio_alff")->value));
    assert_string_equal(get(&out, "nvc_r_alff")->note, "few_voxels");
    nvc_coupling_release(&out);
    for (size_t v = 0; v < POINTS; v++)
        x[v] = NAN, y[v] = 1;
    const struct nvc_half_map flat = { "alff", y, { NULL, NULL } };
    s.cbf = (struct nvc_half_map){ "cbf", x, { NULL, NULL } }, s.activity = &flat, r.n = 27;
    assert_int_equal(nvc_coupling_of_maps(&out, &s, &r, &err), 0);
    for (size_t i = 0; i < out.n; i++)
        if (strncmp(out.rows[i].index, "mica", 4) && !strstr(out.rows[i].index, "neff"))
            assert_true(isnan(out.rows[i].value) && *out.rows[i].note);
    nvc_coupling_release(&out);
}

/* Cubes of four voxels: flow of each its own, fluctuation on a line of slope .4 of it; the region 0.3 above. */
static void parcels_of_an_image_draw_the_line_and_leave_the_neighbours_out(void **state)
{
    (void)state;
    enum { EDGE = 4, ALONG = SIDE / EDGE, CUBES = ALONG * ALONG * ALONG, OWN = 2 + ALONG * (2 + ALONG * 2) };
    struct nvc_mask parcels = { .grid = grid };
    const struct nvc_identity who = { "sub-1", "n/a", "rest", "n/a", "n/a" };
    struct nvc_coupling out = { 0 };
    struct nvc_error err;
    struct nvc_rng rng;
    char name[16];
    float volume[POINTS];
    double level[CUBES];
    nvc_rng_init(&rng, 9, 0);
    for (int k = 0; k < CUBES; k++)
        level[k] = k == OWN ? 40 : 60 * exp(0.25 * nvc_rng_normal(&rng));
    for (size_t v = 0; v < POINTS; v++) {
        const size_t k = v % SIDE / EDGE + ALONG * (v / SIDE % SIDE / EDGE + ALONG * (v / SIDE / SIDE / EDGE));
        tissue[v] = true;
        for (int h = 0; h < 2; h++) {
            halves[h][v] = level[k] * (1 + 0.6 * nvc_rng_normal(&rng));
            halves[2 + h][v] = 3 * pow(level[k] / 60, 0.4) * (k == OWN ? exp(0.3) : 1) * (1 + 0.3 * nvc_rng_normal(&rng));
        }
        flow[v] = (halves[0][v] + halves[1][v]) / 2;
        activity[v] = (halves[2][v] + halves[3][v]) / 2;
    }
    for (int k = 0; k < CUBES; k++) {
        struct nvc_region *r;
        for (size_t v = 0; v < POINTS; v++)
            volume[v] = (int)(v % SIDE / EDGE + ALONG * (v / SIDE % SIDE / EDGE + ALONG * (v / SIDE / SIDE / EDGE))) == k;
        (void)snprintf(name, sizeof name, "P%d", k);
        assert_int_equal(nvc_mask_append(&parcels, name, "L", &r, &err), 0);
        assert_int_equal(nvc_region_set(r, &grid, volume, &err), 0);
    }
    const struct nvc_half_map alff = { "alff", activity, { halves[2], halves[3] } };
    const struct nvc_map_set s = { .grid = &grid, .cbf = { "cbf", flow, { halves[0], halves[1] } }, .activity = &alff, .n_activity = 1, .tissue = tissue,
                                   .parcels = &parcels, .bootstrap = 20, .seed = 1, .radius_mm = 6, .who = &who };
    struct nvc_region region = parcels.regions[OWN];
    (void)snprintf(region.region, sizeof region.region, "BLA");
    assert_int_equal(nvc_coupling_of_maps(&out, &s, &region, &err), 0);
    const struct nvc_coupling_row *e = get(&out, "nvc_residual"), *slope = get(&out, "nvc_flow_slope");
    assert_true(e->dof == CUBES - 27 - 2); /* itself and the 26 around it, which come nearer than 10 mm */
    assert_true(fabs(e->value - 0.3) < 3 * e->se && e->se < 0.15 && e->ci_low > 0);
    assert_true(fabs(slope->value - 0.4) < 3 * slope->se && slope->se < 0.08);
    nvc_coupling_release(&out);
    nvc_mask_release(&parcels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_slope_is_not_attenuated_and_its_error_is_right),
        cmocka_unit_test(every_voxel_has_the_slope_of_its_own_neighbourhood),
        cmocka_unit_test(a_region_of_many_voxels_needs_no_matrix),
        cmocka_unit_test(intervals_through_time_hold_the_truth_of_coloured_series),
        cmocka_unit_test(the_lag_of_bold_behind_flow_is_found),
        cmocka_unit_test(fieller_is_finite_where_the_denominator_is_sure),
        cmocka_unit_test(rows_make_ratios_and_scaled_responses),
        cmocka_unit_test(parcels_draw_the_line),
        cmocka_unit_test(calibration_gives_the_worked_case),
        cmocka_unit_test(parcels_of_an_image_draw_the_line_and_leave_the_neighbours_out),
        cmocka_unit_test(maps_give_every_index_and_mica_what_zeros_make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
