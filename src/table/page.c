#include "table/page.h"

#include "base/memory.h"
#include "base/number.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
    "@page{size:A4;margin:15mm}:root{color-scheme:light}"
    "body{font:16px/1.45 system-ui,sans-serif;color:#222;background:#fff;max-width:78em;margin:2em auto;padding:0 1em}"
    "p,pre{max-width:48em}h1{font-size:1.7em;margin-bottom:.2em}h2{margin-top:1.8em;border-bottom:1px solid #bbb}"
    ".banner{background:#fff4d6;border-left:.4em solid #e69f00;padding:.6em 1em}"
    "table{border-collapse:collapse;font-size:.85em;margin:1em 0}caption{text-align:left;font-weight:600;padding:.3em 0}"
    "th{text-align:left}thead th{border-bottom:2px solid #222;vertical-align:bottom}th,td{padding:.15em .45em}"
    "tbody th{font-weight:normal}tbody th.part{font-style:italic;padding-top:.7em;background:#fff}tbody tr:nth-child(even){background:#f4f4f4}"
    "tbody th{min-width:9em}th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}"
    "td.pass{background:#d9efe6}td.flag{background:#ffe8b0}td.fail{background:#f6c5b0;font-weight:600}"
    "figure{margin:1em 0}img{max-width:100%;height:auto;background:#fff}figcaption{font-size:.85em;color:#555;max-width:56em}"
    "pre{white-space:pre-wrap;font:inherit}"
    ".wide{overflow-x:auto}"
    "@media print{body{margin:0;padding:0;max-width:none;font-size:10pt}h1,h2,caption{break-after:avoid}h2+*{break-before:avoid}"
    "figure,tr{break-inside:avoid}img{max-height:225mm}.wide{overflow:visible}table{font-size:7.5pt}th,td{padding:.15em .4em}"
    "tbody th{min-width:0}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

/* Length of the UTF-8 character at s, 0 when there is none that XML allows. */
static size_t character(const unsigned char *s)
{
    size_t n = s[0] < 0x80 ? 1 : (s[0] & 0xe0) == 0xc0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : (s[0] & 0xf8) == 0xf0 ? 4 : 0;
    unsigned long code = n == 1 ? s[0] : n ? s[0] & (0xffU >> (n + 1)) : 0;
    static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3fU);
    }
    bool allowed = code >= least[n] && (code >= 32 || code == '\t' || code == '\n') && !(code >= 0x7f && code < 0xa0) &&
                   !(code >= 0xd800 && code < 0xe000) && code != 0xfffe && code != 0xffff && code <= 0x10ffff;
    return allowed ? n : 0;
}

static int escaped(struct nvc_text *out, const char *s, struct nvc_error *err)
{
    int status = 0;
    while (!status && *s) {
        size_t n = character((const unsigned char *)s);
        const char *to = *s == '&' ? "&amp;" : *s == '<' ? "&lt;" : *s == '>' ? "&gt;" : *s == '"' ? "&quot;" : !n ? "\xef\xbf\xbd" : NULL;
        status = to ? nvc_text_puts(out, to, err) : nvc_text_add(out, s, n, err);
        s += n ? n : 1;
    }
    return status;
}

int nvc_page_begin(struct nvc_text *out, const char *title, struct nvc_error *err)
{
    int status = nvc_text_puts(out, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
                                    "<meta charset=\"utf-8\" />\n<meta name=\"viewport\" content=\"width=device-width\" />\n<title>", err);
    status = status ? status : escaped(out, title, err);
    return status ? status : nvc_text_printf(out, err, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
}

int nvc_page_end(struct nvc_text *out, struct nvc_error *err)
{
    return nvc_text_puts(out, "</body>\n</html>\n", err);
}

int nvc_page_text(struct nvc_text *out, const char *tag, const char *class_name, const char *text, struct nvc_error *err)
{
    int status = nvc_text_printf(out, err, class_name ? "<%s class=\"%s\">" : "<%s>", tag, class_name);
    status = status ? status : escaped(out, text, err);
    return status ? status : nvc_text_printf(out, err, "</%s>\n", tag);
}

/* What a cell leaves open whether its column holds numbers. */
static bool is_blank(const char *cell) { return !strcmp(cell, "n/a") || !cell[strspn(cell, " ")]; }

static bool is_number(const char *cell)
{
    double number;
    return nvc_parse_real(cell, strcspn(cell, " "), &number) || *cell == '<';
}

/* A column of numbers stands right, its head too. */
static bool is_numeric(const struct nvc_cells *c, size_t column)
{
    const char *s = c->text.data;
    bool any = false;
    for (size_t i = 0; i < c->n; i++, s += strlen(s) + 1)
        if (i >= c->n_cols && i % c->n_cols == column && !is_blank(s)) {
            if (!is_number(s))
                return false;
            any = true;
        }
    return any;
}

static const char *class_of(const char *cell, bool numeric)
{
    static const char *const verdicts[] = { "pass", "flag", "fail" };
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(cell, verdicts[i]))
            return verdicts[i];
    return numeric ? "n" : NULL;
}

/* A heading in the first column; the cells beside it, which it covers, are passed over. */
static int heading(struct nvc_text *out, const char *text, size_t n_cols, struct nvc_error *err)
{
    int status = nvc_text_printf(out, err, "<tr>\n<th scope=\"rowgroup\" class=\"part\" colspan=\"%zu\">", n_cols);
    status = status ? status : escaped(out, text, err);
    return status ? status : nvc_text_puts(out, "</th>\n</tr>\n", err);
}

static int cell_of(struct nvc_text *out, const char *s, bool head, bool first, bool numeric, struct nvc_error *err)
{
    if (!head && !first)
        return nvc_page_text(out, "td", class_of(s, numeric), s, err);
    int status = nvc_text_printf(out, err, "<th scope=\"%s\"%s>", head ? "col" : "row", numeric ? " class=\"n\"" : "");
    status = status ? status : escaped(out, s, err);
    return status ? status : nvc_text_puts(out, "</th>\n", err);
}

int nvc_page_table(struct nvc_text *out, const struct nvc_cells *c, const char *caption, struct nvc_error *err)
{
    const char *s = c->text.data;
    bool *numeric = nvc_array(c->n_cols, sizeof *numeric, err);
    if (!numeric)
        return NVC_ESYS;
    int status = nvc_text_puts(out, "<div class=\"wide\"><table>\n", err);
    for (size_t k = 0; k < c->n_cols; k++)
        numeric[k] = is_numeric(c, k);
    if (!status && caption)
        status = nvc_page_text(out, "caption", NULL, caption, err);
    for (size_t i = 0; i < c->n && !status; i++, s += strlen(s) + 1) {
        size_t column = i % c->n_cols;
        const char *part = i >= c->n_cols && !column ? nvc_cell_heading(s) : NULL;
        if (part) {
            status = heading(out, part, c->n_cols, err);
            for (; (i + 1) % c->n_cols; i++)
                s += strlen(s) + 1;
            continue;
        }
        if (!column)
            status = nvc_text_puts(out, i ? "<tr>\n" : "<thead>\n<tr>\n", err);
        if (!status)
            status = cell_of(out, s, i < c->n_cols, !column, numeric[column], err);
        if (!status && column + 1 == c->n_cols)
            status = nvc_text_puts(out, i < c->n_cols ? "</tr>\n</thead>\n<tbody>\n" : "</tr>\n", err);
    }
    free(numeric);
    return status ? status : nvc_text_puts(out, "</tbody>\n</table></div>\n", err);
}

/* RFC 4648. */
static int base64(struct nvc_text *out, const char *bytes, size_t n, struct nvc_error *err)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int status = 0;
    for (size_t i = 0; i < n && !status; i += 3) {
        unsigned long word = 0;
        char four[4];
        for (size_t k = 0; k < 3; k++)
            word = word << 8 | (i + k < n ? (unsigned char)bytes[i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            four[k] = i + k > n ? '=' : digits[word >> (18 - 6 * k) & 63];
        status = nvc_text_add(out, four, 4, err);
    }
    return status;
}

int nvc_page_picture(struct nvc_text *out, const char *mime, const char *bytes, size_t n, const char *caption, struct nvc_error *err)
{
    int status = nvc_text_puts(out, "<figure><img alt=\"", err);
    status = status ? status : escaped(out, caption, err);
    status = status ? status : nvc_text_printf(out, err, "\" src=\"data:%s;base64,", mime);
    status = status ? status : base64(out, bytes, n, err);
    status = status ? status : nvc_text_puts(out, "\" />", err);
    status = status ? status : nvc_page_text(out, "figcaption", NULL, caption, err);
    return status ? status : nvc_text_puts(out, "</figure>\n", err);
}
