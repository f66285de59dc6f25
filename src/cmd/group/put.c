/* The tables, figures and texts of nvc-group. */
#include "base/memory.h"
#include "cli/output.h"
#include "cmd/group/job.h"
#include "io/json.h"
#include "plot/forest_plot.h"
#include "plot/group_figures.h"
#include "table/demographics.h"
#include "table/flow.h"
#include "table/forks.h"
#include "table/group.h"
#include "table/model.h"
#include "table/normative.h"
#include "table/one_sample.h"
#include "table/scores.h"
#include "table/sensitivity.h"
#include "table/specificity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Hand over a table that was put together with this status; those with every number get a sidecar. */
static int hand_over(const struct work *w, const char *path, const struct nvc_column *columns, struct nvc_text *text,
                     int status, struct nvc_error *err)
{
    char seed[16];
    enum nvc_table_kind kind = nvc_table_kind_of(path);
    json_t *more = *w->lock_sha256
                       ? json_pack("{s:s, s:s}", "AnalysisSHA256", w->lock_sha256, "AnalysisDeclared", w->locked_at)
                       : NULL;
    struct nvc_sidecar sidecar = {
        .columns = columns, .inputs = w->marks.items, .n_inputs = w->marks.n, .seed = seed, .more = more
    };
    (void)!snprintf(seed, sizeof seed, "%d", w->o->seed);
    if (!status)
        status = nvc_output(path, text, columns && (kind == NVC_TSV || kind == NVC_CSV) ? &sidecar : NULL, err);
    json_decref(more);
    nvc_text_release(text);
    return status;
}

static int put_group(const struct work *w, const char *path, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    struct nvc_group_heading heading = { w->groups.labels[1], w->groups.labels[0], w->covariate_text };
    int status = nvc_group_write(&text, &w->table, &heading, nvc_table_kind_of(path), err);
    return hand_over(w, path, nvc_group_columns, &text, status, err);
}

/* A further table when its path was given. */
#define PUT(PATH, COLUMNS, WRITE, TABLE) \
    do { \
        struct nvc_text text = { 0 }; \
        if (!status && (PATH)) \
            status = hand_over(w, (PATH), COLUMNS, &text, WRITE(&text, &(TABLE), nvc_table_kind_of(PATH), err), err); \
    } while (0)

static int put_tables(const struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    struct nvc_text demographics = { 0 };
    int status = put_group(w, o->output, err);
    for (size_t i = 0; i < o->also.n && !status; i++)
        status = put_group(w, o->also.items[i], err);
    if (!status && o->demographics) {
        status = nvc_demographics_write(&demographics, &w->demographics, w->groups.labels[1], w->groups.labels[0],
                                        nvc_table_kind_of(o->demographics), err);
        status = hand_over(w, o->demographics, nvc_demographics_columns, &demographics, status, err);
    }
    PUT(o->flow, nvc_flow_columns, nvc_flow_write, w->flow);
    PUT(o->sensitivity, nvc_sensitivity_columns, nvc_sensitivity_write, w->sensitivity);
    PUT(o->specificity, nvc_specificity_columns, nvc_specificity_write, w->specificity);
    PUT(o->one_sample, nvc_one_sample_columns, nvc_one_sample_write, w->one_sample);
    PUT(o->normative, nvc_normative_columns, nvc_normative_write, w->normative);
    PUT(o->correlations, nvc_scores_columns, nvc_scores_write, w->scores);
    PUT(o->model, nvc_model_columns, nvc_model_write, w->model);
    PUT(o->curve_table, nvc_forks_columns, nvc_forks_write, w->forks);
    return status;
}

static int put_figure(const struct work *w, const char *path, enum nvc_group_figure figure, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    enum nvc_picture kind;
    int status = nvc_picture_of(path, &kind, err);
    if (!status)
        status = nvc_group_draw(&text, kind, figure, &w->table, &w->cohort, &w->groups, &w->o->show, err);
    return hand_over(w, path, NULL, &text, status, err);
}

struct fork_text {
    char label[320], numbers[96];
};

/* What all forks of a set say together: their median, and one p for all. */
static struct nvc_forest_line of_set(struct fork_text *text, const struct nvc_fork_row *r)
{
    char p[32];
    nvc_print_p(p, r->p_mean);
    (void)!snprintf(text->label, sizeof text->label, "all %zu forks of %.200s", r->forks, r->set);
    (void)!snprintf(text->numbers, sizeof text->numbers, isnan(r->median_g) ? "n/a" : isnan(r->p_mean) ? "median %.2f" : "median %.2f, joint p %s",
                    r->median_g, p);
    return (struct nvc_forest_line){ text->label, text->numbers, NAN, NAN, NAN, 1, true };
}

/* All forks of all sets, each set in the order of its effects. */
static int put_curve(const struct work *w, const char *path, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    const struct nvc_forks *f = &w->forks;
    struct nvc_forest_line *lines = nvc_array(2 * f->n, sizeof *lines, err);
    struct fork_text *texts = nvc_array(2 * f->n, sizeof *texts, err);
    size_t n = 0;
    enum nvc_picture kind;
    int status = lines && texts ? nvc_picture_of(path, &kind, err) : NVC_ESYS;
    for (size_t i = 0; i < f->n && !status; i++) {
        const struct nvc_fork_row *r = &f->rows[i];
        char name[256];
        if (!i || strcmp(r->set, f->rows[i - 1].set) != 0)
            lines[n] = of_set(&texts[n], r), n++;
        nvc_key_name(name, &r->key);
        (void)!snprintf(texts[n].label, sizeof texts[n].label, "%s %s", r->key.atlas, name);
        (void)!snprintf(texts[n].numbers, sizeof texts[n].numbers, isnan(r->g) ? "n/a" : "%.2f [%.2f, %.2f]", r->g,
                        r->g_low, r->g_high);
        lines[n] = (struct nvc_forest_line){ texts[n].label, texts[n].numbers, r->g,
                                             r->g_low,       r->g_high,        (double)(r->n_case + r->n_control),
                                             false };
        n++;
    }
    if (!status)
        status = nvc_forest_plot(&text, kind, lines, n, &(struct nvc_forest_words){
            .axis = "Hedges g with 95 % interval", .head = "g [95 % interval]",
            .about = "Hedges g with its 95 % interval under every way of analysis, each family in the order of its effects; the area of a dot "
                     "goes with the number of people." }, err);
    free(lines);
    free(texts);
    return hand_over(w, path, NULL, &text, status, err);
}

int nvc_group_put(const struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    int status = put_tables(w, err);
    if (!status && o->figure)
        status = put_figure(w, o->figure, NVC_FIGURE_POINTS, err);
    if (!status && o->forest)
        status = put_figure(w, o->forest, NVC_FIGURE_FOREST, err);
    if (!status && o->roc)
        status = put_figure(w, o->roc, NVC_FIGURE_ROC, err);
    if (!status && o->curve_figure)
        status = put_curve(w, o->curve_figure, err);
    if (!status && o->methods) {
        struct nvc_text text = { 0 };
        status = nvc_group_methods(w, &text, err);
        status = hand_over(w, o->methods, NULL, &text, status, err);
    }
    return status;
}
