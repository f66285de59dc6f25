#include "nvc.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define BYTES(LITERAL) LITERAL, sizeof(LITERAL) - 1

static struct nvc_error err;

static void malformed_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct { const char *bytes; size_t n; const char *message; } cases[] = {
        { BYTES(""), "line 1, column 0" },
        { BYTES("   \n"), "line 2" },
        { BYTES("1"), "line 1" },
        { BYTES("\"text\""), "line 1" },
        { BYTES("null"), "line 1" },
        { BYTES("{"), "line 1" },
        { BYTES("{\"a\":1"), "line 1" },
        { BYTES("{\"a\":1,}"), "line 1" },
        { BYTES("{\"a\" 1}"), "line 1" },
        { BYTES("{a:1}"), "line 1" },
        { BYTES("{'a':1}"), "line 1" },
        { BYTES("{\"a\":1}\n{\"b\":2}"), "line 2" },
        { BYTES("{\"a\":1} x"), "end of file expected" },
        { BYTES("{\"a\":1,\"b\":2,\"a\":3}"), "duplicate" },
        { BYTES("{\"a\":{\"b\":1,\"b\":1}}"), "duplicate" },
        { BYTES("{\"a\":NaN}"), "NaN" },
        { BYTES("{\"a\":Infinity}"), "Infinity" },
        { BYTES("{\"a\":-}"), "line 1" },
        { BYTES("{\"a\":01}"), "line 1" },
        { BYTES("{\"a\":.5}"), "line 1" },
        { BYTES("{\"a\":1e400}"), "overflow" },
        { BYTES("{\"a\":99999999999999999999}"), "too big" },
        { BYTES("{\"a\":\"\\u0000\"}"), "u0000" },
        { BYTES("{\"a\":\"\\ud800\"}"), "line 1" },
        { BYTES("{\"a\":\"\\q\"}"), "line 1" },
        { BYTES("{\"a\":\"line\nend\"}"), "line 1" },
        { BYTES("{\"a\":\"caf\xe9\"}"), "decode byte 0xe9" },
        { BYTES("{\"a\":\"\xc0\x80\"}"), "decode byte 0xc0" },
        { BYTES("{\"a\":\0 1}"), "line 1" },
        { BYTES("{\"a\":1}\0"), "line 1" },
        { BYTES("\xff\xfe{\0}\0"), "line 1" },
        { BYTES("// comment\n{}"), "line 1" },
        { BYTES("[1 2]"), "line 1" },
        { BYTES("[true, False]"), "line 1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *root = (json_t *)&err;
        int status = nvc_json_parse(&root, cases[i].bytes, cases[i].n, "x.json", &err);
        if (status != NVC_EDATA || root || !strstr(err.text, cases[i].message) || !nvc_has_prefix(err.text, "x.json: "))
            fail_msg("case %zu: status %d, '%s' instead of '%s'", i, status, err.text, cases[i].message);
    }
}

static void depth_and_size_are_limited(void **state)
{
    (void)state;
    static char text[2000];
    json_t *root;
    for (size_t depth = 199; depth <= 900; depth += depth == 201 ? 699 : 1) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(nvc_json_parse(&root, text, 2 * depth, "x", &err), depth <= 200 ? 0 : NVC_EDATA);
        json_decref(root);
    }
    assert_non_null(strstr(err.text, "200 levels"));
    assert_int_equal(nvc_json_parse(&root, BYTES("[\"[[[[\\\"[[[\", \"]\"]"), "x", &err), 0);
    json_decref(root);
    size_t n = ((size_t)64 << 20) + 1;
    char *big = malloc(n);
    assert_non_null(big);
    memset(big, ' ', n);
    memcpy(big, "{}", 2);
    assert_int_equal(nvc_json_parse(&root, big, n - 1, "x", &err), 0);
    json_decref(root);
    assert_int_equal(nvc_json_parse(&root, big, n, "x", &err), NVC_EDATA);
    const char *path = scratch_file("big.json", big, n);
    assert_int_equal(nvc_json_read(&root, path, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "big.json"));
    free(big);
}

static void a_file_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    static const char text[] = "{\"RepetitionTime\": 2.0, \"x\": [1, -2.5e3, null, true], "
                               "\"t\": \"caf\\u00e9 \xc3\xa9\"}";
    for (size_t n = 1; n < sizeof text; n++) {
        json_t *root;
        int status = nvc_json_read(&root, scratch_file("cut.json", text, n), &err);
        assert_int_equal(status, n == sizeof text - 1 ? 0 : NVC_EDATA);
        json_decref(root);
    }
}

static void written_text_is_compact_ordered_and_shortest(void **state)
{
    (void)state;
    static const char compact[] = "{\"z\":0.1,\"a\":[1,2,{\"b\":null}],\"m\":{},\"e\":[],"
                                  "\"s\":\"q\\\"\\\\\\u0001\\u007f\xc3\xa9/\","
                                  "\"i\":9007199254740993,\"t\":true,\"f\":false,\"x\":1e-300}";
    static const char indented[] = "{\n  \"a\": 2,\n  \"b\": [\n    0.3,\n    []\n  ]\n}";
    struct nvc_text out = { 0 };
    json_t *root;
    assert_int_equal(nvc_json_parse(&root, compact, sizeof compact - 1, "x", &err), 0);
    assert_int_equal(nvc_json_write(&out, root, 0, &err), 0);
    json_decref(root);
    json_t *again;
    assert_int_equal(nvc_json_parse(&again, out.data, out.len, "x", &err), 0);
    assert_string_equal(json_string_value(json_object_get(again, "s")), "q\"\\\x01\x7f\xc3\xa9/");
    assert_non_null(strstr(out.data, "{\"z\":0.1,\"a\":[1,2,{\"b\":null}],\"m\":{},\"e\":[],\"s\":"));
    assert_non_null(strstr(out.data, ",\"i\":9007199254740993,\"t\":true,\"f\":false,\"x\":1e-300}"));
    json_decref(again);
    out.len = 0;
    assert_int_equal(nvc_json_parse(&root, BYTES("{\"a\":2.0,\"b\":[0.3,[]]}"), "x", &err), 0);
    assert_int_equal(nvc_json_write(&out, root, 2, &err), 0);
    assert_string_equal(out.data, indented);
    json_decref(root);
    nvc_text_release(&out);
}

static void numbers_survive_writing_and_reading(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    json_t *list = json_array(), *back;
    struct nvc_text out = { 0 };
    double v[2000];
    size_t n = 0;
    while (n < sizeof v / sizeof *v) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        memcpy(&v[n], &x, sizeof *v);
        if (isfinite(v[n]))
            (void)json_array_append_new(list, nvc_json_real(v[n++]));
    }
    assert_int_equal(nvc_json_write(&out, list, 0, &err), 0);
    assert_int_equal(nvc_json_parse(&back, out.data, out.len, "x", &err), 0);
    for (size_t i = 0; i < n; i++)
        assert_true(json_number_value(json_array_get(back, i)) == v[i]);
    json_decref(list);
    json_decref(back);
    nvc_text_release(&out);
}

static void members_are_taken_by_kind(void **state)
{
    (void)state;
    json_t *root;
    double v;
    static const char text[] = "{\"i\":2,\"r\":2.5,\"n\":null,\"s\":\"2.0\",\"o\":{},\"b\":true}";
    assert_int_equal(nvc_json_parse(&root, text, sizeof text - 1, "x", &err), 0);
    assert_int_equal(nvc_json_get_real(root, "i", &v, &err), 0);
    assert_true(v == 2);
    assert_int_equal(nvc_json_get_real(root, "r", &v, &err), 0);
    assert_true(v == 2.5);
    assert_int_equal(nvc_json_get_real(root, "n", &v, &err), 0);
    assert_true(isnan(v));
    assert_int_equal(nvc_json_get_real(root, "absent", &v, &err), 0);
    assert_true(isnan(v));
    assert_int_equal(nvc_json_get_real(NULL, "absent", &v, &err), 0);
    assert_true(isnan(v));
    assert_int_equal(nvc_json_get_real(root, "s", &v, &err), NVC_EDATA);
    assert_true(isnan(v));
    assert_non_null(strstr(err.text, "'s' is the text \"2.0\""));
    assert_int_equal(nvc_json_get_real(root, "o", &v, &err), NVC_EDATA);
    assert_int_equal(nvc_json_get_real(root, "b", &v, &err), NVC_EDATA);
    assert_string_equal(nvc_json_get_text(root, "s", "-"), "2.0");
    assert_string_equal(nvc_json_get_text(root, "i", "-"), "-");
    assert_string_equal(nvc_json_get_text(root, "absent", "-"), "-");
    json_decref(root);
    json_t *nothing = nvc_json_real(NAN);
    assert_true(json_is_null(nothing));
    json_decref(nothing);
}

static void a_byte_order_mark_is_dropped(void **state)
{
    (void)state;
    json_t *root;
    assert_int_equal(nvc_json_read(&root, scratch_text("bom.json", "\xef\xbb\xbf{\"a\":1}\r\n"), &err), 0);
    assert_int_equal(json_integer_value(json_object_get(root, "a")), 1);
    json_decref(root);
    assert_int_equal(nvc_json_read(&root, scratch_path("absent.json"), &err), NVC_ESYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_json_is_refused_with_its_place),
        cmocka_unit_test(depth_and_size_are_limited),
        cmocka_unit_test(a_file_cut_at_any_byte_is_refused),
        cmocka_unit_test(written_text_is_compact_ordered_and_shortest),
        cmocka_unit_test(numbers_survive_writing_and_reading),
        cmocka_unit_test(members_are_taken_by_kind),
        cmocka_unit_test(a_byte_order_mark_is_dropped),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
