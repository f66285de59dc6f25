#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void errors_gain_context_outward(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    assert_int_equal(nvc_fail(&err, NVC_EDATA, "volume %d of %d: file ends early", 81, 156), 1);
    assert_int_equal(nvc_fail_in(&err, "%s", "bold\n.nii"), 1);
    assert_string_equal(err.text, "bold?.nii: volume 81 of 156: file ends early");
}

static void numbers_are_read_strictly(void **state)
{
    (void)state;
    static const char *const good[] = { "0", "-1", "+2.5", ".5", "5.", "1e3", "1E-300", "0012" };
    static const char *const bad[] = { "", " 1", "1 ", "0x10", "inf", "nan", "1e400", "1e", "-", ".", "1,5", "n/a", "1\0002" };
    double v;
    long k;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(nvc_parse_real(good[i], strlen(good[i]), &v));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(nvc_parse_real(bad[i], i == 12 ? 3 : strlen(bad[i]), &v));
    assert_true(nvc_parse_integer("-17", 3, &k));
    assert_int_equal(k, -17);
    assert_false(nvc_parse_integer("1.0", 3, &k));
    assert_false(nvc_parse_integer("99999999999999999999", 20, &k));
}

static void numbers_print_shortest_and_read_back(void **state)
{
    (void)state;
    char buf[NVC_NUMBER_SIZE];
    nvc_format_real(buf, 0.1);
    assert_string_equal(buf, "0.1");
    nvc_format_real(buf, -0.0);
    assert_string_equal(buf, "0");
    nvc_format_real(buf, NAN);
    assert_string_equal(buf, "n/a");
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        double v, back;
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        memcpy(&v, &x, sizeof v);
        if (!isfinite(v))
            continue;
        size_t n = nvc_format_real(buf, v);
        assert_true(nvc_parse_real(buf, n, &back));
        assert_true(back == v);
    }
}

static void allocation_refuses_overflow(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    size_t cap = 0;
    char *p = NULL;
    assert_null(nvc_array(SIZE_MAX / 2, 16, &err));
    assert_int_equal(err.status, NVC_ESYS);
    assert_int_equal(nvc_grow(&p, &cap, SIZE_MAX, 8, &err), NVC_ESYS);
    assert_int_equal(nvc_grow(&p, &cap, 100, 1, &err), 0);
    assert_true(cap >= 100);
    free(p);
}

static void text_grows_and_near_misses_are_found(void **state)
{
    (void)state;
    static const char *const names[] = { "face", "house", "trans_x", "framewise_displacement" };
    struct nvc_error err = { 0 };
    struct nvc_text t = { 0 };
    for (int i = 0; i < 1000; i++)
        assert_int_equal(nvc_text_printf(&t, &err, "%d,", i % 10), 0);
    assert_int_equal(t.len, 2000);
    nvc_text_release(&t);
    assert_string_equal(nvc_near_miss("faec", names, 4), "face");
    assert_string_equal(nvc_near_miss("framewise_displacment", names, 4), "framewise_displacement");
    assert_null(nvc_near_miss("zzz", names, 4));
    assert_true(nvc_glob_match("lAMY-*", "lAMY-rh"));
    assert_false(nvc_glob_match("lAMY", "lAMY-rh"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_gain_context_outward),
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(numbers_print_shortest_and_read_back),
        cmocka_unit_test(allocation_refuses_overflow),
        cmocka_unit_test(text_grows_and_near_misses_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
