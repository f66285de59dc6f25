#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/nvc-group.h"
#include "plot/group_figures.h"
#include "table/coupling.h"
#include "table/demographics.h"
#include "table/flow.h"
#include "table/group.h"
#include "table/participants.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that a run holds; zeroed, released as a whole. */
struct work {
    struct nvc_participants who;
    struct nvc_coupling rows;
    struct nvc_contrast_groups groups;
    struct nvc_cohort cohort;
    struct nvc_group_table table;
    struct nvc_demographics demographics;
    struct nvc_flow flow;
    struct nvc_rule *rules;
    const struct nvc_variable *block;
    struct nvc_variable *covariates;
    size_t n_covariates;
    char *covariate_text;
    struct nvc_input_mark *marks;
    size_t n_marks;
};

static void work_release(struct work *w)
{
    nvc_group_table_release(&w->table);
    nvc_demographics_release(&w->demographics);
    nvc_flow_release(&w->flow);
    nvc_cohort_release(&w->cohort);
    nvc_contrast_groups_release(&w->groups);
    nvc_coupling_release(&w->rows);
    nvc_participants_release(&w->who);
    free(w->rules);
    free(w->covariates);
    free(w->covariate_text);
    free(w->marks);
}

static int read_inputs(struct work *w, const struct options *o, char **args, int n_args, struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    size_t n = n_args ? (size_t)n_args : 1;
    int status = nvc_table_read(&t, o->participants, err);
    if (!status && !(w->marks = nvc_array(n + 1, sizeof *w->marks, err)))
        status = NVC_ESYS;
    if (!status) {
        w->marks[w->n_marks++] = (struct nvc_input_mark){ o->participants, t.crc32, t.bytes };
        status = nvc_participants_parse(&w->who, &t, &o->factors, err);
    }
    nvc_table_release(&t);
    for (size_t i = 0; i < n && !status; i++) {
        const char *path = n_args ? args[i] : "-";
        status = nvc_table_read(&t, path, err);
        if (!status) {
            w->marks[w->n_marks++] = (struct nvc_input_mark){ path, t.crc32, t.bytes };
            status = nvc_coupling_parse(&w->rows, &t, err);
        }
        nvc_table_release(&t);
    }
    return status;
}

/* "age,sex": variables of the participants, or qualities of the tables. */
static int find_covariates(struct work *w, const struct options *o, struct nvc_error *err)
{
    static const char *const qualities[] = { "coverage", "mean_fd", "tsnr" };
    if (!o->covariates)
        return 0;
    w->covariate_text = nvc_strdup(o->covariates, err);
    w->covariates = nvc_array(strlen(o->covariates), sizeof *w->covariates, err);
    if (!w->covariate_text || !w->covariates)
        return NVC_ESYS;
    char *rest = w->covariate_text;
    for (char *name = strtok_r(rest, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        const struct nvc_variable *v = NULL;
        int status = nvc_participants_need(&w->who, name, &v, err);
        for (size_t q = 0; q < 3 && status == NVC_EDATA; q++)
            if (!strcmp(name, qualities[q])) {
                w->covariates[w->n_covariates++] = (struct nvc_variable){ .name = qualities[q], .numeric = true };
                status = 0;
            }
        if (status)
            return status;
        if (v && !strcmp(v->name, o->group))
            return nvc_fail(err, NVC_EUSAGE, "--covariates: '%s' is the column of the groups", name);
        if (v)
            w->covariates[w->n_covariates++] = *v;
    }
    return 0;
}

static int bind_rules(struct work *w, const struct options *o, struct nvc_error *err)
{
    int status = (w->rules = nvc_array(o->exclude.n, sizeof *w->rules, err)) ? 0 : NVC_ESYS;
    for (size_t i = 0; i < o->exclude.n && !status; i++) {
        status = nvc_rule_parse(&w->rules[i], o->exclude.items[i], err);
        if (!status)
            status = nvc_rule_bind(&w->rules[i], &w->who, err);
    }
    return status;
}

static int find_block(struct work *w, const struct options *o, struct nvc_error *err)
{
    int status = o->block ? nvc_participants_need(&w->who, o->block, &w->block, err) : 0;
    for (size_t i = 0; w->block && i < w->who.n && !status; i++)
        if (!isnan(w->groups.group.value[i]) && isnan(w->block->value[i]))
            status = nvc_fail(err, NVC_EDATA, "participants: %s has no %s, within which permutations are asked for", w->who.ids.items[i], o->block);
    return status;
}

static struct nvc_group_options group_options(const struct work *w, const struct options *o)
{
    return (struct nvc_group_options){
        .covariates = w->covariates, .n_covariates = w->n_covariates, .level = 0.95, .auc_ci = (enum nvc_auc_ci)o->auc_ci,
        .cases_lower = o->lower, .family = o->family, .primary = o->primary, .equivalence_g = o->equivalence_g,
        .replicates = (size_t)o->permutations, .enumerate = 100000, .pooled = o->pooled, .block = w->block,
        .seed = (uint64_t)o->seed, .threads = o->threads == NVC_NO_INT ? omp_get_max_threads() : o->threads };
}

static int compute(struct work *w, const struct options *o, struct nvc_error *err)
{
    int status = nvc_contrast_groups_init(&w->groups, &w->who, o->group, o->case_label, o->control_label, err);
    if (!status)
        status = find_covariates(w, o, err);
    if (!status)
        status = bind_rules(w, o, err);
    if (!status)
        status = find_block(w, o, err);
    struct nvc_cohort_options c = { (enum nvc_runs)o->runs, o->min_coverage, w->rules, o->exclude.n };
    if (!status)
        status = nvc_cohort_init(&w->cohort, &w->who, &w->rows, &c, err);
    if (!status) {
        struct nvc_group_options g = group_options(w, o);
        status = nvc_group_compute(&w->table, &w->cohort, &w->groups, &g, err);
    }
    if (!status && o->demographics)
        status = nvc_demographics_compute(&w->demographics, &w->who, &w->groups, err);
    if (!status && o->flow)
        status = nvc_flow_compute(&w->flow, &w->cohort, &w->rows, &w->groups, &c, err);
    return status;
}

/* Hand over a table of any kind: those with every number get a sidecar. */
static int hand_over(const struct work *w, const struct options *o, const char *path, const struct nvc_column *columns,
                     struct nvc_text *text, struct nvc_error *err)
{
    char seed[16];
    enum nvc_table_kind kind = nvc_table_kind_of(path);
    struct nvc_sidecar sidecar = { .columns = columns, .inputs = w->marks, .n_inputs = w->n_marks, .seed = seed };
    (void)snprintf(seed, sizeof seed, "%d", o->seed);
    int status = nvc_output(path, text, kind == NVC_TSV || kind == NVC_CSV ? &sidecar : NULL, err);
    nvc_text_release(text);
    return status;
}

static int put_table(const struct work *w, const struct options *o, const char *path, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    struct nvc_group_heading heading = { w->groups.labels[1], w->groups.labels[0], o->covariates };
    int status = nvc_group_write(&text, &w->table, &heading, nvc_table_kind_of(path), err);
    if (!status)
        return hand_over(w, o, path, nvc_group_columns, &text, err);
    nvc_text_release(&text);
    return status;
}

static int put_demographics(const struct work *w, const struct options *o, const char *path, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    int status = nvc_demographics_write(&text, &w->demographics, w->groups.labels[1], w->groups.labels[0], nvc_table_kind_of(path), err);
    if (!status)
        return hand_over(w, o, path, nvc_demographics_columns, &text, err);
    nvc_text_release(&text);
    return status;
}

static int put_flow(const struct work *w, const struct options *o, const char *path, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    int status = nvc_flow_write(&text, &w->flow, nvc_table_kind_of(path), err);
    if (!status)
        return hand_over(w, o, path, nvc_flow_columns, &text, err);
    nvc_text_release(&text);
    return status;
}

static int put_figure(const struct work *w, const struct options *o, const char *path, enum nvc_group_figure figure, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    enum nvc_picture kind;
    int status = nvc_picture_of(path, &kind, err);
    if (!status)
        status = nvc_group_draw(&text, kind, figure, &w->table, &w->cohort, &w->groups, &o->show, err);
    if (!status)
        status = nvc_output(path, &text, NULL, err);
    nvc_text_release(&text);
    return status;
}

/* Who has no row at all is easily overlooked. */
static void warn_absent(const struct work *w)
{
    size_t absent = 0, first = 0;
    for (size_t i = 0; i < w->cohort.n; i++) {
        bool any = isnan(w->groups.group.value[i]);
        for (size_t k = 0; k < w->cohort.n_keys && !any; k++)
            any = w->cohort.missing[i + w->cohort.n * k] != NVC_MISSING_ROW;
        if (!any && !absent++)
            first = i;
    }
    if (absent)
        nvc_warn("%zu participant%s of the two groups %s no row in any coupling table (first: %s)", absent, absent == 1 ? "" : "s",
                 absent == 1 ? "has" : "have", w->who.ids.items[first]);
}

/* What a picture's name must end in is known before any file is read. */
static int check_pictures(const struct options *o, struct nvc_error *err)
{
    const char *const paths[] = { o->figure, o->forest, o->roc };
    enum nvc_picture kind;
    int status = 0;
    for (size_t i = 0; i < 3 && !status; i++)
        status = paths[i] ? nvc_picture_of(paths[i], &kind, err) : 0;
    return status;
}

static int put_all(const struct work *w, const struct options *o, struct nvc_error *err)
{
    int status = put_table(w, o, o->output, err);
    for (size_t i = 0; i < o->also.n && !status; i++)
        status = put_table(w, o, o->also.items[i], err);
    if (!status && o->demographics)
        status = put_demographics(w, o, o->demographics, err);
    if (!status && o->flow)
        status = put_flow(w, o, o->flow, err);
    if (!status && o->figure)
        status = put_figure(w, o, o->figure, NVC_FIGURE_POINTS, err);
    if (!status && o->forest)
        status = put_figure(w, o, o->forest, NVC_FIGURE_FOREST, err);
    if (!status && o->roc)
        status = put_figure(w, o, o->roc, NVC_FIGURE_ROC, err);
    return status;
}

int nvc_group_run(const struct options *o, char **args, int n_args, struct nvc_error *err)
{
    struct work w = { 0 };
    int status = check_pictures(o, err);
    if (!status)
        status = read_inputs(&w, o, args, n_args, err);
    if (!status)
        status = compute(&w, o, err);
    if (!status) {
        warn_absent(&w);
        status = put_all(&w, o, err);
    }
    work_release(&w);
    return status;
}
