/* Responses against SPM12, and against what their definitions say. */
#include "model/design/hrf.h"

#include "io/tsv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

static struct nvc_error err;

static void read_expected(struct nvc_table *t, const char *path)
{
    if (nvc_table_read(t, path, &err))
        fail_msg("%s", err.text);
}

static double cell(const struct nvc_table *t, size_t row, const char *name)
{
    double v = NAN;
    long column = nvc_table_column(t, name);
    assert_true(column >= 0);
    assert_int_equal(nvc_table_real(t, row, (size_t)column, &v, &err), 0);
    return v;
}

static void the_canonical_response_is_spms(void **state)
{
    (void)state;
    struct nvc_table t;
    double h[321];
    read_expected(&t, SRCDIR "/tests/expect/spm_design/hrf_dt0.1.tsv");
    assert_int_equal(nvc_hrf_spm_length(.1, NULL), 321);
    assert_int_equal(nvc_hrf_spm_length(.125, NULL), 257);
    assert_int_equal(nvc_hrf_spm_length(.05, NULL), 641);
    assert_int_equal(t.n_rows, 321);
    nvc_hrf_spm(h, .1, NULL);
    for (size_t k = 0; k < 321; k++)
        assert_near(h[k], cell(&t, k, "hrf"), 1e-12);
    nvc_table_release(&t);
}

static void basis_is(const char *text, const char *path, const char *const *names)
{
    struct nvc_table t;
    struct nvc_hrf hrf;
    struct nvc_basis b;
    read_expected(&t, path);
    assert_int_equal(nvc_hrf_parse(&hrf, text, &err), 0);
    assert_int_equal(nvc_basis_init(&b, &hrf, .125, 2, &err), 0);
    assert_true(b.n <= t.n_rows);
    for (size_t j = 0; j < b.n_functions; j++)
        for (size_t k = 0; k < b.n; k++)
            assert_near(b.B[k + b.n * j], cell(&t, k, names[j]), 1e-10);
    nvc_basis_release(&b);
    nvc_table_release(&t);
}

static void basis_sets_are_spms(void **state)
{
    (void)state;
    static const char *const informed[] = { "hrf_orth", "td_orth", "dd_orth" };
    static const char *const numbered[] = { "bf1", "bf2", "bf3", "bf4", "bf5", "bf6", "bf7", "bf8", "bf9", "bf10", "bf11", "bf12" };
    basis_is("spm+derivative+dispersion", SRCDIR "/tests/expect/spm_design/basis_TR2.tsv", informed);
    basis_is("gamma:3", SRCDIR "/tests/expect/spm_design/basis_gamma_TR2_orth.tsv", numbered);
    basis_is("fir:24,2", SRCDIR "/tests/expect/spm_design/basis_fir_TR2_orth.tsv", numbered);
    basis_is("fir:24", SRCDIR "/tests/expect/spm_design/basis_fir_TR2_orth.tsv", numbered);
}

static double peak_time(const char *text, double dt)
{
    struct nvc_hrf hrf;
    struct nvc_basis b;
    size_t best = 0;
    double sum = 0;
    assert_int_equal(nvc_hrf_parse(&hrf, text, &err), 0);
    assert_int_equal(nvc_basis_init(&b, &hrf, dt, 2, &err), 0);
    for (size_t k = 0; k < b.n; k++) {
        sum += b.B[k];
        best = b.B[k] > b.B[best] ? k : best;
    }
    assert_near(sum, 1, 1e-12);
    nvc_basis_release(&b);
    return (double)best * dt;
}

static void peaks_stand_where_the_papers_put_them(void **state)
{
    (void)state;
    assert_near(peak_time("spm", .001), 5, .0011);
    assert_near(peak_time("glover", .001), 5.24, .0011); /* 5.4 s, pulled forward by the second gamma */
    assert_near(peak_time("nilearn", .1), 5.1, 1e-9); /* one bin late */
}

/* nilearn's sampling: linspace(0, 32, round(32/dt)), density shifted by loc = dt. */
static void nilearns_response_is_shifted_and_stretched(void **state)
{
    (void)state;
    struct nvc_hrf hrf;
    struct nvc_basis b;
    double dt = .04, want[800], sum = 0;
    for (size_t k = 0; k < 800; k++) {
        double t = (double)k * 32 / 799 - dt;
        want[k] = t > 0 ? pow(t, 5) * exp(-t) / 120 - .167 * pow(t, 15) * exp(-t) / 1307674368000. : 0;
        sum += want[k];
    }
    assert_int_equal(nvc_hrf_parse(&hrf, "nilearn", &err), 0);
    assert_int_equal(nvc_basis_init(&b, &hrf, dt, 2, &err), 0);
    assert_int_equal(b.n, 800);
    for (size_t k = 0; k < 800; k++)
        assert_near(b.B[k], want[k] / sum, 1e-14);
    nvc_basis_release(&b);
}

static double response(const char *text, size_t j, double t)
{
    struct nvc_hrf hrf;
    struct nvc_basis b;
    assert_int_equal(nvc_hrf_parse(&hrf, text, &err), 0);
    assert_true(nvc_hrf_is_continuous(&hrf));
    assert_int_equal(nvc_basis_init(&b, &hrf, .125, 2, &err), 0);
    double h = nvc_hrf_response(&hrf, &b, j, t);
    assert_near(nvc_hrf_response(&hrf, &b, j, -1e-9), 0, 0);
    assert_near(nvc_hrf_response(&hrf, &b, j, nvc_hrf_length(&hrf, &b) + .02), 0, 0);
    nvc_basis_release(&b);
    return h;
}

static void afnis_responses_have_their_peaks(void **state)
{
    (void)state;
    double at = 4 / (1 - exp(-1)), largest = 0;
    assert_near(response("gam", 0, 8.6 * .547), 1, 1e-12);
    assert_near(response("GAM(8.6,0.547)", 0, 3), response("gam", 0, 3), 0);
    assert_near(response("block:4,1", 0, at), 1, 1e-12);
    assert_near(response("BLOCK5(4,2)", 0, 4 / (1 - exp(-.8))), 2, 1e-12);
    assert_near(response("spmg1", 0, 5), .175441, 1e-6);
    assert_near(response("spmg2", 1, 5), 0, 1e-3);
    /* with a duration the largest magnitude is 1 */
    for (double t = 0; t < 30; t += .01) {
        largest = fmax(largest, fabs(response("gam:8.6,0.547,4", 0, t)));
        if (largest == 1)
            break;
    }
    assert_near(largest, 1, 1e-4);
    assert_near(response("spmg1:0", 0, 5), 1, 1e-6);
}

static void tents_are_piecewise_linear_and_sum_to_one(void **state)
{
    (void)state;
    for (double t = 0; t <= 12; t += .37) {
        double sum = 0;
        for (size_t j = 0; j < 7; j++)
            sum += response("tent:12,2", j, t);
        assert_near(sum, 1, 1e-12);
    }
    assert_near(response("tent:12,2", 2, 4), 1, 0);
    assert_near(response("tent:12,2", 2, 4.5), .75, 1e-12);
    assert_near(response("tent:12,2", 6, 12), 1, 0);
}

static void functions_are_named_by_what_they_are(void **state)
{
    (void)state;
    static const struct { const char *text; size_t j; const char *name; } cases[] = {
        { "spm", 0, "hrf" },         { "glover+derivative", 1, "derivative" },       { "spm+derivative+dispersion", 2, "dispersion" },
        { "fir:24,2", 3, "delay_6" }, { "fir:5,2.5", 1, "delay_2.5" },                { "tent:12", 6, "tent_12" },
        { "gamma:2", 1, "gamma_2" },  { "spmg3", 2, "dispersion" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_hrf hrf;
        struct nvc_basis b;
        assert_int_equal(nvc_hrf_parse(&hrf, cases[i].text, &err), 0);
        assert_int_equal(nvc_basis_init(&b, &hrf, .125, 2, &err), 0);
        assert_string_equal(b.names[cases[i].j], cases[i].name);
        nvc_basis_release(&b);
    }
}

static void a_kernel_is_what_an_impulse_gives_back(void **state)
{
    (void)state;
    const double samples[] = { 0, 1, 4, 1, 0 };
    struct nvc_hrf hrf = { .kind = NVC_HRF_KERNEL, .n_functions = 1, .step_s = NAN, .kernel = samples, .n_kernel = 5, .kernel_dt_s = 2 };
    struct nvc_basis b;
    assert_int_equal(nvc_basis_init(&b, &hrf, .125, 2, &err), 0);
    assert_int_equal(b.n, 65);
    assert_near(b.B[32] / .125, 4, 1e-12);
    assert_near(b.B[24] / .125, 2.5, 1e-12);
    assert_near(b.B[64], 0, 1e-12);
    nvc_basis_release(&b);
}

static void nonsense_is_refused_with_the_grammar(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "smp", "spm+dispersion", "spm:3", "spm+", "gamma", "gamma:0", "gamma:9", "gamma:1.5", "fir", "fir:",
        "fir:0", "fir:24,", "fir:24,2,1", "fir:2,24", "fir:1e9", "block", "block:-1", "block:4,-1", "block(4", "gam:1", "gam:8.6,-1",
        "spmg4", "spmg1:-2", "tent:nan", "gam:8.6,0.5,1,2", "spm spm", "BLOCK(4,1)x" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct nvc_hrf hrf;
        assert_int_equal(nvc_hrf_parse(&hrf, bad[i], &err), NVC_EUSAGE);
        assert_non_null(strstr(err.text, "fir:LENGTH[,STEP]"));
    }
}

static void a_window_must_hold_whole_steps(void **state)
{
    (void)state;
    static const char *const bad[] = { "fir:24,5", "fir:24,0.1", "tent:7", "fir:1" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct nvc_hrf hrf;
        struct nvc_basis b;
        assert_int_equal(nvc_hrf_parse(&hrf, bad[i], &err), 0);
        assert_int_equal(nvc_basis_init(&b, &hrf, .125, 2, &err), NVC_EUSAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_canonical_response_is_spms),
        cmocka_unit_test(basis_sets_are_spms),
        cmocka_unit_test(peaks_stand_where_the_papers_put_them),
        cmocka_unit_test(nilearns_response_is_shifted_and_stretched),
        cmocka_unit_test(afnis_responses_have_their_peaks),
        cmocka_unit_test(tents_are_piecewise_linear_and_sum_to_one),
        cmocka_unit_test(functions_are_named_by_what_they_are),
        cmocka_unit_test(a_kernel_is_what_an_impulse_gives_back),
        cmocka_unit_test(nonsense_is_refused_with_the_grammar),
        cmocka_unit_test(a_window_must_hold_whole_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
