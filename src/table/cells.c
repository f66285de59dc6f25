#include "table/cells.h"

#include "base/number.h"
#include "io/tsv.h"

#include <math.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum nvc_table_kind nvc_table_kind_of(const char *path)
{
    static const struct {
        const char *suffix;
        enum nvc_table_kind kind;
    } kinds[] = {
        { ".csv", NVC_CSV }, { ".md", NVC_MARKDOWN }, { ".tex", NVC_LATEX }, { ".html", NVC_HTML }, { ".htm", NVC_HTML }
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (nvc_has_suffix(path, kinds[i].suffix))
            return kinds[i].kind;
    return NVC_TSV;
}

void nvc_cells_release(struct nvc_cells *c)
{
    nvc_text_release(&c->text);
    *c = (struct nvc_cells){ 0 };
}

int nvc_cells_text(struct nvc_cells *c, const char *text, struct nvc_error *err)
{
    const char *s = text && *text ? text : "n/a";
    c->n++;
    return nvc_text_add(&c->text, s, strlen(s) + 1, err);
}

int nvc_cells_real(struct nvc_cells *c, double v, struct nvc_error *err)
{
    char buf[NVC_NUMBER_SIZE];
    size_t n = nvc_format_real(buf, v);
    c->n++;
    return nvc_text_add(&c->text, buf, n + 1, err);
}

int nvc_cells_printf(struct nvc_cells *c, struct nvc_error *err, const char *fmt, ...)
{
    char buf[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    return nvc_cells_text(c, buf, err);
}

enum { HEADING = 1 }; /* what the first cell of a heading begins with */

int nvc_cells_heading(struct nvc_cells *c, const char *text, struct nvc_error *err)
{
    int status = nvc_cells_printf(c, err, "%c%s", HEADING, text);
    for (size_t k = 1; k < c->n_cols && !status; k++)
        status = nvc_cells_text(c, " ", err);
    return status;
}

const char *nvc_cell_heading(const char *cell) { return *cell == HEADING ? cell + 1 : NULL; }

int nvc_cells_header(struct nvc_cells *c, const struct nvc_column *columns, struct nvc_error *err)
{
    int status = 0;
    for (; columns->name && !status; columns++)
        status = nvc_cells_text(c, columns->name, err);
    return status;
}

/* ---- writers ------------------------------------------------------------------------------------ */

static int escaped(struct nvc_text *out, const char *s, enum nvc_table_kind kind, struct nvc_error *err)
{
    static const struct {
        enum nvc_table_kind kind;
        const char *from, *to;
    } rules[] = {
        { NVC_MARKDOWN, "|", "\\|" },
        { NVC_HTML, "&", "&amp;" },
        { NVC_HTML, "<", "&lt;" },
        { NVC_HTML, ">", "&gt;" },
        { NVC_LATEX, "&", "\\&" },
        { NVC_LATEX, "%", "\\%" },
        { NVC_LATEX, "#", "\\#" },
        { NVC_LATEX, "_", "\\_" },
        { NVC_LATEX, "$", "\\$" },
        { NVC_LATEX, "{", "\\{" },
        { NVC_LATEX, "}", "\\}" },
        { NVC_LATEX, "~", "\\textasciitilde{}" },
        { NVC_LATEX, "^", "\\textasciicircum{}" },
        { NVC_LATEX, "\\", "\\textbackslash{}" },
        { NVC_LATEX, "<", "$<$" },
        { NVC_LATEX, ">", "$>$" },
        { NVC_LATEX, "-", "$-$" },
    };
    int status = 0;
    for (; *s && !status; s++) {
        const char *to = NULL;
        for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
            /* a minus sign before a digit, a hyphen elsewhere */
            if (rules[i].kind == kind && *rules[i].from == *s &&
                (*s != '-' || (s[1] >= '0' && s[1] <= '9') || s[1] == '.'))
                to = rules[i].to;
        status = to ? nvc_text_puts(out, to, err) : nvc_text_add(out, s, 1, err);
    }
    return status;
}

static int csv_cell(struct nvc_text *out, const char *s, struct nvc_error *err)
{
    int status = 0;
    if (!s[strcspn(s, "\",\r\n")])
        return nvc_text_puts(out, s, err);
    status = nvc_text_puts(out, "\"", err);
    for (; *s && !status; s++)
        status = *s == '"' ? nvc_text_puts(out, "\"\"", err) : nvc_text_add(out, s, 1, err);
    return status ? status : nvc_text_puts(out, "\"", err);
}

struct style { /* what stands around the cells of a row, first of the header, then of the body */
    const char *open[2], *between[2], *close[2];
};
static const struct style styles[] = {
    [NVC_CSV] = { { "", "" }, { ",", "," }, { "\n", "\n" } },
    [NVC_MARKDOWN] = { { "| ", "| " }, { " | ", " | " }, { " |\n", " |\n" } },
    [NVC_LATEX] = { { "", "" }, { " & ", " & " }, { " \\\\\n\\midrule\n", " \\\\\n" } },
    [NVC_HTML] = { { "<tr><th scope=\"col\">", "<tr><td>" }, { "</th><th scope=\"col\">", "</td><td>" }, { "</th></tr>\n", "</td></tr>\n" } },
};

/* A heading, of which the other cells are passed over; LaTeX and HTML span the columns. */
static int write_heading(struct nvc_text *out, const char *s, size_t n_cols, bool first, enum nvc_table_kind kind, struct nvc_error *err)
{
    int status = kind == NVC_LATEX  ? nvc_text_printf(out, err, "%s\\multicolumn{%zu}{l}{\\textit{", first ? "" : "\\midrule\n", n_cols)
                 : kind == NVC_HTML ? nvc_text_printf(out, err, "<tr><th colspan=\"%zu\" scope=\"rowgroup\">", n_cols)
                                    : nvc_text_puts(out, "| **", err);
    status = status ? status : escaped(out, s, kind, err);
    if (!status)
        status = nvc_text_puts(out, kind == NVC_LATEX ? "}} \\\\\n" : kind == NVC_HTML ? "</th></tr>\n" : "**", err);
    for (size_t k = 0; k < n_cols && kind == NVC_MARKDOWN && !status; k++)
        status = nvc_text_puts(out, k + 1 < n_cols ? " |" : " |\n", err);
    return status;
}

static int write_rows(struct nvc_text *out, const struct nvc_cells *c, enum nvc_table_kind kind, struct nvc_error *err)
{
    const char *s = c->text.data;
    int status = 0;
    for (size_t i = 0; i < c->n && !status; i++, s += strlen(s) + 1) {
        size_t col = i % c->n_cols, body = i >= c->n_cols;
        if (!col && *s == HEADING) {
            status = write_heading(out, s + 1, c->n_cols, i == c->n_cols, kind, err);
            for (; col + 1 < c->n_cols; col++, i++)
                s += strlen(s) + 1;
            continue;
        }
        if (kind == NVC_TSV) {
            status = nvc_tsv_cell(out, s, col + 1 == c->n_cols, err);
            continue;
        }
        status = nvc_text_puts(out, col ? styles[kind].between[body] : styles[kind].open[body], err);
        if (!status)
            status = kind == NVC_CSV ? csv_cell(out, s, err) : escaped(out, s, kind, err);
        if (!status && col + 1 == c->n_cols)
            status = nvc_text_puts(out, styles[kind].close[body], err);
        if (!status && kind == NVC_MARKDOWN && i + 1 == c->n_cols)
            for (size_t k = 0; k < c->n_cols && !status; k++)
                status = nvc_text_puts(out, k + 1 < c->n_cols ? "|---" : "|---|\n", err);
    }
    return status;
}

static int before(struct nvc_text *out, size_t n_cols, enum nvc_table_kind kind, const char *caption,
                  struct nvc_error *err)
{
    int status = 0;
    if (kind == NVC_LATEX) {
        status = nvc_text_puts(out, "% needs \\usepackage{booktabs}\n\\begin{table}\n\\centering\n", err);
        status = status ? status : nvc_text_puts(out, n_cols > 8 ? "\\scriptsize\n\\setlength{\\tabcolsep}{3pt}\n" : "\\small\n", err);
        if (!status && caption) {
            status = nvc_text_puts(out, "\\caption{", err);
            status = status ? status : escaped(out, caption, kind, err);
            status = status ? status : nvc_text_puts(out, "}\n", err);
        }
        status = status ? status : nvc_text_puts(out, "\\begin{tabular}{", err);
        for (size_t k = 0; k < n_cols && !status; k++)
            status = nvc_text_puts(out, k ? "r" : "l", err);
        return status ? status : nvc_text_puts(out, "}\n\\toprule\n", err);
    }
    if (kind == NVC_HTML)
        status = nvc_text_puts(out, "<table class=\"nvc\">\n", err);
    if (!status && caption) {
        status = nvc_text_puts(out, kind == NVC_HTML ? "<caption>" : "", err);
        status = status ? status : escaped(out, caption, kind, err);
        status = status ? status : nvc_text_puts(out, kind == NVC_HTML ? "</caption>\n" : "\n\n", err);
    }
    return status;
}

static int after(struct nvc_text *out, enum nvc_table_kind kind, const char *notes, struct nvc_error *err)
{
    static const char *const open[] = {
        [NVC_MARKDOWN] = "\n", [NVC_LATEX] = "\\par\\smallskip\\footnotesize ", [NVC_HTML] = "<p>"
    };
    static const char *const close[] = { [NVC_MARKDOWN] = "\n", [NVC_LATEX] = "\n", [NVC_HTML] = "</p>\n" };
    int status = nvc_text_puts(out,
                               kind == NVC_LATEX  ? "\\bottomrule\n\\end{tabular}\n"
                               : kind == NVC_HTML ? "</table>\n"
                                                  : "",
                               err);
    if (!status && notes) {
        status = nvc_text_puts(out, open[kind], err);
        status = status ? status : escaped(out, notes, kind, err);
        status = status ? status : nvc_text_puts(out, close[kind], err);
    }
    return !status && kind == NVC_LATEX ? nvc_text_puts(out, "\\end{table}\n", err) : status;
}

int nvc_cells_write(struct nvc_text *out, const struct nvc_cells *c, enum nvc_table_kind kind, const char *caption,
                    const char *notes, struct nvc_error *err)
{
    if (c->n % c->n_cols)
        return nvc_fail(err, NVC_EBUG, "%zu cells do not fill rows of %zu", c->n, c->n_cols);
    if (kind == NVC_TSV || kind == NVC_CSV)
        return write_rows(out, c, kind, err);
    int status = before(out, c->n_cols, kind, caption, err);
    status = status ? status : write_rows(out, c, kind, err);
    return status ? status : after(out, kind, notes, err);
}

void nvc_print_number(char out[static 32], double v, int digits)
{
    if (!isfinite(v)) {
        (void)snprintf(out, 32, "n/a");
        return;
    }
    int decimals = digits - (v == 0 ? 1 : (int)floor(log10(fabs(v))) + 1);
    if (fabs(v) >= 1e6 || (v != 0 && fabs(v) < 1e-4))
        (void)snprintf(out, 32, "%.*e", digits - 1, v);
    else
        (void)snprintf(out, 32, "%.*f", decimals > 0 ? decimals : 0, v);
}

void nvc_print_p(char out[static 32], double p)
{
    if (!isfinite(p))
        (void)snprintf(out, 32, "n/a");
    else if (p < 0.001)
        (void)snprintf(out, 32, "<.001");
    else if (p > 0.9994)
        (void)snprintf(out, 32, "1.000");
    else {
        char text[32];
        (void)snprintf(text, sizeof text, "%.3f", p);
        (void)snprintf(out, 32, "%s", text + 1);
    }
}

int nvc_cells_interval(struct nvc_cells *c, double v, double low, double high, struct nvc_error *err)
{
    char text[3][32];
    nvc_print_number(text[0], v, 3);
    nvc_print_number(text[1], low, 3);
    nvc_print_number(text[2], high, 3);
    return !isfinite(v)                        ? nvc_cells_text(c, " ", err)
           : !isfinite(low) || !isfinite(high) ? nvc_cells_text(c, text[0], err)
                                               : nvc_cells_printf(c, err, "%s [%s, %s]", text[0], text[1], text[2]);
}

int nvc_cells_p(struct nvc_cells *c, double p, struct nvc_error *err)
{
    char text[32];
    nvc_print_p(text, p);
    return nvc_cells_text(c, isnan(p) ? " " : text, err);
}
