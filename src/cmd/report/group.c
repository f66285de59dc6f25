#include "cmd/report/page.h"

#include "table/group.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void label(char out[static 640], const struct report_files *f, const struct nvc_table *t, size_t r)
{
    static const char *const columns[] = { "index", "contrast", "region", "side", "task", "session", "atlas" };
    const char *words[sizeof columns / sizeof *columns], *unit = report_cell(t, r, "unit");
    enum { WORDS = sizeof columns / sizeof *columns, ALWAYS = 4 }; /* the others only where they differ */
    for (size_t k = 0; k < WORDS; k++)
        words[k] = k < ALWAYS || !report_common(f, REPORT_GROUP, columns[k]) ? report_cell(t, r, columns[k]) : "n/a";
    report_joined(out, 600, words, WORDS);
    size_t len = strlen(out);
    if (strcmp(unit, "n/a") != 0)
        (void)snprintf(out + len, 640 - len, " (%.30s)", unit);
}

/* "0.258 (0.190), 24" */
static void mean_of(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t, size_t r, const char *const columns[3])
{
    char mean[32], sd[32], text[160];
    double v = report_real(t, r, columns[0]);
    nvc_print_number(mean, v, 3);
    nvc_print_number(sd, report_real(t, r, columns[1]), 3);
    (void)snprintf(text, sizeof text, "%s (%s), %.40s", mean, sd, report_cell(t, r, columns[2]));
    report_put(p, c, isnan(v) ? "n/a" : text);
}

static void row(struct report_page *p, struct nvc_cells *c, const struct report_files *f, const struct nvc_table *t, size_t r, bool adjusted)
{
    char text[640];
    label(text, f, t, r);
    report_put(p, c, text);
    mean_of(p, c, t, r, (const char *const[]){ "mean_case", "sd_case", "n_case" });
    mean_of(p, c, t, r, (const char *const[]){ "mean_control", "sd_control", "n_control" });
    report_interval(p, c, report_real(t, r, "diff"), report_real(t, r, "diff_ci_low"), report_real(t, r, "diff_ci_high"));
    report_p(p, c, report_real(t, r, "p"));
    report_interval(p, c, report_real(t, r, "hedges_g"), report_real(t, r, "hedges_g_ci_low"), report_real(t, r, "hedges_g_ci_high"));
    if (adjusted) {
        report_interval(p, c, report_real(t, r, "adj_diff"), report_real(t, r, "adj_ci_low"), report_real(t, r, "adj_ci_high"));
        report_p(p, c, report_real(t, r, "adj_p"));
    }
    report_p(p, c, report_real(t, r, "q"));
}

static void block(struct report_page *p, struct nvc_cells *c, const struct report_files *f, const struct nvc_table *t, size_t b, bool adjusted)
{
    bool first = true;
    for (size_t r = 0; r < t->n_rows && !p->status; r++) {
        if (strcmp(report_cell(t, r, "role"), nvc_role_of_row_names[nvc_group_blocks[b].role]) != 0)
            continue;
        if (first)
            p->status = nvc_cells_heading(c, nvc_group_blocks[b].heading, p->err);
        row(p, c, f, t, r, adjusted);
        first = false;
    }
}

/* The rows that were asked for, or the others. */
static void part(struct report_page *p, const struct report_files *f, const struct nvc_table *t, bool want, const char *what)
{
    const char *covariates = report_cell(t, 0, "covariates");
    bool adjusted = strcmp(covariates, "n/a") != 0;
    struct nvc_cells c = { 0 };
    char caption[640], name[2][320];
    for (int k = 0; k < 2; k++)
        (void)snprintf(name[k], sizeof name[k], "%.200s: mean (SD), n", report_cell(t, 0, k ? "control" : "case"));
    report_header(p, &c, (const char *const[]){ "index", name[0], name[1], "difference [95 %]", "p", "Hedges g [95 %]", NULL });
    if (adjusted)
        report_header(p, &c, (const char *const[]){ "adjusted difference [95 %]", "adjusted p", NULL });
    report_head(p, &c, "q");
    for (size_t b = want ? 0 : NVC_GROUP_BLOCKS_ASKED, end = want ? NVC_GROUP_BLOCKS_ASKED : NVC_GROUP_BLOCKS; b < end; b++)
        block(p, &c, f, t, b, adjusted);
    (void)snprintf(caption, sizeof caption, "%s: %.150s minus %.150s%s%.200s", what, report_cell(t, 0, "case"), report_cell(t, 0, "control"),
                   adjusted ? ", adjusted for " : "", adjusted ? covariates : "");
    if (c.n > c.n_cols)
        report_table(p, &c, caption);
    nvc_cells_release(&c);
}

void report_group(struct report_page *p, const struct report_files *f, bool asked_for)
{
    bool any = false;
    for (size_t i = 0; i < f->n && !p->status; i++) {
        const struct nvc_table *t = &f->items[i].table;
        if (f->items[i].kind != REPORT_GROUP || !t->n_rows)
            continue;
        if (!any)
            report_text(p, "h2", asked_for ? "Cases against controls" : "Rows that follow from these, negative controls, and data quality by group");
        any = true;
        part(p, f, t, asked_for, asked_for ? "Indices by group" : "Further rows");
    }
}
