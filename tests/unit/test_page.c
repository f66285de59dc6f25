/* HTML pages. */
#include "table/page.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct nvc_error err;

static void pictures_are_base64_as_rfc_4648_has_it(void **state)
{
    static const char *const vectors[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
                                              { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" } };
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct nvc_text out = { 0 };
        char want[64];
        assert_int_equal(nvc_page_picture(&out, "image/png", vectors[i][0], strlen(vectors[i][0]), "a \"b\"", &err), 0);
        (void)snprintf(want, sizeof want, "src=\"data:image/png;base64,%s\" />", vectors[i][1]);
        assert_non_null(strstr(out.data, want));
        assert_non_null(strstr(out.data, "alt=\"a &quot;b&quot;\""));
        nvc_text_release(&out);
    }
}

static void what_neither_html_nor_xml_allows_becomes_a_sign(void **state)
{
    static const char *const pairs[][2] = {
        { "a<b>&\"c\"", "<p>a&lt;b&gt;&amp;&quot;c&quot;</p>\n" }, { "\x01x\x7f", "<p>\xef\xbf\xbdx\xef\xbf\xbd</p>\n" },
        { "caf\xc3\xa9 \xf0\x9f\xa7\xa0", "<p>caf\xc3\xa9 \xf0\x9f\xa7\xa0</p>\n" }, { "\xc3", "<p>\xef\xbf\xbd</p>\n" },
        { "\xe9t", "<p>\xef\xbf\xbdt</p>\n" }, { "\xc0\xaf", "<p>\xef\xbf\xbd\xef\xbf\xbd</p>\n" },
        { "\xed\xa0\x80", "<p>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</p>\n" }, { "\xef\xbf\xbe", "<p>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</p>\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct nvc_text out = { 0 };
        assert_int_equal(nvc_page_text(&out, "p", NULL, pairs[i][0], &err), 0);
        assert_string_equal(out.data, pairs[i][1]);
        nvc_text_release(&out);
    }
}

static void cells_know_verdicts_and_numbers(void **state)
{
    struct nvc_cells c = { .n_cols = 4 };
    struct nvc_text out = { 0 };
    static const char *const cells[] = { "name", "verdict", "value", "p", "12x", "fail", "0.31 [0.1, 0.5]", "<.001",
                                         "13", "n/a", "n/a", " " };
    (void)state;
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(nvc_cells_text(&c, cells[i], &err), 0);
    assert_int_equal(nvc_page_table(&out, &c, NULL, &err), 0);
    assert_string_equal(out.data, "<div class=\"wide\"><table>\n<thead>\n<tr>\n<th scope=\"col\">name</th>\n<th scope=\"col\">verdict</th>\n"
                                  "<th scope=\"col\" class=\"n\">value</th>\n<th scope=\"col\" class=\"n\">p</th>\n</tr>\n</thead>\n<tbody>\n"
                                  "<tr>\n<th scope=\"row\">12x</th>\n<td class=\"fail\">fail</td>\n<td class=\"n\">0.31 [0.1, 0.5]</td>\n"
                                  "<td class=\"n\">&lt;.001</td>\n</tr>\n<tr>\n<th scope=\"row\">13</th>\n<td>n/a</td>\n<td class=\"n\">n/a</td>\n"
                                  "<td class=\"n\"> </td>\n</tr>\n</tbody>\n</table></div>\n");
    out.len = 0;
    assert_int_equal(nvc_cells_heading(&c, "Quality & more", &err), 0);
    assert_int_equal(nvc_page_table(&out, &c, NULL, &err), 0);
    assert_non_null(strstr(out.data, "</tr>\n<tr>\n<th scope=\"rowgroup\" class=\"part\" colspan=\"4\">Quality &amp; more</th>\n</tr>\n</tbody>\n"));
    nvc_cells_release(&c);
    nvc_text_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_base64_as_rfc_4648_has_it),
        cmocka_unit_test(what_neither_html_nor_xml_allows_becomes_a_sign),
        cmocka_unit_test(cells_know_verdicts_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
