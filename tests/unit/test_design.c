/* Designs against SPM12, AFNI and an independent computation on the real run; heights; what is refused. */
#include "model/design/design.h"

#include "model/design/design_internal.h"
#include "table/events.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"
#include "reference.h"

static struct nvc_error err;

static void read_events(struct nvc_events *e, const char *path, const char *modulator)
{
    struct nvc_list m = { &modulator, modulator ? 1 : 0 };
    if (nvc_events_read(e, path, NULL, &m, &err))
        fail_msg("%s", err.text);
}

static void build(struct nvc_design *d, const struct nvc_design_spec *spec)
{
    if (nvc_design_build(d, spec, &err))
        fail_msg("%s", err.text);
}

static struct nvc_design_spec plain_spec(size_t n, double tr)
{
    struct nvc_design_spec spec;
    nvc_design_defaults(&spec);
    spec.n_volumes = n;
    spec.tr_s = tr;
    spec.high_pass_s = NAN;
    return spec;
}

/* Column j of d is column `names[j]` of the table, or column j when names is NULL. */
static void same_columns(const struct nvc_design *d, const char *path, const char *const *names, const double *tolerance)
{
    struct nvc_table t;
    if (nvc_table_read(&t, path, &err))
        fail_msg("%s", err.text);
    assert_int_equal(t.n_rows, d->n_rows);
    double *x = malloc(t.n_rows * sizeof *x);
    for (size_t j = 0; j < d->n_cols; j++) {
        long at = names ? nvc_table_column(&t, names[j]) : (long)j;
        assert_true(at >= 0);
        assert_int_equal(nvc_table_reals(&t, (size_t)at, x, &err), 0);
        for (size_t i = 0; i < d->n_rows; i++)
            assert_near(d->X[i + d->n_rows * j], x[i], tolerance ? tolerance[j] : 1e-9);
    }
    free(x);
    nvc_table_release(&t);
}

static void designs_are_spms(void **state)
{
    (void)state;
    static const char *const cases[][2] = { { "spm", "hrf" }, { "spm+derivative+dispersion", "informed" }, { "fir:24,2", "fir" } };
    struct nvc_events e;
    read_events(&e, SRCDIR "/tests/expect/spm_design/events_main.tsv", "modulation");
    for (size_t i = 0; i < 3; i++) {
        struct nvc_design_spec spec = plain_spec(200, 2);
        struct nvc_hrf hrf;
        struct nvc_design d;
        char path[512];
        (void)snprintf(path, sizeof path, "%s/tests/expect/spm_design/design_main_%s_T08_orth1.tsv", SRCDIR, cases[i][1]);
        assert_int_equal(nvc_hrf_parse(&hrf, cases[i][0], &err), 0);
        spec.hrf = &hrf;
        spec.events = &e;
        spec.orthogonal = NVC_ORTH_SPM;
        build(&d, &spec);
        same_columns(&d, path, NULL, NULL);
        assert_near(d.frame_offset_s, .875, 0);
        if (i == 1) {
            assert_string_equal(d.columns[0].name, "A");
            assert_string_equal(d.columns[1].name, "A_derivative");
            assert_string_equal(d.columns[3].name, "A_x_modulation");
            assert_string_equal(d.columns[5].name, "A_x_modulation_dispersion");
            assert_string_equal(d.columns[12].name, "constant");
            assert_int_equal(d.columns[0].n_events, 12);
        }
        nvc_design_release(&d);
    }
    nvc_events_release(&e);
}

static void stimulus_functions_are_spms(void **state)
{
    (void)state;
    static const struct { size_t condition, input; const char *column; } cases[] = { { 0, 0, "A" }, { 0, 1, "Axpm^1" }, { 1, 0, "B" }, { 2, 0, "C" } };
    struct nvc_table t;
    struct nvc_events e;
    struct nvc_hrf hrf = { .kind = NVC_HRF_SPM, .n_functions = 1 };
    const double delta = 1;
    reference_table(&t, "reference/spm/stimfun_main_TR2_T16.tsv");
    read_events(&e, SRCDIR "/tests/expect/spm_design/events_main.tsv", "modulation");
    struct nvc_design_spec spec = plain_spec(200, 2);
    struct nvc_design d = { .n_rows = 200 };
    struct nvc_design_builder b = { .d = &d, .spec = &spec };
    struct nvc_sampling_grid every_bin = { .125, 1, 1, 3200 };
    spec.events = &e;
    spec.hrf = &hrf;
    for (size_t i = 0; i < 4; i++) {
        struct nvc_stimulus s;
        double *x = calloc(3200, sizeof *x);
        assert_int_equal(nvc_stimulus_init(&s, &b, cases[i].condition, 32, &err), 0);
        assert_int_equal(nvc_convolve_events(x, &every_bin, &s, s.u + s.n * cases[i].input, &delta, 1, &err), 0);
        for (size_t k = 0; k < 3200; k++)
            assert_near(x[k], reference_cell(&t, k + 32, cases[i].column), 1e-9);
        nvc_stimulus_release(&s);
        free(x);
    }
    nvc_table_release(&t);
    nvc_events_release(&e);
}

static void the_high_pass_is_spms(void **state)
{
    (void)state;
    size_t n, m, k;
    double *want = reference_matrix("reference/spm/dct_hp128_TR2_N200.tsv", &n, &m), *C;
    assert_int_equal(nvc_dct(&C, &k, 200, 2, 128, &err), 0);
    assert_int_equal(k, m);
    for (size_t i = 0; i < n * m; i++)
        assert_near(C[i], want[i], 1e-12);
    free(C);
    free(want);
    assert_int_equal(nvc_dct(&C, &k, 500, .8, 128, &err), 0);
    assert_int_equal(k, 6);
    free(C);
    assert_int_equal(nvc_dct(&C, &k, 20, 2, 128, &err), 0);
    assert_int_equal(k, 0);
    assert_null(C);
    assert_int_equal(nvc_dct(&C, &k, 20, 2, 2, &err), NVC_EDATA);
}

static void columns_are_afnis(void **state)
{
    (void)state;
    static const char *const names[][4] = { { "gam", "constant" }, { "spmg1", "constant" }, { "spmg3", "spmg3_derivative", "spmg3_dispersion", "constant" }, { "block", "constant" } };
    static const char *const texts[] = { "gam", "spmg1", "spmg3", "block:4,1" };
    static const double tolerance[] = { 6.2e-6, 8.5e-7, 1.5e-6, 5.5e-6 };
    struct nvc_events e;
    read_events(&e, SRCDIR "/tests/expect/afni/events.tsv", NULL);
    for (size_t i = 0; i < 4; i++) {
        struct nvc_design_spec spec = plain_spec(300, 2);
        struct nvc_hrf hrf;
        struct nvc_design d;
        assert_int_equal(nvc_hrf_parse(&hrf, texts[i], &err), 0);
        spec.hrf = &hrf;
        spec.events = &e;
        spec.frame_time_s = 0;
        spec.constant = false;
        build(&d, &spec);
        same_columns(&d, SRCDIR "/tests/expect/afni/columns.tsv", names[i], (double[]){ tolerance[i], tolerance[i], tolerance[i] });
        nvc_design_release(&d);
    }
    nvc_events_release(&e);
}

static void regressors_are_nilearns(void **state)
{
    (void)state;
    static const char *const texts[] = { "nilearn+derivative+dispersion", "nilearn-glover+derivative+dispersion" };
    static const char *const suffixes[] = { "", "_derivative", "_dispersion" };
    struct nvc_events e;
    read_events(&e, SRCDIR "/tests/expect/spm_design/events_main.tsv", NULL);
    for (size_t i = 0; i < 2; i++) {
        struct nvc_design_spec spec = plain_spec(200, 2);
        struct nvc_hrf hrf;
        struct nvc_design d;
        char names[9][32];
        const char *wanted[9];
        for (size_t j = 0; j < 9; j++) {
            (void)snprintf(names[j], sizeof names[j], "%s_%c%s", i ? "glover" : "spm", "ABC"[j / 3], suffixes[j % 3]);
            wanted[j] = names[j];
        }
        assert_int_equal(nvc_hrf_parse(&hrf, texts[i], &err), 0);
        spec.hrf = &hrf;
        spec.events = &e;
        spec.frame_time_s = 0;
        spec.constant = false;
        build(&d, &spec);
        same_columns(&d, SRCDIR "/tests/expect/nilearn.tsv", wanted, NULL);
        assert_int_equal(d.microtime, 50);
        nvc_design_release(&d);
    }
    nvc_events_release(&e);
}

static double height_of(double duration, double tr)
{
    struct nvc_events e;
    struct nvc_design d;
    struct nvc_design_spec spec = plain_spec(100, tr);
    assert_int_equal(nvc_events_init(&e, NULL, &err), 0);
    assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ 10, duration, 1, "face", NULL }, &err), 0);
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    spec.events = &e;
    spec.microtime = 160;
    build(&d, &spec);
    double h = d.columns[0].h_ref;
    assert_near(d.columns[0].event_duration_s, duration, 0);
    nvc_design_release(&d);
    nvc_events_release(&e);
    return h;
}

/* Boxes through the unit-area response, to what a box of one bin more adds. */
static void heights_are_those_of_an_isolated_event(void **state)
{
    (void)state;
    assert_near(height_of(1, 2), .20876, .003);
    assert_near(height_of(4, 2), .74190, .003);
    assert_near(height_of(10, 2), 1.13770, .003);
    assert_near(height_of(20, 2), 1.14435, .001);
    assert_near(height_of(0, 2), .210502, 1e-5); /* an impulse of unit area: the response itself */
    assert_near(height_of(0, .8), .210502, 1e-5);
}

static void a_declared_duration_moves_the_height_only(void **state)
{
    (void)state;
    struct nvc_events e;
    struct nvc_design a, b;
    struct nvc_duration declared[2];
    struct nvc_design_spec spec = plain_spec(200, 2);
    read_events(&e, SRCDIR "/tests/expect/spm_design/events_main.tsv", NULL);
    spec.events = &e;
    build(&a, &spec);
    assert_int_equal(nvc_duration_parse(&declared[0], "4", &err), 0);
    assert_int_equal(nvc_duration_parse(&declared[1], "B=10", &err), 0);
    spec.durations = declared;
    spec.n_durations = 2;
    build(&b, &spec);
    assert_memory_equal(a.X, b.X, a.n_rows * a.n_cols * sizeof *a.X);
    assert_near(a.columns[0].event_duration_s, 0, 0);
    assert_near(a.columns[1].event_duration_s, 20, 0);
    assert_near(b.columns[0].event_duration_s, 4, 0);
    assert_near(b.columns[1].event_duration_s, 10, 0);
    assert_true(b.columns[1].h_ref < a.columns[1].h_ref);
    nvc_design_release(&b);
    declared[1].condition = "Z", declared[1].n_condition = 1;
    assert_int_equal(nvc_design_build(&b, &spec, &err), NVC_EDATA);
    nvc_design_release(&a);
    nvc_events_release(&e);
}

static void dropping_volumes_is_shifting_events(void **state)
{
    (void)state;
    struct nvc_events e;
    struct nvc_design a, b;
    struct nvc_design_spec spec = plain_spec(200, 2);
    read_events(&e, SRCDIR "/tests/expect/spm_design/events_main.tsv", NULL);
    spec.events = &e;
    build(&a, &spec);
    spec.n_dummy = 10;
    build(&b, &spec);
    assert_int_equal(b.n_rows, 190);
    for (size_t j = 0; j < 3; j++) /* the past is remembered: an event before the first retained volume still answers */
        for (size_t i = 0; i < 190; i++)
            assert_near(b.X[i + 190 * j], a.X[i + 10 + 200 * j], 1e-12);
    nvc_design_release(&a);
    nvc_design_release(&b);
    nvc_events_release(&e);
}

static void early_and_late_events_are_honoured_or_named(void **state)
{
    (void)state;
    static const double onsets[] = { -3.2, 10, 60, 99.99, 100, 300, -500 };
    struct nvc_events e;
    struct nvc_design d;
    struct nvc_design_spec spec = plain_spec(50, 2);
    assert_int_equal(nvc_events_init(&e, NULL, &err), 0);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ onsets[i], 0, 1, "face", NULL }, &err), 0);
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    spec.events = &e;
    build(&d, &spec);
    assert_int_equal(d.columns[0].n_events, 4);
    assert_true(d.X[0] > .1); /* 4.1 s after the event at -3.2 s */
    assert_non_null(strstr(d.remarks, "2 of 7 events begin at or after the end of the run (100 s)"));
    assert_non_null(strstr(d.remarks, "1 of 7 events are over long before"));
    nvc_design_release(&d);
    nvc_events_release(&e);
}

static void frame_times_follow_the_rule(void **state)
{
    (void)state;
    static const struct { int corrected; double start, asked, offset; int bin; } cases[] = {
        { -1, 0, NAN, .875, 8 }, { 0, .5, NAN, .875, 8 }, { 1, .96, NAN, 1, 9 }, { 1, 0, NAN, 0, 1 }, { 1, .96, .3, .25, 3 }, { -1, 0, 2, 1.875, 16 },
    };
    struct nvc_design_spec spec = plain_spec(50, 2);
    double offset;
    int bin;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        spec.slice_time_corrected = cases[i].corrected;
        spec.start_time_s = cases[i].start;
        spec.frame_time_s = cases[i].asked;
        assert_int_equal(nvc_frame_offset(&spec, &offset, &bin, &err), 0);
        assert_near(offset, cases[i].offset, 1e-12);
        assert_int_equal(bin, cases[i].bin);
    }
    spec.frame_time_s = 2.5;
    assert_int_equal(nvc_frame_offset(&spec, &offset, &bin, &err), NVC_EUSAGE);
    spec.frame_time_s = NAN;
    spec.slice_time_corrected = 1;
    spec.start_time_s = -1;
    assert_int_equal(nvc_frame_offset(&spec, &offset, &bin, &err), NVC_EDATA);
}

static void censored_volumes_are_named_once(void **state)
{
    (void)state;
    size_t asked[] = { 1, 41 }, found[] = { 1, 7 };
    struct nvc_confounds c = { .n_rows = 98, .censor = found, .n_censor = 2 };
    struct nvc_design_spec spec = plain_spec(100, 2);
    struct nvc_design d;
    spec.censor = asked;
    spec.n_censor = 2;
    spec.confounds = &c;
    spec.n_dummy = 2;
    spec.high_pass_s = 128;
    build(&d, &spec);
    static const char *const names[] = { "cosine00", "cosine01", "cosine02", "censor_007", "censor_041", "constant" };
    assert_int_equal(d.n_cols, 6);
    for (size_t j = 0; j < 6; j++)
        assert_string_equal(d.columns[j].name, names[j]);
    assert_near(d.X[5 + 98 * 3], 1, 0); /* stored volume 7 is row 5 */
    assert_near(d.X[39 + 98 * 4], 1, 0);
    nvc_design_release(&d);
    asked[1] = 100;
    assert_int_equal(nvc_design_build(&d, &spec, &err), NVC_EDATA);
}

static void dependent_columns_are_named(void **state)
{
    (void)state;
    struct nvc_events e;
    struct nvc_design d;
    struct nvc_design_report r;
    struct nvc_design_spec spec = plain_spec(100, 2);
    assert_int_equal(nvc_events_init(&e, NULL, &err), 0);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ 30. * (double)i, 4, 1, "face", NULL }, &err), 0);
        assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ 30. * (double)i, 4, 1, "happy", NULL }, &err), 0);
        assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ 15 + 30. * (double)i, 4, 1, "house", NULL }, &err), 0);
    }
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    spec.events = &e;
    build(&d, &spec);
    assert_int_equal(nvc_design_check(&r, &d, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "face"));
    assert_non_null(strstr(err.text, "happy"));
    assert_null(strstr(err.text, "house"));
    nvc_design_release(&d);
    nvc_events_release(&e);
}

static void inflation_and_efficiency_are_what_they_are_called(void **state)
{
    (void)state;
    /* two columns of correlation .6 and a constant: VIF = 1/(1 - .36) */
    static const double a[] = { 1, 1, -1, -1 }, b[] = { 1, -1, 1, -1 };
    struct nvc_design_report r;
    struct nvc_regressor columns[] = { { .name = (char[]){ "a" }, .role = NVC_ROLE_TASK }, { .name = (char[]){ "b" }, .role = NVC_ROLE_CONFOUND },
                                       { .name = (char[]){ "constant" }, .role = NVC_ROLE_CONSTANT } };
    double X[12];
    for (size_t i = 0; i < 4; i++)
        X[i] = a[i], X[4 + i] = 3 + .6 * a[i] + .8 * b[i], X[8 + i] = 1;
    struct nvc_design d = { .n_rows = 4, .n_cols = 3, .X = X, .columns = columns };
    assert_int_equal(nvc_design_check(&r, &d, &err), 0);
    assert_near(r.vif[0], 1 / .64, 1e-10);
    assert_near(r.vif[1], 1 / .64, 1e-10);
    assert_true(isnan(r.vif[2]));
    assert_near(r.efficiency[0], 4 * .64, 1e-10);
    assert_true(isnan(r.efficiency[1]));
    assert_int_equal(r.rank, 3);
    nvc_design_report_release(&r);
}

static void what_cannot_be_built_is_refused(void **state)
{
    (void)state;
    struct nvc_events e;
    struct nvc_design d;
    struct nvc_design_spec spec = plain_spec(100, 2);
    const char *modulator = "intensity";
    struct nvc_list m = { &modulator, 1 };
    assert_int_equal(nvc_events_init(&e, &m, &err), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ 10 * (double)i, 0, 1, "face", (double[]){ 2 } }, &err), 0);
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    spec.events = &e;
    assert_int_equal(nvc_design_build(&d, &spec, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "modulator 'intensity'")); /* constant */
    e.modulation[2] = NAN;
    assert_int_equal(nvc_design_build(&d, &spec, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "n/a for 1 of 4"));
    for (size_t i = 0; i < 4; i++)
        e.modulation[i] = NAN; /* n/a throughout: not this condition's modulator */
    build(&d, &spec);
    assert_int_equal(d.n_cols, 2);
    nvc_design_release(&d);
    for (size_t i = 0; i < 4; i++)
        e.onset_s[i] += 1000;
    assert_int_equal(nvc_design_build(&d, &spec, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "none of its 4 events"));
    spec.n_dummy = 100;
    assert_int_equal(nvc_design_build(&d, &spec, &err), NVC_EDATA);
    spec.n_dummy = 0;
    spec.tr_s = 0;
    assert_int_equal(nvc_design_build(&d, &spec, &err), NVC_EDATA);
    nvc_events_release(&e);
    struct nvc_events twice = { 0 };
    assert_int_equal(nvc_events_init(&twice, NULL, &err), 0);
    assert_int_equal(nvc_events_add(&twice, &(struct nvc_event){ 5, 0, 1, "constant", NULL }, &err), 0);
    assert_int_equal(nvc_events_finish(&twice, &err), 0);
    spec.tr_s = 2;
    spec.events = &twice;
    assert_int_equal(nvc_design_build(&d, &spec, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "two columns"));
    nvc_events_release(&twice);
}

static void monstrous_times_do_no_harm(void **state)
{
    (void)state;
    static const double onsets[] = { -1e300, 1e-300, 50, -1e18 }, durations[] = { 1e300, 1e300, 1e17, 1e18 };
    struct nvc_events e;
    struct nvc_design d;
    struct nvc_design_spec spec = plain_spec(100, 2);
    assert_int_equal(nvc_events_init(&e, NULL, &err), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(nvc_events_add(&e, &(struct nvc_event){ onsets[i], durations[i], 1, "face", NULL }, &err), 0);
    assert_int_equal(nvc_events_finish(&e, &err), 0);
    spec.events = &e;
    build(&d, &spec);
    for (size_t i = 0; i < d.n_rows; i++)
        assert_true(d.X[i] >= 0 && d.X[i] <= 4.6);
    assert_near(d.X[99], 2, 1e-6); /* two of the boxes are on, the others were over at 0 s */
    nvc_design_release(&d);
    nvc_events_release(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(designs_are_spms),
        cmocka_unit_test(stimulus_functions_are_spms),
        cmocka_unit_test(the_high_pass_is_spms),
        cmocka_unit_test(columns_are_afnis),
        cmocka_unit_test(regressors_are_nilearns),
        cmocka_unit_test(heights_are_those_of_an_isolated_event),
        cmocka_unit_test(a_declared_duration_moves_the_height_only),
        cmocka_unit_test(dropping_volumes_is_shifting_events),
        cmocka_unit_test(early_and_late_events_are_honoured_or_named),
        cmocka_unit_test(frame_times_follow_the_rule),
        cmocka_unit_test(censored_volumes_are_named_once),
        cmocka_unit_test(dependent_columns_are_named),
        cmocka_unit_test(inflation_and_efficiency_are_what_they_are_called),
        cmocka_unit_test(what_cannot_be_built_is_refused),
        cmocka_unit_test(monstrous_times_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
