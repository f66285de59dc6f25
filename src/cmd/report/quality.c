#include "cmd/report/page.h"

#include "base/memory.h"
#include "model/quality/qc.h"
#include "plot/quality_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LINES = 60, MOST_ROWS = 200 };

/* What nvc-qc asks of a region, and its verdicts by name. */
static const struct question {
    const char *name, *verdict, *asks;
} questions[] = {
    { "coverage", "verdict_coverage", "is there signal wherever the mask lies?" },
    { "tSNR", "verdict_tsnr", "is the signal steady enough over time?" },
    { "dropout", "verdict_dropout", "is it near the signal of the brain, not lost to the field?" },
    { "motion", "verdict_motion", "did the person lie still?" },
    { "task motion", "verdict_task_motion", "is the motion independent of the task?" },
    { "vein", "verdict_vein", "does the region respond, and not a vein beside it?" },
    { "all", "verdict", "the worst of these" },
};
enum { QUESTIONS = sizeof questions / sizeof *questions, ALL = QUESTIONS - 1 };

static int rank_of(const char *verdict)
{
    return !strcmp(verdict, "fail") ? NVC_VERDICT_FAIL : !strcmp(verdict, "flag") ? NVC_VERDICT_FLAG : !strcmp(verdict, "pass") ? NVC_VERDICT_PASS
                                                                                                                             : NVC_VERDICT_NA;
}

/* Which questions were not passed: "coverage (fail), vein". */
static void reasons(char out[static 320], const struct nvc_table *t, size_t r)
{
    size_t len = 0;
    (void)snprintf(out, 320, "nothing");
    for (size_t i = 0; i < ALL; i++) {
        int rank = rank_of(report_cell(t, r, questions[i].verdict));
        if (rank >= NVC_VERDICT_FLAG)
            len += (size_t)snprintf(out + len, 320 - len, "%s%s%s", len ? ", " : "", questions[i].name, rank == NVC_VERDICT_FAIL ? " (fail)" : "");
    }
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

static size_t line_of(struct report_page *p, struct nvc_quality_line **lines, size_t *n, size_t *cap, const char *who)
{
    size_t k = 0;
    while (k < *n && strcmp((*lines)[k].label, who) != 0)
        k++;
    if (k == *n && !(p->status = nvc_grow(lines, cap, *n + 1, sizeof **lines, p->err)))
        (*lines)[(*n)++] = (struct nvc_quality_line){ who, "n/a", NAN, NAN, NAN };
    return k;
}

/* Of many people those who did not pass come first, and a picture shows no more than can be read. */
static size_t shorten(struct nvc_quality_line *lines, size_t n)
{
    size_t kept = 0;
    for (int rank = NVC_VERDICT_FAIL; n > MOST_LINES && rank >= NVC_VERDICT_NA; rank--)
        for (size_t i = kept; i < n; i++)
            if (rank_of(lines[i].verdict) == rank) {
                struct nvc_quality_line found = lines[i];
                memmove(lines + kept + 1, lines + kept, (i - kept) * sizeof *lines);
                lines[kept++] = found;
            }
    return n > MOST_LINES ? MOST_LINES : n;
}

/* One line a participant, in the order in which they come. */
static void everybody(struct report_page *p, const struct report_files *f)
{
    static const struct nvc_qc_limits limits = NVC_QC_DEFAULT_LIMITS;
    struct nvc_quality_line *lines = NULL;
    struct nvc_text picture = { 0 };
    size_t n = 0, cap = 0;
    char caption[240];
    for (size_t i = 0; i < f->n; i++)
        for (size_t r = 0; f->items[i].kind == REPORT_QUALITY && r < f->items[i].table.n_rows && !p->status; r++) {
            const struct nvc_table *t = &f->items[i].table;
            size_t k = line_of(p, &lines, &n, &cap, report_cell(t, r, "participant_id"));
            if (!p->status)
                worsen(&lines[k], t, r);
        }
    size_t shown = shorten(lines, n);
    if (!p->status && n)
        p->status = nvc_quality_plot(&picture, NVC_SVG, lines, shown, (const double[]){ limits.coverage_flag, limits.tsnr_flag, limits.fd_flag_mm }, p->err);
    int len = snprintf(caption, sizeof caption, "One line a participant: the worst of all regions and runs. Dashed: where a value is flagged by default.");
    if (shown < n)
        (void)snprintf(caption + len, sizeof caption - (size_t)len, " %zu of %zu participants, the worst verdicts first.", shown, n);
    if (!p->status && n)
        report_picture(p, "image/svg+xml", picture.data, picture.len, caption);
    nvc_text_release(&picture);
    free(lines);
}

/* How many regions of runs got each verdict. */
static void verdicts(struct report_page *p, const struct report_files *f)
{
    struct nvc_cells c = { 0 };
    report_header(p, &c, (const char *const[]){ "question", "asked", "pass", "flag", "fail", "not known", NULL });
    for (size_t q = 0; q < QUESTIONS; q++) {
        size_t n[4] = { 0 };
        for (size_t i = 0; i < f->n; i++)
            for (size_t r = 0; f->items[i].kind == REPORT_QUALITY && r < f->items[i].table.n_rows; r++)
                n[rank_of(report_cell(&f->items[i].table, r, questions[q].verdict))]++;
        report_put(p, &c, questions[q].name);
        report_put(p, &c, questions[q].asks);
        for (int k = 0; k < 4; k++)
            report_number(p, &c, (double)n[(k + 1) % 4], 1);
    }
    report_table(p, &c, "Regions of runs by verdict (nvc-qc)");
}

static void quality_rows(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t, bool with_atlas, bool all)
{
    for (size_t r = 0; r < t->n_rows && !p->status; r++) {
        char who[640], why[320];
        if (!all && rank_of(report_cell(t, r, "verdict")) < NVC_VERDICT_FLAG)
            continue;
        report_joined(who, sizeof who, (const char *const[]){ report_cell(t, r, "participant_id"), report_cell(t, r, "session"),
                                                              report_cell(t, r, "task"), report_cell(t, r, "run") }, 4);
        report_put(p, c, who);
        report_region(p, c, t, r);
        if (with_atlas)
            report_put(p, c, report_cell(t, r, "atlas"));
        report_put(p, c, report_cell(t, r, "verdict"));
        reasons(why, t, r);
        report_put(p, c, why);
        report_number(p, c, report_real(t, r, "signal_coverage"), 3);
        report_number(p, c, report_real(t, r, "tsnr_median"), 3);
        report_number(p, c, report_real(t, r, "dropout"), 3);
        report_number(p, c, report_real(t, r, "fd_mean_mm"), 3);
        report_number(p, c, report_real(t, r, "task_motion_r"), 2);
        report_number(p, c, report_real(t, r, "vein_t"), 2);
    }
}

static void each_region(struct report_page *p, const struct report_files *f)
{
    const char *atlas = report_common(f, REPORT_QUALITY, "atlas");
    struct nvc_cells c = { 0 };
    char caption[400];
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->items[i].kind == REPORT_QUALITY ? f->items[i].table.n_rows : 0;
    report_header(p, &c, (const char *const[]){ "run", "region", NULL });
    if (!atlas)
        report_head(p, &c, "atlas");
    report_header(p, &c, (const char *const[]){ "verdict", "because of", "signal coverage", "tSNR", "signal / brain", "mean FD (mm)",
                                                "task and motion r", "vein t", NULL });
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].kind == REPORT_QUALITY)
            quality_rows(p, &c, &f->items[i].table, !atlas, n <= MOST_ROWS);
    (void)snprintf(caption, sizeof caption, "Quality of each region of each run (nvc-qc)%s%.200s%s", atlas ? ", atlas " : "", atlas ? atlas : "",
                   n > MOST_ROWS ? ": those that did not pass" : "");
    if (n)
        report_table(p, &c, caption);
    nvc_cells_release(&c);
}

void report_quality(struct report_page *p, const struct report_files *f)
{
    if (!report_count(f, REPORT_QUALITY))
        return;
    report_text(p, "h2", "Can the numbers be believed?");
    if (p->n_participants > 1)
        verdicts(p, f);
    else
        each_region(p, f);
}

void report_quality_of_all(struct report_page *p, const struct report_files *f)
{
    if (!report_count(f, REPORT_QUALITY) || p->n_participants < 2)
        return;
    report_text(p, "h2", "Quality of everybody");
    everybody(p, f);
    each_region(p, f);
}
