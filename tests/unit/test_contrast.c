#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

static const char *const names[] = { "body", "face", "face_x_intensity", "house", "2back", "a b", "1", "constant" };
enum { N = sizeof names / sizeof *names };

static struct nvc_error err;

static void assert_weights(const char *text, const char *name, const char *weights)
{
    struct nvc_contrast c;
    struct nvc_text t = { 0 };
    if (nvc_contrast_parse(&c, text, names, N, &err))
        fail_msg("%s", err.text);
    assert_string_equal(c.name, name);
    assert_int_equal(nvc_contrast_weights(&t, &c, names, &err), 0);
    assert_string_equal(t.data, weights);
    nvc_text_release(&t);
    nvc_contrast_release(&c);
}

static void expressions_are_read_as_a_person_means_them(void **state)
{
    (void)state;
    assert_weights("face", "face", "face");
    assert_weights("face - house", "face-house", "face - house");
    assert_weights(" faces vs houses =  face-house ", "faces vs houses", "face - house");
    assert_weights("face - 0.5*(house + body)", "face-0.5*(house+body)", "-0.5*body + face - 0.5*house");
    assert_weights("(face + body)/2 - 1e0*house", "(face+body)/2-1e0*house", "0.5*body + 0.5*face - house");
    assert_weights("face*2/4", "face*2/4", "0.5*face");
    assert_weights("face_x_intensity", "face_x_intensity", "face_x_intensity");
    assert_weights("-(-face) - -house", "-(-face)--house", "face + house");
    assert_weights("2back - \"a b\"", "2back-\"a b\"", "2back - \"a b\"");
    assert_weights("2*2back - \"1\"*3", "2*2back-\"1\"*3", "2*2back - 3*\"1\"");
    assert_weights("\"a b\" = face", "\"a b\"", "face");
}

static void rows_in_brackets_make_an_f_contrast(void **state)
{
    (void)state;
    assert_weights("any = [face; house,body]", "any", "[face; house; body]");
    assert_weights("[face - house]", "[face-house]", "[face - house]");
    assert_weights("basis = [\"face*\"; house]", "basis", "[face; face_x_intensity; house]");
}

static void weights_read_back_as_they_were_written(void **state)
{
    (void)state;
    static const char *const texts[] = { "[face/3 - house/3*1e-7; \"1\" - 0.1*\"a b\"]", "2back/7 - constant" };
    for (size_t k = 0; k < 2; k++) {
        struct nvc_contrast c, back;
        struct nvc_text t = { 0 };
        assert_int_equal(nvc_contrast_parse(&c, texts[k], names, N, &err), 0);
        assert_int_equal(nvc_contrast_weights(&t, &c, names, &err), 0);
        assert_int_equal(nvc_contrast_parse(&back, t.data, names, N, &err), 0);
        assert_int_equal(back.n_rows, c.n_rows);
        assert_memory_equal(back.C, c.C, c.n_rows * N * sizeof *c.C);
        nvc_text_release(&t);
        nvc_contrast_release(&c);
        nvc_contrast_release(&back);
    }
}

static void assert_refused(const char *text, enum nvc_status status, const char *part)
{
    struct nvc_contrast c;
    assert_int_equal(nvc_contrast_parse(&c, text, names, N, &err), status);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
    nvc_contrast_release(&c);
    assert_int_equal(nvc_contrast_check(text, &err), status == NVC_EUSAGE ? NVC_EUSAGE : 0);
}

static void mistakes_are_refused_with_their_place(void **state)
{
    (void)state;
    assert_refused("", NVC_EUSAGE, "a name, a number or ( is wanted");
    assert_refused("face - * house", NVC_EUSAGE, "a name, a number or ( is wanted at character 8, found '* house'");
    assert_refused("face -", NVC_EUSAGE, "the text ends");
    assert_refused("face house", NVC_EUSAGE, "an operator is wanted at character 6");
    assert_refused("2 face", NVC_EUSAGE, "an operator is wanted at character 3");
    assert_refused("(face - house", NVC_EUSAGE, "an operator or ) is wanted, the text ends");
    assert_refused("face)", NVC_EUSAGE, "an operator is wanted");
    assert_refused("face * house", NVC_EUSAGE, "to multiply a regressor with");
    assert_refused("1/face", NVC_EUSAGE, "a number is wanted to divide by");
    assert_refused("face/0", NVC_EUSAGE, "other than 0");
    assert_refused("face - 1", NVC_EUSAGE, "a number cannot be added to a regressor");
    assert_refused("0.5", NVC_EUSAGE, "not a number alone");
    assert_refused("1e999*face", NVC_EUSAGE, "a number that can be represented");
    assert_refused(" = face", NVC_EUSAGE, "a name is wanted before =");
    assert_refused("x = ", NVC_EUSAGE, "the text ends");
    assert_refused("[face; ]", NVC_EUSAGE, "found ']'");
    assert_refused("[face", NVC_EUSAGE, "; or ] is wanted");
    assert_refused("\"face", NVC_EUSAGE, "a closing \"");
    assert_refused("face\n- house", NVC_EUSAGE, "printable");
    assert_refused("fase", NVC_EDATA, "no column 'fase'; did you mean 'face'?");
    assert_refused("[\"qq*\"]", NVC_EDATA, "no column 'qq*'");
    assert_refused("face - face", NVC_EDATA, "cancel");
    assert_refused("[face - house; house - body; body - face]", NVC_EDATA, "depend on each other");
}

static void deep_nesting_is_refused_not_crashed(void **state)
{
    (void)state;
    char text[40001];
    memset(text, '(', 40000);
    text[40000] = '\0';
    assert_int_equal(nvc_contrast_check(text, &err), NVC_EUSAGE);
    memset(text, '-', 39996);
    memcpy(text + 39996, "face", 5);
    assert_int_equal(nvc_contrast_check(text, &err), 0);
}

static void percent_signal_change_asks_for_means_of_conditions(void **state)
{
    (void)state;
    static const struct { const char *text; bool mean; } cases[] = {
        { "face", true }, { "face - house", true }, { "(face + body)/2 - house", true }, { "face/3 + body/3 + house/3", true },
        { "face + body", false }, { "-face", false }, { "2*face - 2*house", false }, { "face - 0.5*house", false },
        { "[face]", false } };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct nvc_contrast c;
        assert_int_equal(nvc_contrast_parse(&c, cases[k].text, names, N, &err), 0);
        assert_int_equal(nvc_contrast_is_mean(&c), cases[k].mean);
        nvc_contrast_release(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_are_read_as_a_person_means_them),
        cmocka_unit_test(rows_in_brackets_make_an_f_contrast),
        cmocka_unit_test(weights_read_back_as_they_were_written),
        cmocka_unit_test(mistakes_are_refused_with_their_place),
        cmocka_unit_test(deep_nesting_is_refused_not_crashed),
        cmocka_unit_test(percent_signal_change_asks_for_means_of_conditions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
