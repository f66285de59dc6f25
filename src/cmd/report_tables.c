#include "cmd/report_page.h"

#include "base/memory.h"
#include "base/number.h"
#include "model/quality/qc.h"
#include "plot/forest_plot.h"
#include "plot/quality_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 200, MOST_LINES = 60 };

/* A table under construction. */
static void header(struct report_page *p, struct nvc_cells *c, const char *const *names)
{
    for (c->n_cols = 0; names[c->n_cols] && !p->status; c->n_cols++)
        p->status = nvc_cells_text(c, names[c->n_cols], p->err);
}

static void put(struct report_page *p, struct nvc_cells *c, const char *text)
{
    if (!p->status)
        p->status = nvc_cells_text(c, text, p->err);
}

static void put_number(struct report_page *p, struct nvc_cells *c, double v, int digits)
{
    char text[32];
    nvc_print_number(text, v, digits);
    put(p, c, text);
}

static void put_p(struct report_page *p, struct nvc_cells *c, double v)
{
    char text[32];
    nvc_print_p(text, v);
    put(p, c, text);
}

/* "0.31 [0.12, 0.50]" */
static void interval_text(char out[static 112], double v, double low, double high)
{
    char a[32], b[32], d[32];
    nvc_print_number(a, v, 3);
    nvc_print_number(b, low, 3);
    nvc_print_number(d, high, 3);
    (void)snprintf(out, 112, isfinite(low) && isfinite(high) ? "%s [%s, %s]" : "%s", a, b, d);
}

static void put_interval(struct report_page *p, struct nvc_cells *c, double v, double low, double high)
{
    char text[112];
    interval_text(text, v, low, high);
    put(p, c, text);
}

/* Words joined by blanks, n/a left out. */
static void joined(char *out, size_t size, const char *const *words, size_t n)
{
    *out = '\0';
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], "n/a") != 0)
            (void)snprintf(out + strlen(out), size - strlen(out), "%s%s", *out ? " " : "", words[i]);
}

static void put_region(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t, size_t r)
{
    char text[320];
    joined(text, sizeof text, (const char *const[]){ report_cell(t, r, "region"), report_cell(t, r, "side") }, 2);
    put(p, c, text);
}

static size_t count_of(const struct report_files *f, enum report_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->items[i].kind == kind;
    return n;
}

/* ---- quality ------------------------------------------------------------------------------------ */

/* Which questions were not passed: "coverage flag, vein flag". */
static void reasons(char out[static 320], const struct nvc_table *t, size_t r)
{
    static const char *const questions[] = { "coverage", "tsnr", "dropout", "motion", "task_motion", "vein" };
    *out = '\0';
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        char column[64];
        (void)snprintf(column, sizeof column, "verdict_%s", questions[i]);
        const char *word = report_cell(t, r, column);
        if (!strcmp(word, "flag") || !strcmp(word, "fail"))
            (void)snprintf(out + strlen(out), 320 - strlen(out), "%s%s: %s", *out ? ", " : "", questions[i], word);
    }
}

static void quality_rows(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t)
{
    for (size_t r = 0; r < t->n_rows && !p->status; r++) {
        char who[640], why[320];
        joined(who, sizeof who, (const char *const[]){ report_cell(t, r, "participant_id"), report_cell(t, r, "session"), report_cell(t, r, "task"),
                                                       report_cell(t, r, "run") }, 4);
        put(p, c, who);
        put_region(p, c, t, r);
        put(p, c, report_cell(t, r, "atlas"));
        put(p, c, report_cell(t, r, "verdict"));
        reasons(why, t, r);
        put(p, c, *why ? why : "nothing");
        put_number(p, c, report_real(t, r, "signal_coverage"), 3);
        put_number(p, c, report_real(t, r, "tsnr_median"), 3);
        put_number(p, c, report_real(t, r, "dropout"), 3);
        put_number(p, c, report_real(t, r, "fd_mean_mm"), 3);
        put_number(p, c, report_real(t, r, "task_motion_r"), 2);
        put_number(p, c, report_real(t, r, "vein_t"), 2);
    }
}

static int rank_of(const char *verdict)
{
    return !strcmp(verdict, "fail") ? 3 : !strcmp(verdict, "flag") ? 2 : !strcmp(verdict, "pass") ? 1 : 0;
}

static void worsen(struct nvc_quality_line *l, const struct nvc_table *t, size_t r)
{
    const char *verdict = report_cell(t, r, "verdict");
    if (rank_of(verdict) > rank_of(l->verdict))
        l->verdict = verdict;
    l->coverage = fmin(l->coverage, report_real(t, r, "signal_coverage")); /* fmin and fmax pass over NaN */
    l->tsnr = fmin(l->tsnr, report_real(t, r, "tsnr_median"));
    l->fd_mm = fmax(l->fd_mm, report_real(t, r, "fd_mean_mm"));
}

/* One line a participant, in the order in which they come. */
static void overview(struct report_page *p, const struct report_files *f)
{
    static const struct nvc_qc_limits limits = NVC_QC_DEFAULT_LIMITS;
    struct nvc_quality_line *lines = NULL;
    struct nvc_text picture = { 0 };
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < f->n; i++)
        for (size_t r = 0; f->items[i].kind == REPORT_QUALITY && r < f->items[i].table.n_rows && !p->status; r++) {
            const char *who = report_cell(&f->items[i].table, r, "participant_id");
            size_t k = 0;
            while (k < n && strcmp(lines[k].label, who) != 0)
                k++;
            if (k == n && !(p->status = nvc_grow(&lines, &cap, n + 1, sizeof *lines, p->err)))
                lines[n++] = (struct nvc_quality_line){ who, "n/a", NAN, NAN, NAN };
            if (!p->status)
                worsen(&lines[k], &f->items[i].table, r);
        }
    if (!p->status && n)
        p->status = nvc_quality_plot(&picture, NVC_SVG, lines, n, (const double[]){ limits.coverage_flag, limits.tsnr_flag, limits.fd_flag_mm }, p->err);
    if (!p->status && n)
        report_picture(p, "image/svg+xml", picture.data, picture.len,
                       "One line a participant: the worst of all regions and runs. Dashed: where a value is flagged by default.");
    nvc_text_release(&picture);
    free(lines);
}

void report_quality(struct report_page *p, const struct report_files *f)
{
    static const char *const names[] = { "run", "region", "atlas", "verdict", "because of", "signal coverage", "tSNR", "dropout", "mean FD (mm)",
                                         "task and motion r", "vein t", NULL };
    struct nvc_cells c = { 0 };
    if (!count_of(f, REPORT_QUALITY))
        return;
    report_text(p, "h2", "Can the numbers be believed?");
    if (p->n_participants > 1)
        overview(p, f);
    header(p, &c, names);
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].kind == REPORT_QUALITY)
            quality_rows(p, &c, &f->items[i].table);
    report_table(p, &c, "Quality of each region of each run (nvc-qc)");
}

/* ---- indices of one person ------------------------------------------------------------------------- */

/* Percent signal change of each condition, drawn. */
static void forest(struct report_page *p, const struct report_files *f)
{
    struct line { char label[320], numbers[112]; } *texts = nvc_array(MOST_LINES, sizeof *texts, p->err);
    struct nvc_forest_line *lines = texts ? nvc_array(MOST_LINES, sizeof *lines, p->err) : NULL;
    struct nvc_text picture = { 0 };
    size_t n = 0;
    if (!lines)
        p->status = NVC_ESYS;
    for (size_t i = 0; i < f->n && !p->status; i++)
        for (size_t r = 0; f->items[i].kind == REPORT_INDICES && r < f->items[i].table.n_rows && n < MOST_LINES; r++) {
            const struct nvc_table *t = &f->items[i].table;
            double v = report_real(t, r, "value"), low = report_real(t, r, "ci_low"), high = report_real(t, r, "ci_high");
            if (strcmp(report_cell(t, r, "index"), "psc") != 0 || isnan(v))
                continue;
            joined(texts[n].label, sizeof texts[n].label, (const char *const[]){ report_cell(t, r, "contrast"), report_cell(t, r, "region"),
                   report_cell(t, r, "side"), report_cell(t, r, "run"), report_cell(t, r, "atlas") }, 5);
            interval_text(texts[n].numbers, v, low, high);
            lines[n] = (struct nvc_forest_line){ texts[n].label, texts[n].numbers, v, low, high, 1, false };
            n++;
        }
    if (!p->status && n)
        p->status = nvc_forest_plot(&picture, NVC_SVG, lines, n, "percent signal change, 95 % interval", NULL, NULL, p->err);
    if (!p->status && n)
        report_picture(p, "image/svg+xml", picture.data, picture.len, "Percent signal change of each condition and region");
    nvc_text_release(&picture);
    free(lines);
    free(texts);
}

static void index_rows(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t)
{
    for (size_t r = 0; r < t->n_rows && !p->status; r++) {
        char run[320];
        put(p, c, report_cell(t, r, "index"));
        put(p, c, report_cell(t, r, "contrast"));
        put_region(p, c, t, r);
        put(p, c, report_cell(t, r, "atlas"));
        joined(run, sizeof run, (const char *const[]){ report_cell(t, r, "session"), report_cell(t, r, "task"), report_cell(t, r, "run") }, 3);
        put(p, c, run);
        put_interval(p, c, report_real(t, r, "value"), report_real(t, r, "ci_low"), report_real(t, r, "ci_high"));
        put(p, c, report_cell(t, r, "unit"));
        put(p, c, report_cell(t, r, "class"));
        put(p, c, report_cell(t, r, "note"));
    }
}

void report_indices(struct report_page *p, const struct report_files *f)
{
    static const char *const names[] = { "index", "contrast", "region", "atlas", "run", "value [95 % interval]", "unit", "class", "note", NULL };
    struct nvc_cells c = { 0 };
    if (!count_of(f, REPORT_INDICES) || p->n_participants > 1)
        return;
    report_text(p, "h2", "Indices");
    if (!p->status)
        forest(p, f);
    header(p, &c, names);
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].kind == REPORT_INDICES)
            index_rows(p, &c, &f->items[i].table);
    report_table(p, &c, "Indices of this person");
}

/* ---- the group --------------------------------------------------------------------------------- */

static void group_rows(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t)
{
    for (size_t r = 0; r < t->n_rows && !p->status; r++) {
        char label[640], n[96], mean[2][96];
        joined(label, sizeof label, (const char *const[]){ report_cell(t, r, "index"), report_cell(t, r, "contrast"), report_cell(t, r, "region"),
               report_cell(t, r, "side"), report_cell(t, r, "task"), report_cell(t, r, "session"), report_cell(t, r, "atlas") }, 7);
        put(p, c, label);
        put(p, c, report_cell(t, r, "unit"));
        (void)snprintf(n, sizeof n, "%s / %s", report_cell(t, r, "n_case"), report_cell(t, r, "n_control"));
        put(p, c, n);
        for (int k = 0; k < 2; k++) {
            char a[32], b[32];
            nvc_print_number(a, report_real(t, r, k ? "mean_control" : "mean_case"), 3);
            nvc_print_number(b, report_real(t, r, k ? "sd_control" : "sd_case"), 3);
            (void)snprintf(mean[k], sizeof mean[k], "%s (%s)", a, b);
            put(p, c, mean[k]);
        }
        put_interval(p, c, report_real(t, r, "diff"), report_real(t, r, "diff_ci_low"), report_real(t, r, "diff_ci_high"));
        put_p(p, c, report_real(t, r, "p"));
        put_interval(p, c, report_real(t, r, "hedges_g"), report_real(t, r, "hedges_g_ci_low"), report_real(t, r, "hedges_g_ci_high"));
        put_interval(p, c, report_real(t, r, "adj_diff"), report_real(t, r, "adj_ci_low"), report_real(t, r, "adj_ci_high"));
        put_p(p, c, report_real(t, r, "adj_p"));
        put_p(p, c, report_real(t, r, "q"));
    }
}

void report_group(struct report_page *p, const struct report_files *f)
{
    static const char *const names[] = { "index", "unit", "n", "cases: mean (sd)", "controls: mean (sd)", "difference [95 %]", "p", "Hedges g [95 %]",
                                         "adjusted difference [95 %]", "p", "q", NULL };
    for (size_t i = 0; i < f->n && !p->status; i++) {
        const struct nvc_table *t = &f->items[i].table;
        struct nvc_cells c = { 0 };
        char caption[640];
        if (f->items[i].kind != REPORT_GROUP)
            continue;
        report_text(p, "h2", "Cases against controls");
        header(p, &c, names);
        group_rows(p, &c, t);
        const char *covariates = t->n_rows ? report_cell(t, 0, "covariates") : "n/a";
        bool adjusted = strcmp(covariates, "n/a") != 0;
        (void)snprintf(caption, sizeof caption, "%s against %s; differences are cases minus controls%s%s", t->n_rows ? report_cell(t, 0, "case") : "cases",
                       t->n_rows ? report_cell(t, 0, "control") : "controls", adjusted ? "; adjusted for " : "", adjusted ? covariates : "");
        report_table(p, &c, caption);
    }
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
            put(p, &c, t->names[k]), c.n_cols++;
    for (size_t r = 0; shown && r < t->n_rows && r < MOST_ROWS; r++)
        for (size_t k = 0; k < t->n_cols; k++) {
            const char *text = nvc_table_cell(t, r, k);
            double v;
            if (!shown[k])
                continue;
            if (nvc_parse_real(text, strlen(text), &v) && strpbrk(text, ".eE"))
                put_number(p, &c, v, 3);
            else
                put(p, &c, text);
        }
    (void)snprintf(caption, sizeof caption, t->n_rows > MOST_ROWS ? "%.255s: the first %d of %zu rows" : "%.255s", f->name, MOST_ROWS, t->n_rows);
    if (c.n_cols)
        report_table(p, &c, caption);
    nvc_cells_release(&c);
    free(shown);
}

static void all_of(struct report_page *p, const struct report_files *f, enum report_kind kind, const char *heading)
{
    if (count_of(f, kind))
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
