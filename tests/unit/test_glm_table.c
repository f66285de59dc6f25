#include "nvc.h"

#include "table/glm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct nvc_error err;

static void write_file(const char *path, const char *data, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void make_text(struct nvc_text *text)
{
    struct nvc_glm_table t = { 0 };
    for (int i = 0; i < 3; i++) {
        struct nvc_glm_row *r = nvc_glm_table_add(&t, &err);
        assert_non_null(r);
        assert_true(isnan(r->effect) && !strcmp(r->side, "n/a") && !*r->note);
        r->contrast = nvc_strdup("face-house", &err);
        r->weights = nvc_strdup("face - house", &err);
        r->type = i == 2 ? NVC_GLM_F : NVC_GLM_CONDITION;
        r->p = 1e-300 / 3;
        snprintf(r->region, sizeof r->region, "BLA%d", i);
        snprintf(r->who.participant_id, sizeof r->who.participant_id, "sub-01");
    }
    strcpy(t.rows[1].note, "low_coverage;psc_undefined");
    assert_int_equal(nvc_glm_write(text, &t, &err), 0);
    nvc_glm_table_release(&t);
}

static void rows_read_back_as_they_were_written(void **state)
{
    (void)state;
    struct nvc_text text = { 0 }, again = { 0 };
    struct nvc_glm_table t;
    make_text(&text);
    write_file("test_glm_table.tsv", text.data, text.len);
    if (nvc_glm_read(&t, "test_glm_table.tsv", &err))
        fail_msg("%s", err.text);
    assert_int_equal(t.n, 3);
    assert_int_equal(t.rows[2].type, NVC_GLM_F);
    assert_true(t.rows[0].p == 1e-300 / 3 && isnan(t.rows[0].psc));
    assert_int_equal(nvc_glm_write(&again, &t, &err), 0);
    assert_string_equal(text.data, again.data);
    nvc_glm_table_release(&t);
    nvc_text_release(&text);
    nvc_text_release(&again);
    unlink("test_glm_table.tsv");
}

static void what_is_no_glm_table_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct { const char *from, *to, *say; } cases[] = {
        { "\tF\t", "\tG\t", "line 4: type is 'G', wanted condition, t, F or regressor" },
        { "coverage\t", "coverag3\t", "no column 'coverage'; did you mean 'coverag3'?" },
        { "3.33", "x.33", "line 2" } };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct nvc_text text = { 0 };
        struct nvc_glm_table t;
        make_text(&text);
        char *at = strstr(text.data, cases[k].from);
        assert_non_null(at);
        memcpy(at, cases[k].to, strlen(cases[k].to));
        write_file("test_glm_table.tsv", text.data, text.len);
        assert_int_equal(nvc_glm_read(&t, "test_glm_table.tsv", &err), NVC_EDATA);
        if (!strstr(err.text, cases[k].say) || !strstr(err.text, "test_glm_table.tsv"))
            fail_msg("'%s' does not say '%s'", err.text, cases[k].say);
        nvc_glm_table_release(&t);
        nvc_text_release(&text);
    }
    unlink("test_glm_table.tsv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_read_back_as_they_were_written),
        cmocka_unit_test(what_is_no_glm_table_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
