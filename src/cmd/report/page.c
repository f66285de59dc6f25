#include "config.h"

#include "cmd/report/page.h"

#include "plot/description.h"
#include "table/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void report_text(struct report_page *p, const char *tag, const char *text)
{
    if (!p->status)
        p->status = nvc_page_text(p->out, tag, NULL, text, p->err);
}

void report_table(struct report_page *p, struct nvc_cells *c, const char *caption)
{
    if (!p->status)
        p->status = nvc_page_table(p->out, c, caption, p->err);
    nvc_cells_release(c);
}

void report_picture(struct report_page *p, const char *mime, const char *bytes, size_t n, const char *caption)
{
    if (!p->status)
        p->status = nvc_page_picture(p->out, mime, bytes, n, caption, p->err);
}

/* How many people the tables are of. */
static void count_participants(struct report_page *p, const struct report_files *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct nvc_table *t = &f->items[i].table;
        if (f->items[i].kind != REPORT_INDICES && f->items[i].kind != REPORT_QUALITY)
            continue;
        for (size_t r = 0; r < t->n_rows && p->n_participants < 2; r++) {
            const char *who = report_cell(t, r, "participant_id");
            if (!p->participant || strcmp(who, p->participant) != 0)
                p->participant = who, p->n_participants++;
        }
    }
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].kind == REPORT_GROUP)
            p->n_participants = 2;
}

/* What the picture says of itself, and the name of its file. */
static void picture(struct report_page *p, const struct report_file *file)
{
    struct nvc_text caption = { 0 };
    enum nvc_picture kind = file->kind == REPORT_PNG ? NVC_PNG : NVC_SVG;
    if (!p->status)
        p->status = nvc_description_get(&caption, kind, file->bytes, file->n, p->err);
    if (!p->status)
        p->status = nvc_text_printf(&caption, p->err, caption.len ? " (%s)" : "%s", file->name);
    if (!p->status)
        report_picture(p, kind == NVC_PNG ? "image/png" : "image/svg+xml", file->bytes, file->n, caption.data);
    nvc_text_release(&caption);
}

/* Those of nvc-qc, which stand beside its table, or the others. */
static void pictures(struct report_page *p, const struct report_files *f, bool quality)
{
    bool any = quality;
    for (size_t i = 0; i < f->n; i++) {
        const struct report_file *file = &f->items[i];
        if ((file->kind != REPORT_PNG && file->kind != REPORT_SVG) || quality != (strstr(file->name, "qc") != NULL))
            continue;
        if (!any)
            report_text(p, "h2", "Figures");
        any = true;
        picture(p, file);
    }
}

/* The cells of a line "| a | b |"; \| is a bar. */
static void markdown_row(struct report_page *p, struct nvc_cells *c, const char *line, size_t n)
{
    struct nvc_text cell = { 0 };
    for (size_t i = 1; i < n && !p->status; i++) {
        bool bar = line[i] == '|' && line[i - 1] != '\\';
        if (!bar && (line[i] != '\\' || line[i + 1] != '|'))
            p->status = nvc_text_add(&cell, line + i, 1, p->err);
        if (!bar || p->status)
            continue;
        size_t from = 0;
        while (cell.len && cell.data[cell.len - 1] == ' ')
            cell.data[--cell.len] = '\0';
        while (from < cell.len && cell.data[from] == ' ')
            from++;
        p->status = nvc_cells_text(c, cell.len ? cell.data + from : "", p->err);
        cell.len = 0;
    }
    nvc_text_release(&cell);
}

/* A table that has ended. */
static void markdown_table(struct report_page *p, const struct report_file *f, struct nvc_cells *c, const char *caption)
{
    if (c->n && !p->status && (!c->n_cols || c->n % c->n_cols))
        p->status = nvc_fail(p->err, NVC_EDATA, "%s: a table whose rows differ in length", f->path);
    if (c->n)
        report_table(p, c, *caption ? caption : NULL);
    *c = (struct nvc_cells){ 0 };
}

/* A table in Markdown, the line before it its caption; other lines become paragraphs. */
static void markdown(struct report_page *p, const struct report_file *f)
{
    struct nvc_cells c = { 0 };
    struct nvc_text line = { 0 };
    for (const char *at = f->bytes, *end = f->bytes + f->n; at < end && !p->status;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = stop ? (size_t)(stop - at) : (size_t)(end - at);
        bool row = n > 1 && *at == '|', rule = row && strspn(at, "|-: ") >= n;
        if (row && !rule)
            markdown_row(p, &c, at, n);
        if (rule && !c.n_cols)
            c.n_cols = c.n;
        if (!row && c.n) {
            markdown_table(p, f, &c, line.len ? line.data : "");
            line.len = 0;
        }
        if (!row && n && line.len)
            report_text(p, "p", line.data);
        if (!row && n)
            line.len = 0;
        if (!row && n && !p->status)
            p->status = nvc_text_add(&line, at, n, p->err);
        at += n + 1;
    }
    if (c.n)
        markdown_table(p, f, &c, line.len ? line.data : "");
    else if (line.len)
        report_text(p, "p", line.data);
    nvc_cells_release(&c);
    nvc_text_release(&line);
}

static void texts(struct report_page *p, const struct report_files *f, enum report_kind kind)
{
    for (size_t i = 0; i < f->n && !p->status; i++) {
        if (f->items[i].kind == kind && kind == REPORT_MARKDOWN)
            markdown(p, &f->items[i]);
        else if (f->items[i].kind == kind)
            report_text(p, "pre", f->items[i].bytes);
    }
}

/* What was done to the runs, in the words of a methods section. */
static void methods_of_runs(struct report_page *p, const struct report_files *f)
{
    for (size_t i = 0; i < f->n && !p->status; i++) {
        const struct nvc_table *t = &f->items[i].table;
        struct nvc_text line = { 0 };
        if (f->items[i].kind != REPORT_GLM || !t->n_rows)
            continue;
        p->status = nvc_text_printf(&line, p->err, "%s, task %s%s%s, atlas %s: the series of each region was modelled by a general linear model with "
                                    "noise model %s, over %s volumes of which %s were censored; residual degrees of freedom %.0f. Percent signal change "
                                    "refers to an isolated event of %s s.", report_cell(t, 0, "participant_id"), report_cell(t, 0, "task"),
                                    strcmp(report_cell(t, 0, "run"), "n/a") ? ", run " : "", strcmp(report_cell(t, 0, "run"), "n/a") ? report_cell(t, 0, "run") : "",
                                    report_cell(t, 0, "atlas"), report_cell(t, 0, "noise"), report_cell(t, 0, "n_vol"), report_cell(t, 0, "n_censored"),
                                    report_real(t, 0, "dof"), report_cell(t, 0, "event_duration_s"));
        if (!p->status)
            report_text(p, "p", line.data);
        nvc_text_release(&line);
    }
}

static void limits(struct report_page *p)
{
    static const char *const cannot[] = {
        "A BOLD response mixes neural activity, blood flow, blood volume and oxygen consumption. Only rows of class coupling, in which "
        "blood flow or a calibrated signal enters, speak of neurovascular coupling; a smaller response may be less activity, another baseline "
        "flow, a drug, or a voxel that missed the nucleus.",
        "No atlas knows where the amygdala of one person lies. Look at the outline on the run before a number is believed, and at how far it moves "
        "with the atlas.",
        "A verdict of pass says that nothing was found, not that nothing is there. Signal dropout, veins, motion and physiology go with illness, "
        "age and medication.",
        "An interval tells how precise a number is in this run, not how well it would repeat: contrasts of the amygdala repeat poorly between "
        "sessions.",
        "There are no norms. A value of one person means nothing without a group that was measured in the same way.",
    };
    report_text(p, "h2", "What the numbers cannot tell");
    for (size_t i = 0; i < sizeof cannot / sizeof *cannot; i++)
        report_text(p, "p", cannot[i]);
}

/* A page without a word on them would look as if they had been looked at. */
static void empty_tables(struct report_page *p, const struct report_files *f)
{
    for (size_t i = 0; i < f->n && !p->status; i++) {
        const struct report_file *file = &f->items[i];
        struct nvc_text line = { 0 };
        if (file->n || file->table.n_rows)
            continue;
        p->status = nvc_text_printf(&line, p->err, "%s holds no row: nothing of it is on this page.", file->name);
        if (!p->status)
            p->status = nvc_page_text(p->out, "p", "banner", line.data, p->err);
        nvc_text_release(&line);
    }
}

int report_write(struct nvc_text *out, const struct report_files *f, const char *title, struct nvc_error *err)
{
    struct report_page p = { .out = out, .err = err };
    char heading[320];
    count_participants(&p, f);
    (void)snprintf(heading, sizeof heading, "%s", title ? title : p.n_participants == 1 ? p.participant : p.n_participants ? "Cohort" : "Report");
    p.status = nvc_page_begin(out, heading, err);
    report_text(&p, "h1", heading);
    if (!p.status)
        p.status = nvc_page_text(out, "p", "banner", "A research measure, not a diagnosis. Nothing here was validated for decisions about a patient.", err);
    empty_tables(&p, f);
    report_quality(&p, f);
    pictures(&p, f, true);
    report_indices(&p, f);
    report_group(&p, f, true);
    pictures(&p, f, false);
    if (report_count(f, REPORT_MARKDOWN))
        report_text(&p, "h2", "Participants");
    texts(&p, f, REPORT_MARKDOWN);
    report_group(&p, f, false);
    report_atlases(&p, f);
    report_others(&p, f);
    report_quality_of_all(&p, f);
    limits(&p);
    report_text(&p, "h2", "Methods");
    texts(&p, f, REPORT_TEXT);
    methods_of_runs(&p, f);
    report_text(&p, "p", "Computed with " PACKAGE_STRING ". Columns are explained in nvc-tables(5).");
    return p.status ? p.status : nvc_page_end(out, err);
}
