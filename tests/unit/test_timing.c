#include "nvc.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct nvc_error err;

/* "run:onset/duration*weight" of all events. */
static void describe(struct nvc_text *out, const struct nvc_timing *t)
{
    out->len = 0;
    assert_int_equal(nvc_text_printf(out, &err, "%zu%s", t->n_runs, t->global ? " global" : ""), 0);
    for (size_t i = 0; i < t->n; i++) {
        const struct nvc_timing_event *e = &t->events[i];
        assert_int_equal(nvc_text_printf(out, &err, " %zu:%g/%g*%g", e->run, e->onset_s, e->duration_s, e->weight), 0);
    }
}

static void three_columns_are_onset_duration_and_weight(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "0 10 1\n30.5 10 1\n", "1 0:0/10*1 0:30.5/10*1" },
        { "  12.028\t0.883   1\r\n13.028 0.883 -0.5\r\n\r\n", "1 0:12.028/0.883*1 0:13.028/0.883*-0.5" },
        { "-2 1 1", "1 0:-2/1*1" },
        { "0 0 0\n", "1" },
        { "0 0 0\n5 1 1\n", "1 0:0/0*0 0:5/1*1" },
    };
    struct nvc_text seen = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_timing t;
        if (nvc_timing_read_fsl(&t, scratch_text("ev.txt", cases[i][0]), &err))
            fail_msg("case %zu: %s", i, err.text);
        describe(&seen, &t);
        assert_string_equal(seen.data, cases[i][1]);
        nvc_timing_release(&t);
    }
    nvc_text_release(&seen);
}

static void stim_times_hold_a_line_for_each_run(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "12 38.5 63\n", "1 0:12/nan*1 0:38.5/nan*1 0:63/nan*1" },
        { "12 38.5\n*\n7.5\n", "3 0:12/nan*1 0:38.5/nan*1 2:7.5/nan*1" },
        { "# one run a line\n12*2.5 20*-1:4\n3:8 *\n", "2 0:12/nan*2.5 0:20/4*-1 1:3/8*1" },
        { "12\n30\n45\n", "1 global 0:12/nan*1 0:30/nan*1 0:45/nan*1" },
        { "12 *\n30\n45\n", "3 0:12/nan*1 1:30/nan*1 2:45/nan*1" },
        { "12\n*\n45\n", "3 0:12/nan*1 2:45/nan*1" },
        { "12\n", "1 0:12/nan*1" },
        { "*\n*\n", "2" },
        { "0 5\n\n\n", "1 0:0/nan*1 0:5/nan*1" },
    };
    struct nvc_text seen = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_timing t;
        if (nvc_timing_read_afni(&t, scratch_text("stim.1D", cases[i][0]), &err))
            fail_msg("case %zu: %s", i, err.text);
        describe(&seen, &t);
        assert_string_equal(seen.data, cases[i][1]);
        nvc_timing_release(&t);
    }
    nvc_text_release(&seen);
}

static void malformed_timing_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct { bool afni; const char *text, *message; } cases[] = {
        { false, "\n", "empty" },
        { false, "onset\tduration\tweight\n", "line 1: onset 'onset' is not a number" },
        { false, "0 10\n", "line 1: 2 values" },
        { false, "0 10 1\n0 10 1 1\n", "line 2: 4 values" },
        { false, "0 -1 1\n", "line 1: duration -1 is negative" },
        { false, "0 1 n/a\n", "weight 'n/a' is not a number" },
        { false, "0 nan 1\n", "duration 'nan'" },
        { false, "0 1 1e999\n", "weight '1e999'" },
        { false, "0,1,1\n", "onset '0,1,1'" },
        { false, "0 1 1\n\n2 1 1\n", "line 3: follows a blank line" },
        { false, "*\n", "onset '*'" },
        { true, "# only this\n", "empty" },
        { true, "12 n/a\n", "time 'n/a'" },
        { true, "12 0x10\n", "time '0x10'" },
        { true, "-1\n", "time -1 is negative; a run without events is written *" },
        { true, "12*\n", "amplitude ''" },
        { true, "12*2,3\n", "several amplitudes" },
        { true, "12:\n", "duration ''" },
        { true, "12:-4\n", "duration -4 is negative" },
        { true, "12:4*2\n", "duration '4*2'" },
        { true, "*3\n", "time ''" },
        { true, "**\n", "time ''" },
        { true, "12 15\n\n20\n", "line 3: follows a blank line; remove it, or write *" },
        { true, "onset\tduration\n1\t2\n", "line 1: time 'onset'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_timing t;
        const char *path = scratch_text("bad.txt", cases[i].text);
        int status = cases[i].afni ? nvc_timing_read_afni(&t, path, &err) : nvc_timing_read_fsl(&t, path, &err);
        if (status != NVC_EDATA || !strstr(err.text, cases[i].message) || !strstr(err.text, "bad.txt: ") || t.events)
            fail_msg("case %zu: status %d, '%s' instead of '%s'", i, status, err.text, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_columns_are_onset_duration_and_weight),
        cmocka_unit_test(stim_times_hold_a_line_for_each_run),
        cmocka_unit_test(malformed_timing_is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
