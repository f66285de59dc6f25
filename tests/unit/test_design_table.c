/* The design table out and in, and confounds from tables. */
#include "table/design.h"

#include "table/events.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"
#include "scratch.h"

static struct nvc_error err;

static void make_design(struct nvc_design *d, struct nvc_events *e)
{
    struct nvc_design_spec spec;
    const char *modulator = "intensity";
    struct nvc_list m = { &modulator, 1 };
    assert_int_equal(nvc_events_init(e, &m, &err), 0);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(nvc_events_add(e, &(struct nvc_event){ 7 + 21 * (double)i, 3, 1, "face \"x\"", (double[]){ (double)(i % 3) } }, &err), 0);
    assert_int_equal(nvc_events_finish(e, &err), 0);
    nvc_design_defaults(&spec);
    spec.n_volumes = 70;
    spec.tr_s = 1.79;
    spec.n_dummy = 3;
    spec.events = e;
    assert_int_equal(nvc_design_build(d, &spec, &err), 0);
}

static void a_design_reads_back_as_it_was_written(void **state)
{
    (void)state;
    struct nvc_design a, b;
    struct nvc_events e;
    struct nvc_text text = { 0 };
    make_design(&a, &e);
    assert_int_equal(nvc_design_write(&text, &a, true, &err), 0);
    if (nvc_design_read(&b, scratch_file("d.tsv", text.data, text.len), &err))
        fail_msg("%s", err.text);
    assert_int_equal(a.n_rows, b.n_rows);
    assert_int_equal(a.n_cols, b.n_cols);
    assert_int_equal(b.n_dummy, 3);
    assert_int_equal(b.microtime, 16);
    assert_memory_equal(a.X, b.X, a.n_rows * a.n_cols * sizeof *a.X);
    assert_near(b.tr_s, a.tr_s, 0);
    assert_near(b.frame_offset_s, a.frame_offset_s, 0);
    assert_near(b.high_pass_s, 128, 0);
    for (size_t j = 0; j < a.n_cols; j++) {
        const struct nvc_regressor *x = &a.columns[j], *y = &b.columns[j];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->role, y->role);
        assert_int_equal(x->n_events, y->n_events);
        if (x->role != NVC_ROLE_TASK)
            continue;
        assert_string_equal(x->condition, y->condition);
        assert_string_equal(x->basis, y->basis);
        assert_true(!x->modulator == !y->modulator);
        assert_near(x->h_ref, y->h_ref, 0);
        assert_near(x->event_duration_s, y->event_duration_s, 0);
    }
    nvc_text_release(&text);
    nvc_design_release(&a);
    nvc_design_release(&b);
    nvc_events_release(&e);
}

static void a_foreign_table_is_a_design_of_unknown_roles(void **state)
{
    (void)state;
    struct nvc_design d;
    assert_int_equal(nvc_design_read(&d, scratch_text("f.tsv", "a\tcosine00\tcosine\tconstant\n1\t2\t3\t1\n4\t5\t6\t1\n7\t9\t9\t1\n"), &err), 0);
    assert_int_equal(d.n_cols, 4);
    assert_int_equal(d.columns[0].role, NVC_ROLE_UNKNOWN);
    assert_int_equal(d.columns[1].role, NVC_ROLE_DRIFT);
    assert_int_equal(d.columns[2].role, NVC_ROLE_UNKNOWN);
    assert_int_equal(d.columns[3].role, NVC_ROLE_CONSTANT);
    assert_true(isnan(d.columns[0].h_ref));
    assert_true(isnan(d.tr_s));
    nvc_design_release(&d);
    assert_int_equal(nvc_design_read(&d, scratch_text("t.tsv", "time\ta\n4\t1\n6\t2\n8\t4\n"), &err), 0);
    assert_near(d.tr_s, 2, 1e-12);
    assert_int_equal(d.n_dummy, 2);
    nvc_design_release(&d);
}

static void tables_that_are_no_design_are_refused(void **state)
{
    (void)state;
    static const struct { const char *text, *says; } cases[] = {
        { "#nvc {\"table\":\"series\",\"tr_s\":2}\ntime\ta\n0\t1\n2\t2\n", "series table" },
        { "#nvc {\"table\":\"design\",\"tr_s\":-2}\ntime\ta\n0\t1\n2\t2\n", "tr_s" },
        { "#nvc {\"table\":\"design\",\"tr_s\":\"2\"}\ntime\ta\n0\t1\n2\t2\n", "tr_s" },
        { "#nvc {\"table\":\"design\",\"tr_s\":1}\ntime\ta\n0\t1\n2\t2\n", "advances by 2" },
        { "#nvc {\"table\":\"design\",\"columns\":[{\"name\":\"a\",\"role\":\"task\",\"h_ref\":\"big\"}]}\ntime\ta\n0\t1\n2\t2\n", "h_ref" },
        { "time\ta\n0\t1\n2\t2\n5\t2\n", "line 3: column 'time' is 2, where rows 2.5 s apart would have 2.5" },
        { "time\ta\n4\t1\n2\t2\n0\t2\n", "advances by -2 s" },
        { "time\ta\n0\t1\n0\t2\n0\t2\n", "advances by 0 s" },
        { "time\ta\n0\t1\n", "one volume and no facts" },
        { "time\ta\n1\t1\n3\t2\n5\t2\n", "begins at 1 s" },
        { "time\ta\n0\t1\nn/a\t2\n", "line 3: column 'time' is n/a" },
        { "time\ta\nn/a\t1\nn/a\t2\n", "line 2: column 'time' is n/a" },
        { "time\ta\n0\t1\n2\tn/a\n", "line 3: column 'a' is n/a" },
        { "time\ta\n0\t1\n2\tx\n", "x" },
        { "time\n0\n2\n", "no design" },
        { "a\tb\n", "no design" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_design d;
        assert_int_equal(nvc_design_read(&d, scratch_text("bad.tsv", cases[i].text), &err), NVC_EDATA);
        if (!strstr(err.text, cases[i].says) || !strstr(err.text, "bad.tsv"))
            fail_msg("case %zu: %s", i, err.text);
        nvc_design_release(&d);
    }
}

static void odd_facts_do_no_harm(void **state)
{
    (void)state;
    static const char *const facts[] = { "[]", "3", "{}", "{\"columns\":3}", "{\"columns\":[3,null,{\"name\":3}]}", "{\"columns\":[{\"name\":\"a\",\"role\":4,\"n_events\":1e99}]}",
                                         "{\"microtime\":1e99}", "{\"columns\":[{\"name\":\"a\",\"role\":\"task\"},{\"name\":\"a\",\"role\":\"drift\"}]}" };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        char text[256];
        struct nvc_design d;
        (void)snprintf(text, sizeof text, "#nvc %s\ntime\ta\n0\t1\n2\t2\n4\t5\n", facts[i]);
        int status = nvc_design_read(&d, scratch_text("odd.tsv", text), &err);
        assert_true(status == 0 || status == NVC_EDATA);
        nvc_design_release(&d);
    }
}

static int select_columns(struct nvc_selection *s, const char *request)
{
    static const char *const names[] = { "trans_x", "rot_z", "csf", "csf_power2", "a_comp_cor_00", "a_comp_cor_01", "non_steady_state_outlier00",
                                         "framewise_displacement", "white_matter", "6p" };
    struct nvc_list list = { &request, 1 };
    return nvc_selection_init(s, names, sizeof names / sizeof *names, &list, &err);
}

static void names_globs_and_strategies_find_columns_once_and_in_order(void **state)
{
    (void)state;
    static const struct { const char *request; size_t n, column[5]; } cases[] = {
        { "csf", 1, { 2 } },
        { "white_matter,csf*", 3, { 8, 2, 3 } },
        { "csf_power2,csf*,csf", 2, { 3, 2 } },
        { "acompcor2", 3, { 4, 5, 6 } },
        { "scrub:0.5", 1, { 6 } },
        { "acompcor1,non_*", 2, { 4, 6 } },
        { "rot_[xyz]", 1, { 1 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_selection s;
        assert_int_equal(select_columns(&s, cases[i].request), 0);
        assert_int_equal(s.n, cases[i].n);
        for (size_t k = 0; k < s.n; k++)
            assert_int_equal(s.column[k], cases[i].column[k]);
        assert_true(isnan(s.scrub_mm) == !strstr(cases[i].request, "scrub"));
        nvc_selection_release(&s);
    }
}

static void requests_that_find_nothing_are_refused(void **state)
{
    (void)state;
    static const struct { const char *request; int status; const char *says; } cases[] = {
        { "cfs", NVC_EDATA, "csf" },       { "dvars*", NVC_EDATA, "dvars*" },  { "acompcor3", NVC_EDATA, "2 columns" },
        { "6p", NVC_EDATA, "trans_y" },    { "scrub:", NVC_EUSAGE, "scrub" },  { "scrub:-1", NVC_EUSAGE, "scrub" },
        { "", NVC_EUSAGE, "want" },        { "csf,", NVC_EUSAGE, "want" },     { "acompcor0", NVC_EUSAGE, "acompcor" },
        { "acompcor9999", NVC_EUSAGE, "acompcor" }, { "scrub:nan", NVC_EUSAGE, "scrub" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_selection s;
        assert_int_equal(select_columns(&s, cases[i].request), cases[i].status);
        if (!strstr(err.text, cases[i].says))
            fail_msg("case %zu: %s", i, err.text);
    }
}

static void a_wide_indicator_is_a_confound_and_a_dropped_one_is_nothing(void **state)
{
    (void)state;
    static const char table[] = "motion_outlier00\tmotion_outlier01\tnon_steady_state_outlier00\tx\n"
                                "0\t0\t1\tn/a\n1\t0\t0\t1\n1\t1\t0\t2\n0\t0\t0\t4\n0\t0\t0\t3\n";
    const char *request = "motion_*,non*,x";
    struct nvc_list list = { &request, 1 };
    struct nvc_confounds c;
    assert_int_equal(nvc_confounds_read(&c, scratch_text("c.tsv", table), &list, 5, 1, &err), 0);
    assert_int_equal(c.n_rows, 4);
    assert_int_equal(c.n_cols, 2); /* two volumes in one indicator, and x, whose n/a was dropped */
    assert_string_equal(c.names[0], "motion_outlier00");
    assert_int_equal(c.n_censor, 1);
    assert_int_equal(c.censor[0], 2);
    assert_near(c.C[4], 1 - 2.5, 1e-15);
    nvc_confounds_release(&c);
    assert_int_equal(nvc_confounds_read(&c, scratch_text("c.tsv", table), &list, 5, 0, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "confound 'x' is n/a at volume 0"));
    assert_int_equal(nvc_confounds_read(&c, scratch_text("c.tsv", table), &list, 6, 0, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "5 rows for 6 volumes"));
    assert_int_equal(nvc_confounds_read(&c, scratch_text("c.tsv", table), &list, 5, 5, &err), NVC_EDATA);
}

static void kernels_must_start_at_zero_in_even_steps(void **state)
{
    (void)state;
    static const char *const bad[] = { "time\th\n0\t1\n", "time\th\n1\t1\n2\t2\n", "time\th\n0\t1\n1\t2\n3\t1\n", "time\th\n0\t1\n1\tn/a\n",
                                       "t\th\n0\t1\n1\t2\n", "time\n0\n1\n", "time\th\n0\t1\n1000\t1\n", "time\th\n0\t1\nn/a\t1\n" };
    struct nvc_hrf hrf;
    double *samples;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(nvc_kernel_read(&hrf, &samples, scratch_text("k.tsv", bad[i]), &err), NVC_EDATA);
        assert_non_null(strstr(err.text, "k.tsv"));
        assert_null(samples);
    }
    assert_int_equal(nvc_kernel_read(&hrf, &samples, scratch_text("k.tsv", "h\ttime\tg\n1\t0\t5\n2\t0.5\t6\n3\t1\t7\n"), &err), 0);
    assert_int_equal(hrf.n_functions, 2);
    assert_near(hrf.kernel_dt_s, .5, 1e-15);
    assert_near(samples[2], 3, 0);
    assert_near(samples[3], 5, 0);
    free(samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_design_reads_back_as_it_was_written),
        cmocka_unit_test(a_foreign_table_is_a_design_of_unknown_roles),
        cmocka_unit_test(tables_that_are_no_design_are_refused),
        cmocka_unit_test(odd_facts_do_no_harm),
        cmocka_unit_test(names_globs_and_strategies_find_columns_once_and_in_order),
        cmocka_unit_test(requests_that_find_nothing_are_refused),
        cmocka_unit_test(a_wide_indicator_is_a_confound_and_a_dropped_one_is_nothing),
        cmocka_unit_test(kernels_must_start_at_zero_in_even_steps),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
