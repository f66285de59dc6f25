#include "nvc.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define BYTES(LITERAL) LITERAL, sizeof(LITERAL) - 1

static struct nvc_error err;

static int read_bytes(struct nvc_table *t, const char *name, const void *bytes, size_t n)
{
    return nvc_table_read(t, scratch_file(name, bytes, n), &err);
}

struct hostile {
    const char *name, *bytes;
    size_t n;
    const char *message; /* a part of it */
};

static void malformed_tables_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct hostile cases[] = {
        { "x.tsv", BYTES(""), "empty" },
        { "x.tsv", BYTES("\n"), "empty; wanted a header" },
        { "x.tsv", BYTES("\n\n\n"), "empty; wanted a header" },
        { "x.tsv", BYTES("\xef\xbb\xbf"), "empty; wanted a header" },
        { "x.tsv", BYTES("\r\n"), "empty; wanted a header" },
        { "x.tsv", BYTES("\na\tb\n1\t2\n"), "line 1: blank line" },
        { "x.tsv", BYTES("a\tb\n\n1\t2\n"), "line 2: blank line" },
        { "x.tsv", BYTES("a\tb\r\n1\t2\r\n\r\n3\t4\r\n"), "line 3: blank line" },
        { "x.tsv", BYTES("a\tb\n1\n"), "line 2: 1 cell, but the header has 2" },
        { "x.tsv", BYTES("a\tb\n1\t2\n1\t2\t3\n"), "line 3: 3 cells, but the header has 2" },
        { "x.tsv", BYTES("a\tb\n1\t2\t\n"), "line 2: 3 cells, but the header has 2" },
        { "x.tsv", BYTES("a  b\n1  2\n1\t2\n"), "line 3: 2 cells, but the header has 1" },
        { "x.tsv", BYTES("a\t\tc\n1\t2\t3\n"), "line 1: column 2 of 3 has no name" },
        { "x.tsv", BYTES("\ta\n1\t2\n"), "line 1: column 1 of 2 has no name" },
        { "x.tsv", BYTES("a\tb\t\n1\t2\t\n"), "line 1: column 3 of 3 has no name" },
        { "x.tsv", BYTES("a\tb\ta\n1\t2\t3\n"), "line 1: two columns are named 'a'" },
        { "x.tsv", BYTES("a\tb\n1\t\0\n"), "line 2: a NUL byte" },
        { "x.tsv", BYTES("a\0b\n1\n"), "line 1: a NUL byte" },
        { "x.tsv", BYTES("\xff\xfe" "a\0\t\0b\0\n\0"), "UTF-16" },
        { "x.tsv", BYTES("\xfe\xff\0a\0\t\0b\0\n"), "UTF-16" },
        { "x.tsv", BYTES("a\0\t\0b\0\n\0"), "line 1: a NUL byte" },
        { "x.tsv", BYTES("a\n1\ncaf\xe9\n"), "line 3: byte 0xe9 is not UTF-8" },
        { "x.tsv", BYTES("a\n\xc0\x80\n"), "line 2: byte 0xc0 is not UTF-8" },
        { "x.tsv", BYTES("a\n\xe0\x80\x80\n"), "not UTF-8" },
        { "x.tsv", BYTES("a\n\xed\xa0\x80\n"), "not UTF-8" },
        { "x.tsv", BYTES("a\n\xf4\x90\x80\x80\n"), "not UTF-8" },
        { "x.tsv", BYTES("a\n\xf0\x9f\x98"), "not UTF-8" },
        { "x.tsv", BYTES("a\n12345678\x80\n"), "not UTF-8" },
        { "x.tsv", BYTES("a\tb\r1\t2\r"), "line 1: a carriage return without a line feed" },
        { "x.tsv", BYTES("a\tb\r\n1\t2\r3\t4\r\n"), "line 2: a carriage return without a line feed" },
        { "x.tsv", BYTES("a\r"), "carriage return" },
        { "x.tsv", BYTES("#nvc {\"a\":1}\n"), "empty; wanted a header" },
        { "x.tsv", BYTES("#nvc {\"a\":1}"), "cut off" },
        { "x.tsv", BYTES("#nvc {\"a\":1}\na\n1"), "cut off" },
        { "x.tsv", BYTES("#nvc {\"a\":1\na\n1\n"), "line 1 (#nvc)" },
        { "x.tsv", BYTES("#nvc {\"a\":1} x\na\n1\n"), "line 1 (#nvc)" },
        { "x.tsv", BYTES("#nvc [1]\na\n1\n"), "wanted one JSON object" },
        { "x.tsv", BYTES("#nvc {\"a\":1,\"a\":2}\na\n1\n"), "duplicate" },
        { "x.tsv", BYTES("#nvc {\"a\":1}\na\tb\n1\n"), "line 3: 1 cell" },
        { "x.csv", BYTES(""), "empty" },
        { "x.csv", BYTES(" \t"), "empty; wanted a header" },
        { "x.csv", BYTES("a,b\n1,\"2\n"), "quote" },
        { "x.csv", BYTES("a,b\n1,\"2\n3,4\n5,6\n"), "line 2: a quote" },
        { "x.csv", BYTES("a,b\n1,2\"3\n"), "line 2: a quote" },
        { "x.csv", BYTES("a,b\n1,\"2\"3\n"), "line 2: a quote" },
        { "x.csv", BYTES("a,b\n1\n"), "line 2: 1 cell, but the header has 2" },
        { "x.csv", BYTES("a,b\n\"1\n2\",3\n1,2,3\n"), "line 4: 3 cells" },
        { "x.csv", BYTES("a,b\n\n1,2\n"), "line 2: blank line" },
        { "x.csv", BYTES("a,b\n1,2\n  \n3,4\n"), "line 3: blank line" },
        { "x.csv", BYTES("a,,b\n1,2,3\n"), "column 2 of 3 has no name" },
        { "x.csv", BYTES("a,b,a\n1,2,3\n"), "two columns are named 'a'" },
        { "x.csv", BYTES("a,b\n1,\0\n"), "line 2: a NUL byte" },
        { "x.csv", BYTES("a,b\r1,2\r"), "carriage return" },
        { "x.tsv.gz", BYTES("\x1f\x8b\x08"), "x.tsv.gz" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_table t;
        err = (struct nvc_error){ 0 };
        int status = read_bytes(&t, cases[i].name, cases[i].bytes, cases[i].n);
        if (status != NVC_EDATA || !strstr(err.text, cases[i].message) || !strstr(err.text, cases[i].name) || t.store)
            fail_msg("case %zu: status %d, '%s' instead of '%s'", i, status, err.text, cases[i].message);
    }
}

static void odd_but_sound_tables_are_read(void **state)
{
    (void)state;
    static const struct hostile cases[] = { /* message: the cells of the last column, '|' between rows */
        { "x.tsv", BYTES("a\tb\n1\t2\n3\t4\n"), "2|4" },
        { "x.tsv", BYTES("a\tb\r\n1\t2\r\n3\t4\r\n"), "2|4" },
        { "x.tsv", BYTES("\xef\xbb\xbf" "a\tb\n1\t2\n"), "2" },
        { "x.tsv", BYTES("a\tb\n1\t2\n\n\n"), "2" },
        { "x.tsv", BYTES("a\tb\r\n1\t2\r\n\r\n"), "2" },
        { "x.tsv", BYTES("a\tb\n1\t2"), "2" },
        { "x.tsv", BYTES("a\tb\n1\t\n"), "" },
        { "x.tsv", BYTES("a\tb\n\t\n\t\n"), "|" },
        { "x.tsv", BYTES("a\n \n"), " " },
        { "x.tsv", BYTES("a\tb\n1\t\"2\n3\t4\"\n"), "\"2|4\"" },
        { "x.tsv", BYTES("a\tb\n"), "" },
        { "x.tsv", BYTES("\xc3\xa9t\xc3\xa9\tb\n1\t\xf0\x9f\x98\x80\n"), "\xf0\x9f\x98\x80" },
        { "x.tsv", BYTES("#nvc {\"a\":1}\na\tb\n1\t2\n"), "2" },
        { "x.tsv", BYTES("#comment\tb\n1\t2\n"), "2" },
        { "x.csv", BYTES("a,b\n1,2\n3,4\n"), "2|4" },
        { "x.csv", BYTES("\xef\xbb\xbf" "a,b\r\n1,\"2\"\"\r\n\"\r\n3,4\r\n\r\n"), "2\"\n|4" },
        { "x.csv", BYTES("a , b\n 1, 2 \n3,\" 4 \"\n"), "2| 4 " },
        { "x.csv", BYTES("a,b\n1,\n,2"), "|2" },
        { "x.csv", BYTES("a,b\n1,\"\"\n"), "" },
        { "x.csv", BYTES("#nvc {\"a\":1}\na,b\n1,2\n"), "2" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_table t;
        struct nvc_text seen = { 0 };
        if (read_bytes(&t, cases[i].name, cases[i].bytes, cases[i].n))
            fail_msg("case %zu: %s", i, err.text);
        for (size_t row = 0; row < t.n_rows; row++)
            assert_int_equal(nvc_text_printf(&seen, &err, "%s%s", row ? "|" : "",
                                             nvc_table_cell(&t, row, t.n_cols - 1)), 0);
        assert_string_equal(seen.data ? seen.data : "", cases[i].message);
        assert_int_equal(t.facts != NULL, cases[i].bytes[0] == '#' && cases[i].bytes[1] == 'n');
        assert_int_equal(t.bytes, cases[i].n);
        nvc_text_release(&seen);
        nvc_table_release(&t);
    }
}

static void cells_and_columns_are_limited_to_a_mebibyte_and_found_by_name(void **state)
{
    (void)state;
    enum { LIMIT = 1 << 20, COLUMNS = 5000 };
    char *text = malloc(LIMIT + 4), name[16];
    struct nvc_table t;
    struct nvc_text wide = { 0 };
    assert_non_null(text);
    memset(text, 'x', LIMIT + 4);
    memcpy(text, "a\n", 2);
    assert_int_equal(read_bytes(&t, "x.tsv", text, LIMIT + 2), 0);
    nvc_table_release(&t);
    assert_int_equal(read_bytes(&t, "x.tsv", text, LIMIT + 3), NVC_EDATA);
    assert_non_null(strstr(err.text, "line 2: a cell of more than 1 MiB"));
    assert_int_equal(read_bytes(&t, "x.csv", text, LIMIT + 3), NVC_EDATA);
    assert_non_null(strstr(err.text, "line 2: a cell of more than 1 MiB"));
    free(text);

    for (int i = 0; i < COLUMNS; i++)
        assert_int_equal(nvc_text_printf(&wide, &err, "%sv%04d", i ? "\t" : "", (i * 7919) % COLUMNS), 0);
    assert_int_equal(read_bytes(&t, "x.tsv", wide.data, wide.len), 0);
    for (int i = 0; i < COLUMNS; i++) {
        (void)snprintf(name, sizeof name, "v%04d", (i * 7919) % COLUMNS);
        assert_int_equal(nvc_table_column(&t, name), i);
    }
    assert_int_equal(nvc_table_column(&t, "v"), -1);
    assert_int_equal(nvc_table_column(&t, "w"), -1);
    nvc_text_release(&wide);
    nvc_table_release(&t);
}

static void numbers_are_strict_and_only_n_a_is_missing(void **state)
{
    (void)state;
    static const char *const bad[] = { "",   "NA",   "nan",   "NaN", "inf", "-", "N/A", " 1",
                                       "1 ", "0x10", "1e400", "1,5", "1_0" };
    struct nvc_table t;
    struct nvc_text text = { 0 };
    double v, all[3];
    assert_int_equal(read_bytes(&t, "x.tsv", BYTES("a\tb\n1e-3\t-2\nn/a\t.5\n7\t+8\n")), 0);
    assert_int_equal(nvc_table_reals(&t, 0, all, &err), 0);
    assert_true(all[0] == 1e-3 && isnan(all[1]) && all[2] == 7);
    assert_true(nvc_table_is_na(&t, 1, 0) && !nvc_table_is_na(&t, 1, 1));
    assert_int_equal(nvc_table_reals(&t, 1, all, &err), 0);
    assert_true(all[0] == -2 && all[1] == .5 && all[2] == 8);
    nvc_table_release(&t);
    assert_int_equal(nvc_text_puts(&text, "#nvc {}\nonset\tx\n", &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(nvc_text_printf(&text, &err, "%s\t1\n", bad[i]), 0);
    assert_int_equal(read_bytes(&t, "x.tsv", text.data, text.len), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char place[64];
        (void)snprintf(place, sizeof place, "x.tsv: line %zu, column 'onset'", i + 3);
        assert_int_equal(nvc_table_real(&t, i, 0, &v, &err), NVC_EDATA);
        assert_non_null(strstr(err.text, place));
        assert_non_null(strstr(err.text, bad[i]));
    }
    nvc_text_release(&text);
    nvc_table_release(&t);
}

static void a_missing_column_is_refused_with_a_near_miss(void **state)
{
    (void)state;
    struct nvc_table t;
    size_t col = 9;
    assert_int_equal(read_bytes(&t, "x.tsv", BYTES("onsets\tduration\n1\t2\n")), 0);
    assert_int_equal(nvc_table_need(&t, "duration", &col, &err), 0);
    assert_int_equal(col, 1);
    assert_int_equal(nvc_table_need(&t, "onset", &col, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "x.tsv: no column 'onset'; did you mean 'onsets'?"));
    nvc_table_release(&t);
    assert_int_equal(read_bytes(&t, "x.tsv", BYTES("onset,duration\n1,2\n")), 0);
    assert_int_equal(nvc_table_need(&t, "trial_type", &col, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "tabs separate columns"));
    nvc_table_release(&t);
}

static void rows_know_their_line_in_the_file(void **state)
{
    (void)state;
    struct nvc_table t;
    assert_int_equal(read_bytes(&t, "x.tsv", BYTES("#nvc {}\r\na\r\n1\r\n2\r\n")), 0);
    assert_int_equal(nvc_table_line(&t, 0), 3);
    assert_int_equal(nvc_table_line(&t, 1), 4);
    nvc_table_release(&t);
    assert_int_equal(read_bytes(&t, "x.csv", BYTES("a,b\n\"1\n1\n1\",2\n3,\"\n\"\n5,6\n")), 0);
    assert_int_equal(nvc_table_line(&t, 0), 2);
    assert_int_equal(nvc_table_line(&t, 1), 5);
    assert_int_equal(nvc_table_line(&t, 2), 7);
    nvc_table_release(&t);
}

static void facts_come_from_the_first_line_or_the_sidecar(void **state)
{
    (void)state;
    struct nvc_table t;
    double tr;
    (void)scratch_text("facts.json", "{\"Columns\":{},\"Facts\":{\"tr_s\":2.5}}");
    assert_int_equal(read_bytes(&t, "facts.tsv", BYTES("a\n1\n")), 0);
    assert_int_equal(nvc_json_get_real(t.facts, "tr_s", &tr, &err), 0);
    assert_true(tr == 2.5);
    nvc_table_release(&t);
    assert_int_equal(read_bytes(&t, "facts.tsv", BYTES("#nvc {\"tr_s\":3}\na\n1\n")), 0);
    assert_int_equal(nvc_json_get_real(t.facts, "tr_s", &tr, &err), 0);
    assert_true(tr == 3);
    nvc_table_release(&t);
    (void)scratch_text("facts.json", "{\"Facts\":[2.5]}");
    assert_int_equal(read_bytes(&t, "facts.tsv", BYTES("a\n1\n")), NVC_EDATA);
    assert_non_null(strstr(err.text, "'Facts'"));
    (void)scratch_text("facts.json", "{\"Facts\":");
    assert_int_equal(read_bytes(&t, "facts.tsv", BYTES("a\n1\n")), NVC_EDATA);
    assert_non_null(strstr(err.text, "facts.json"));
}

/* What is cut at a line end is a shorter table; anything else is refused or known to be unterminated. */
static void a_table_cut_at_any_byte_is_never_taken_for_whole(void **state)
{
    (void)state;
    static const char text[] = "#nvc {\"table\":\"series\",\"tr_s\":2}\ntime\tlAMY_L\n0\t0.125\n2\t-17.25\n4\tn/a\n";
    const char *plain = strchr(text, '\n') + 1;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct nvc_table t;
        bool at_line_end = n && text[n - 1] == '\n' && n > (size_t)(plain - text);
        bool read = read_bytes(&t, "cut.tsv", text, n) == 0;
        assert_true(read == at_line_end || (n < strlen("#nvc ") && t.unterminated && t.n_rows == 0));
        nvc_table_release(&t);
    }
    for (size_t n = 1; n < strlen(plain); n++) {
        struct nvc_table t;
        if (!read_bytes(&t, "cut.tsv", plain, n))
            assert_int_equal(t.unterminated, plain[n - 1] != '\n');
        nvc_table_release(&t);
    }
}

static void cells_are_written_so_that_they_read_back(void **state)
{
    (void)state;
    struct nvc_text out = { 0 };
    struct nvc_table t;
    double v;
    assert_int_equal(nvc_tsv_cell(&out, "a", false, &err), 0);
    assert_int_equal(nvc_tsv_cell(&out, "b", true, &err), 0);
    assert_int_equal(nvc_tsv_cell(&out, "", false, &err), 0);
    assert_int_equal(nvc_tsv_real(&out, 0.1, true, &err), 0);
    assert_int_equal(nvc_tsv_cell(&out, NULL, false, &err), 0);
    assert_int_equal(nvc_tsv_real(&out, NAN, true, &err), 0);
    assert_string_equal(out.data, "a\tb\nn/a\t0.1\nn/a\tn/a\n");
    assert_int_equal(read_bytes(&t, "x.tsv", out.data, out.len), 0);
    assert_int_equal(nvc_table_real(&t, 0, 1, &v, &err), 0);
    assert_true(v == 0.1);
    assert_int_equal(nvc_tsv_cell(&out, "a\tb", true, &err), NVC_EDATA);
    assert_int_equal(nvc_tsv_cell(&out, "a\nb", true, &err), NVC_EDATA);
    assert_int_equal(nvc_tsv_cell(&out, "a\r", true, &err), NVC_EDATA);
    nvc_text_release(&out);
    nvc_table_release(&t);
}

static void what_is_not_a_file_is_refused(void **state)
{
    (void)state;
    struct nvc_table t;
    assert_int_equal(nvc_table_read(&t, scratch_path("absent.tsv"), &err), NVC_ESYS);
    assert_int_equal(nvc_table_read(&t, scratch_dir, &err), NVC_EDATA);
    assert_int_not_equal(nvc_table_read(&t, "", &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_tables_are_refused_with_their_line),
        cmocka_unit_test(odd_but_sound_tables_are_read),
        cmocka_unit_test(cells_and_columns_are_limited_to_a_mebibyte_and_found_by_name),
        cmocka_unit_test(numbers_are_strict_and_only_n_a_is_missing),
        cmocka_unit_test(a_missing_column_is_refused_with_a_near_miss),
        cmocka_unit_test(rows_know_their_line_in_the_file),
        cmocka_unit_test(facts_come_from_the_first_line_or_the_sidecar),
        cmocka_unit_test(a_table_cut_at_any_byte_is_never_taken_for_whole),
        cmocka_unit_test(cells_are_written_so_that_they_read_back),
        cmocka_unit_test(what_is_not_a_file_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
