#include "cmd/report/page.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *report_cell(const struct nvc_table *t, size_t row, const char *column)
{
    long at = nvc_table_column(t, column);
    return at < 0 ? "n/a" : nvc_table_cell(t, row, (size_t)at);
}

double report_real(const struct nvc_table *t, size_t row, const char *column)
{
    const char *text = report_cell(t, row, column);
    double value;
    return nvc_parse_real(text, strlen(text), &value) ? value : NAN;
}

size_t report_count(const struct report_files *f, enum report_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->items[i].kind == kind && (f->items[i].n || f->items[i].table.n_rows);
    return n;
}

const char *report_common(const struct report_files *f, enum report_kind kind, const char *column)
{
    const char *found = NULL;
    for (size_t i = 0; i < f->n; i++)
        for (size_t r = 0; f->items[i].kind == kind && r < f->items[i].table.n_rows; r++) {
            const char *cell = report_cell(&f->items[i].table, r, column);
            if (found && strcmp(found, "n/a") != 0 && strcmp(cell, "n/a") != 0 && strcmp(found, cell) != 0)
                return NULL;
            found = !found || strcmp(cell, "n/a") != 0 ? cell : found;
        }
    return found;
}

void report_joined(char *out, size_t size, const char *const *words, size_t n)
{
    size_t len = 0;
    *out = '\0';
    for (size_t i = 0; i < n && len < size; i++)
        if (words[i] && strcmp(words[i], "n/a") != 0)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len ? " " : "", words[i]);
}

void report_header(struct report_page *p, struct nvc_cells *c, const char *const *names)
{
    for (; *names; names++)
        report_head(p, c, *names);
}

void report_head(struct report_page *p, struct nvc_cells *c, const char *name)
{
    report_put(p, c, name);
    c->n_cols++;
}

void report_put(struct report_page *p, struct nvc_cells *c, const char *text)
{
    if (!p->status)
        p->status = nvc_cells_text(c, text, p->err);
}

void report_number(struct report_page *p, struct nvc_cells *c, double v, int digits)
{
    char text[32];
    nvc_print_number(text, v, digits);
    report_put(p, c, text);
}

void report_p(struct report_page *p, struct nvc_cells *c, double v)
{
    if (!p->status)
        p->status = nvc_cells_p(c, v, p->err);
}

void report_interval_text(char out[static 112], double v, double low, double high)
{
    char a[32], b[32], d[32];
    nvc_print_number(a, v, 3);
    nvc_print_number(b, low, 3);
    nvc_print_number(d, high, 3);
    (void)snprintf(out, 112, isfinite(low) && isfinite(high) ? "%s [%s, %s]" : "%s", a, b, d);
}

void report_interval(struct report_page *p, struct nvc_cells *c, double v, double low, double high)
{
    char text[112];
    report_interval_text(text, v, low, high);
    report_put(p, c, text);
}

void report_region(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t, size_t r)
{
    char text[320];
    report_joined(text, sizeof text, (const char *const[]){ report_cell(t, r, "region"), report_cell(t, r, "side") }, 2);
    report_put(p, c, text);
}
