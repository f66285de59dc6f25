#include "cmd/report/page.h"

#include "base/memory.h"
#include "base/number.h"
#include "plot/forest_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 200, MOST_LINES = 60 };

/* ---- indices of one person ------------------------------------------------------------------------- */

/* Percent signal change of each condition, drawn. */
static void forest(struct report_page *p, const struct report_files *f)
{
    struct line { char label[320], numbers[112]; } *texts = nvc_array(MOST_LINES, sizeof *texts, p->err);
    struct nvc_forest_line *lines = texts ? nvc_array(MOST_LINES, sizeof *lines, p->err) : NULL;
    static const char about[] = "Percent signal change of each contrast and region with its 95 % interval, beside it in numbers.";
    struct nvc_text picture = { 0 };
    const char *atlas = report_common(f, REPORT_INDICES, "atlas");
    size_t n = 0;
    if (!lines)
        p->status = NVC_ESYS;
    for (size_t i = 0; i < f->n && !p->status; i++)
        for (size_t r = 0; f->items[i].kind == REPORT_INDICES && r < f->items[i].table.n_rows && n < MOST_LINES; r++) {
            const struct nvc_table *t = &f->items[i].table;
            double v = report_real(t, r, "value"), low = report_real(t, r, "ci_low"), high = report_real(t, r, "ci_high");
            if (strcmp(report_cell(t, r, "index"), "psc") != 0 || isnan(v))
                continue;
            report_joined(texts[n].label, sizeof texts[n].label, (const char *const[]){ report_cell(t, r, "contrast"), report_cell(t, r, "region"),
                   report_cell(t, r, "side"), report_cell(t, r, "session"), report_cell(t, r, "run"), atlas ? "n/a" : report_cell(t, r, "atlas") }, 6);
            report_interval_text(texts[n].numbers, v, low, high);
            lines[n] = (struct nvc_forest_line){ texts[n].label, texts[n].numbers, v, low, high, 1, false };
            n++;
        }
    if (!p->status && n)
        p->status = nvc_forest_plot(&picture, NVC_SVG, lines, n, &(struct nvc_forest_words){
            .axis = "percent signal change, 95 % interval", .head = "% [95 % interval]", .about = about }, p->err);
    if (!p->status && n)
        report_picture(p, "image/svg+xml", picture.data, picture.len, about);
    nvc_text_release(&picture);
    free(lines);
    free(texts);
}

/* Columns that say the same in every row are said once, in the caption. */
struct index_columns {
    bool atlas, run, note;
};

static void index_rows(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t, const struct index_columns *with)
{
    for (size_t r = 0; r < t->n_rows && !p->status; r++) {
        char run[320];
        report_put(p, c, report_cell(t, r, "index"));
        report_put(p, c, report_cell(t, r, "contrast"));
        report_region(p, c, t, r);
        if (with->atlas)
            report_put(p, c, report_cell(t, r, "atlas"));
        report_joined(run, sizeof run, (const char *const[]){ report_cell(t, r, "session"), report_cell(t, r, "task"), report_cell(t, r, "run") }, 3);
        if (with->run)
            report_put(p, c, run);
        report_interval(p, c, report_real(t, r, "value"), report_real(t, r, "ci_low"), report_real(t, r, "ci_high"));
        report_put(p, c, report_cell(t, r, "unit"));
        report_put(p, c, report_cell(t, r, "class"));
        if (with->note)
            report_put(p, c, report_cell(t, r, "note"));
    }
}

void report_indices(struct report_page *p, const struct report_files *f)
{
    static const char *const of_run[] = { "session", "task", "run" };
    const char *atlas = report_common(f, REPORT_INDICES, "atlas"), *note = report_common(f, REPORT_INDICES, "note"), *run[3];
    struct index_columns with = { .atlas = !atlas, .note = !note || strcmp(note, "n/a") != 0 };
    struct nvc_cells c = { 0 };
    char of[320], caption[400];
    if (!report_count(f, REPORT_INDICES) || p->n_participants > 1)
        return;
    for (int k = 0; k < 3; k++)
        with.run |= !(run[k] = report_common(f, REPORT_INDICES, of_run[k]));
    report_text(p, "h2", "Indices");
    if (!p->status)
        forest(p, f);
    report_header(p, &c, (const char *const[]){ "index", "contrast", "region", NULL });
    if (with.atlas)
        report_head(p, &c, "atlas");
    if (with.run)
        report_head(p, &c, "run");
    report_header(p, &c, (const char *const[]){ "value [95 % interval]", "unit", "class", NULL });
    if (with.note)
        report_head(p, &c, "note");
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].kind == REPORT_INDICES)
            index_rows(p, &c, &f->items[i].table, &with);
    report_joined(of, sizeof of, (const char *const[]){ run[0], run[1], run[2], atlas }, 4);
    (void)snprintf(caption, sizeof caption, "Indices of this person%s%s", *of ? ": " : "", of);
    report_table(p, &c, caption);
}

/* ---- masks and what is left --------------------------------------------------------------------- */

/* A table as it stands: numbers with three digits, columns without a value left out. */
static void any_table(struct report_page *p, const struct report_file *f)
{
    const struct nvc_table *t = &f->table;
    struct nvc_cells c = { 0 };
    char caption[400];
    bool *shown = nvc_array(t->n_cols, sizeof *shown, p->err);
    if (!shown)
        p->status = NVC_ESYS;
    for (size_t k = 0; shown && k < t->n_cols; k++)
        for (size_t r = 0; r < t->n_rows && !shown[k]; r++)
            shown[k] = !nvc_table_is_na(t, r, k);
    for (size_t k = 0; shown && k < t->n_cols; k++)
        if (shown[k])
            report_head(p, &c, t->names[k]);
    for (size_t r = 0; shown && r < t->n_rows && r < MOST_ROWS; r++)
        for (size_t k = 0; k < t->n_cols; k++) {
            const char *text = nvc_table_cell(t, r, k);
            double v;
            if (!shown[k])
                continue;
            if (nvc_parse_real(text, strlen(text), &v) && strpbrk(text, ".eE"))
                report_number(p, &c, v, 3);
            else
                report_put(p, &c, text);
        }
    (void)snprintf(caption, sizeof caption, t->n_rows > MOST_ROWS ? "%.255s: the first %d of %zu rows" : "%.255s", f->name, MOST_ROWS, t->n_rows);
    if (c.n_cols)
        report_table(p, &c, caption);
    nvc_cells_release(&c);
    free(shown);
}

static void all_of(struct report_page *p, const struct report_files *f, enum report_kind kind, const char *heading)
{
    if (report_count(f, kind))
        report_text(p, "h2", heading);
    for (size_t i = 0; i < f->n && !p->status; i++)
        if (f->items[i].kind == kind)
            any_table(p, &f->items[i]);
}

void report_atlases(struct report_page *p, const struct report_files *f)
{
    all_of(p, f, REPORT_OVERLAP, "How far the masks agree");
}

void report_others(struct report_page *p, const struct report_files *f)
{
    all_of(p, f, REPORT_TABLE, "Further tables");
}
