#include "base/memory.h"
#include "base/number.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cmd/nvc-group.h"
#include "math/lsq.h"
#include "math/random.h"
#include "model/cohort_combat.h"
#include "model/group_reliability.h"
#include "model/within.h"
#include "plot/canvas.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void work_release(struct work *w)
{
    nvc_forks_release(&w->forks);
    nvc_model_release(&w->model);
    nvc_scores_release(&w->scores);
    nvc_normative_release(&w->normative);
    nvc_one_sample_release(&w->one_sample);
    nvc_specificity_release(&w->specificity);
    nvc_sensitivity_release(&w->sensitivity);
    nvc_flow_release(&w->flow);
    nvc_demographics_release(&w->demographics);
    nvc_group_table_release(&w->table);
    nvc_cohort_release(&w->cohort);
    nvc_cohort_release(&w->all);
    nvc_contrast_groups_release(&w->groups);
    nvc_coupling_release(&w->rows);
    nvc_participants_release(&w->who);
    nvc_formula_release(&w->formula);
    free(w->raw);
    free(w->rules);
    free(w->bounds);
    free(w->covariates);
    free(w->covariate_text);
    free(w->marks.items);
}

/* ---- what can be said before any file is read ---------------------------------------------------- */

static int needs(const char *option, const void *has, const char *other, const void *wants, struct nvc_error *err)
{
    return has && !wants ? nvc_fail(err, NVC_EUSAGE, "%s needs %s", option, other) : 0;
}

/* "psc.face=0.05" */
static int parse_bounds(struct work *w, struct nvc_error *err)
{
    const struct nvc_list *l = &w->o->equivalence_bounds;
    int status = (w->bounds = nvc_array(l->n, sizeof *w->bounds, err)) ? 0 : NVC_ESYS;
    for (size_t i = 0; i < l->n && !status; i++) {
        const char *equals = strrchr(l->items[i], '=');
        struct nvc_bound *b = &w->bounds[i];
        size_t n = equals ? (size_t)(equals - l->items[i]) : 0;
        if (!n || n >= sizeof b->glob || !nvc_parse_real(equals + 1, strlen(equals + 1), &b->value) || !(b->value > 0))
            status = nvc_fail(err, NVC_EUSAGE, "--equivalence-bound: '%s' is not KEY=VALUE with a number above 0, as 'psc=0.05'",
                              l->items[i]);
        else
            memcpy(b->glob, l->items[i], n);
    }
    return status;
}

static int check_options(struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    const char *const pictures[] = { o->figure, o->forest, o->roc, o->curve_figure };
    enum nvc_picture kind;
    int status = 0;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures && !status; i++)
        status = pictures[i] ? nvc_picture_of(pictures[i], &kind, err) : 0;
    status =
        status ? status : needs("--specificity", o->specificity, "--control-region", o->control_regions.items, err);
    status = status ? status : needs("--correlations", o->correlations, "--scores", o->scores, err);
    status =
        status ? status : needs("--scores", o->scores, "--correlations, a table to write to", o->correlations, err);
    status = status ? status : needs("--model", o->model, "--formula", o->formula, err);
    status = status ? status : needs("--formula", o->formula, "--model, a table to write to", o->model, err);
    status = status ? status : needs("--curve-table", o->curve_table, "--curve", o->curve.items, err);
    status = status ? status : needs("--curve-figure", o->curve_figure, "--curve", o->curve.items, err);
    status = status ? status : needs("--participant", o->participant, "--normative", o->normative, err);
    if (!status && o->formula)
        status = nvc_formula_parse(&w->formula, o->formula, err);
    if (!status && !(w->rules = nvc_array(o->exclude.n, sizeof *w->rules, err)))
        status = NVC_ESYS;
    for (size_t i = 0; i < o->exclude.n && !status; i++)
        status = nvc_rule_parse(&w->rules[i], o->exclude.items[i], err);
    for (size_t i = 0; i < o->exclude.n && !status; i++)
        status = strcmp(w->rules[i].name, "qc") ? 0 : needs("--exclude qc", &o->exclude, "--qc, tables of nvc-qc", o->qc.items, err);
    return status ? status : parse_bounds(w, err);
}

/* ---- names become variables ---------------------------------------------------------------------- */

static int add_covariate(struct work *w, const char *name, struct nvc_error *err)
{
    static const char *const qualities[] = { "coverage", "mean_fd", "tsnr" };
    const struct nvc_variable *v = NULL;
    int status = nvc_participants_need(&w->who, name, &v, err);
    for (size_t q = 0; q < 3 && status == NVC_EDATA; q++)
        if (!strcmp(name, qualities[q])) {
            w->covariates[w->n_covariates++] = (struct nvc_variable){ .name = qualities[q], .numeric = true };
            return 0;
        }
    if (!status && !strcmp(v->name, w->o->group))
        status = nvc_fail(err, NVC_EUSAGE, "--covariates: '%s' is the column of the groups", name);
    if (!status)
        w->covariates[w->n_covariates++] = *v;
    return status;
}

static bool is_covariate(const struct work *w, const char *name)
{
    for (size_t j = 0; j < w->n_covariates; j++)
        if (!strcmp(w->covariates[j].name, name))
            return true;
    return false;
}

/* "age,sex", and the site, which stays in the model, after ComBat too. */
static int find_covariates(struct work *w, struct nvc_error *err)
{
    const char *asked = w->o->covariates ? w->o->covariates : "", *const sites[] = { w->o->site, w->o->combat };
    int status = 0;
    char *names = nvc_strdup(asked, err), *rest = names;
    struct nvc_text text = { 0 };
    w->covariates = nvc_array(strlen(asked) + 2, sizeof *w->covariates, err);
    if (!names || !w->covariates)
        status = NVC_ESYS;
    for (char *name = status ? NULL : strtok_r(rest, ", ", &rest); name && !status;
         name = strtok_r(NULL, ", ", &rest))
        status = add_covariate(w, name, err);
    for (size_t k = 0; k < 2 && !status; k++)
        if (sites[k] && !is_covariate(w, sites[k]))
            status = add_covariate(w, sites[k], err);
    for (size_t j = 0; j < w->n_covariates && !status; j++)
        status = nvc_text_printf(&text, err, "%s%s", j ? ", " : "", w->covariates[j].name);
    w->covariate_text = text.data;
    free(names);
    return status;
}

static int find_variable(struct work *w, const char *name, bool numeric, const char *option,
                         const struct nvc_variable **v, struct nvc_error *err)
{
    int status = name ? nvc_participants_need(&w->who, name, v, err) : 0;
    if (!status && name && (*v)->numeric != numeric)
        status = nvc_fail(err, NVC_EDATA, "%s: column '%s' holds %s", option, name,
                          numeric ? "labels, not numbers" : "numbers; declare labels with --factor");
    return status;
}

static int find_block(struct work *w, struct nvc_error *err)
{
    const char *name = w->o->block ? w->o->block : w->o->site ? w->o->site : w->o->combat;
    int status = name ? nvc_participants_need(&w->who, name, &w->block, err) : 0;
    for (size_t i = 0; w->block && i < w->who.n && !status; i++)
        if (!isnan(w->groups.group.value[i]) && isnan(w->block->value[i]))
            status = nvc_fail(err, NVC_EDATA, "participants: %s has no %s, within which permutations are asked for",
                              w->who.ids.items[i], name);
    return status;
}

static int find_names(struct work *w, struct nvc_error *err)
{
    int status = find_variable(w, w->o->site, false, "--site", &w->site, err);
    status = status ? status : find_variable(w, w->o->combat, false, "--combat", &w->combat, err);
    status = status ? status : find_covariates(w, err);
    for (size_t i = 0; i < w->o->exclude.n && !status; i++)
        status = nvc_rule_bind(&w->rules[i], &w->who, err);
    status = status ? status : find_block(w, err);
    return status ? status : find_variable(w, w->o->dose, true, "--dose", &w->dose, err);
}

/* ---- the cohort ----------------------------------------------------------------------------------- */

/* Labels change hands among the members of both groups: for looking at everything but the result. */
static void blind(struct work *w)
{
    struct nvc_variable *g = &w->groups.group;
    struct nvc_rng r;
    nvc_rng_init(&r, (uint64_t)w->o->seed, UINT64_MAX);
    for (size_t i = w->who.n; i-- > 1;) {
        size_t j = (size_t)nvc_rng_below(&r, i + 1);
        if (!isnan(g->value[i]) && !isnan(g->value[j])) {
            double was = g->value[i];
            g->value[i] = g->value[j];
            g->value[j] = was;
        }
    }
    nvc_warn("--blind: group labels were shuffled; no number of this run is a result");
}

static void say_confounding(struct work *w, const struct nvc_variable *site, const struct nvc_confounding *c)
{
    w->cramers_v = c->cramers_v, w->site_vif = c->vif;
    if (c->vif > 2)
        nvc_warn("group and %s are confounded: Cramer's V %.2f, VIF %.1f; what is put down to %s may be group",
                 site->name, c->cramers_v, c->vif, site->name);
    else
        nvc_note("group and %s: Cramer's V %.2f, VIF %.2f", site->name, c->cramers_v, c->vif);
}

static int harmonise(struct work *w, struct nvc_error *err)
{
    struct nvc_combat_options *c = &w->combat_options;
    *c = (struct nvc_combat_options){ .prior = w->o->combat_prior == NVC_COMBAT_HOW_PARAMETRIC ? NVC_COMBAT_PARAMETRIC
                                                                                               : NVC_COMBAT_NONPARAMETRIC,
                                      .mean_only = w->o->combat_mean_only,
                                      .reference = SIZE_MAX };
    struct nvc_confounding confounding = { NAN, NAN };
    for (size_t l = 0; w->o->combat_reference && l < w->combat->n_levels; l++)
        if (!strcmp(w->combat->levels[l], w->o->combat_reference))
            c->reference = l;
    if (w->o->combat_reference && c->reference == SIZE_MAX)
        return nvc_fail(err, NVC_EDATA, "--combat-reference: column '%s' has no label '%s'", w->combat->name,
                        w->o->combat_reference);
    if (!(w->raw = nvc_array(w->cohort.n * w->cohort.n_keys, sizeof *w->raw, err)))
        return NVC_ESYS;
    memcpy(w->raw, w->cohort.value, w->cohort.n * w->cohort.n_keys * sizeof *w->raw);
    int status =
        nvc_cohort_combat(&w->cohort, &w->groups, w->combat, w->covariates, w->n_covariates, c, &confounding, err);
    if (!status)
        say_confounding(w, w->combat, &confounding);
    return status;
}

static int make_cohort(struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    struct nvc_cohort_options c = { (enum nvc_runs)o->runs, o->min_coverage, w->rules, o->exclude.n };
    int status = nvc_cohort_init(&w->cohort, &w->who, &w->rows, &c, err);
    if (!status && o->flow)
        status = nvc_flow_compute(&w->flow, &w->cohort, &w->rows, &w->groups, &c, err);
    if (!status && o->within)
        status = nvc_cohort_within(&w->cohort, o->within, err);
    if (!status && o->sensitivity && o->exclude.n) {
        c.n_rules = 0;
        status = nvc_cohort_init(&w->all, &w->who, &w->rows, &c, err);
        if (!status && o->within)
            status = nvc_cohort_within(&w->all, o->within, err);
    }
    if (!status && w->site && !w->combat) {
        struct nvc_confounding confounding;
        status = nvc_confounding_measure(&confounding, &w->groups, w->site, NULL, w->who.n, err);
        if (!status)
            say_confounding(w, w->site, &confounding);
    }
    return !status && o->combat ? harmonise(w, err) : status;
}

static void set_options(struct work *w)
{
    const struct options *o = w->o;
    w->options = (struct nvc_group_options){ .covariates = w->covariates,
                                             .n_covariates = w->n_covariates,
                                             .level = 0.95,
                                             .auc_ci = (enum nvc_auc_ci)o->auc_ci,
                                             .cases_lower = o->lower,
                                             .family = o->family,
                                             .primary = o->primary,
                                             .equivalence_g = o->equivalence_g,
                                             .bounds = w->bounds,
                                             .n_bounds = o->equivalence_bounds.n,
                                             .replicates = (size_t)o->permutations,
                                             .enumerate = 100000,
                                             .pooled = o->pooled,
                                             .block = w->block,
                                             .seed = (uint64_t)o->seed,
                                             .threads = o->threads == NVC_NO_INT ? omp_get_max_threads() : o->threads };
    w->repeat = (struct nvc_combat_repeat){ w->raw, w->combat, &w->combat_options };
    w->options.combat = w->combat ? &w->repeat : NULL;
}

/* ---- the analyses --------------------------------------------------------------------------------- */

static int correlate_scores(struct work *w, struct nvc_error *err)
{
    const struct nvc_variable **scores = nvc_array(strlen(w->o->scores), sizeof *scores, err);
    char *names = nvc_strdup(w->o->scores, err), *rest = names;
    size_t n = 0;
    int status = scores && names ? 0 : NVC_ESYS;
    for (char *name = status ? NULL : strtok_r(rest, ", ", &rest); name && !status; name = strtok_r(NULL, ", ", &rest))
        status = find_variable(w, name, true, "--scores", &scores[n++], err);
    if (!status)
        status = nvc_scores_compute(&w->scores, &w->table, &w->cohort, &w->groups, &w->options, w->covariate_text,
                                    scores, n, err);
    free(names);
    free(scores);
    return status;
}

static int compare_participants(struct work *w, struct nvc_error *err)
{
    const char *id = NULL;
    if (w->o->participant) {
        size_t at = 0;
        int status = nvc_participants_find(&w->who, w->o->participant, &at, err);
        if (status)
            return status;
        id = w->who.ids.items[at];
    }
    return nvc_normative_compute(&w->normative, &w->cohort, &w->groups, w->covariates, w->n_covariates, id, err);
}

static int analyse(struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    struct nvc_group_options rest = w->options; /* harmonised values cannot be permuted as they are */
    rest.replicates = w->combat ? 0 : rest.replicates;
    const struct nvc_sensitivity_options s = { &w->options, w->site, w->dose, w->all.n ? &w->all : NULL };
    int status = nvc_group_compute(&w->table, &w->cohort, &w->groups, &w->options, err);
    if (!status && o->runs && !o->within)
        status = nvc_group_reliability(&w->table, &w->rows, &w->who, &w->groups,
                                       &(struct nvc_cohort_options){ (enum nvc_runs)o->runs, o->min_coverage, w->rules, o->exclude.n },
                                       2000, (uint64_t)o->seed, err);
    if (!status && o->demographics)
        status = nvc_demographics_compute(&w->demographics, &w->who, &w->groups, err);
    if (!status && o->sensitivity)
        status = nvc_sensitivity_compute(&w->sensitivity, &w->table, &w->cohort, &w->groups, &s, err);
    if (!status && o->specificity)
        status = nvc_specificity_compute(&w->specificity, &w->cohort, &w->groups, &w->options, o->region,
                                         &o->control_regions, o->null_regions, err);
    if (!status && o->one_sample)
        status = nvc_one_sample_compute(&w->one_sample, &w->cohort, &w->groups, &rest, err);
    if (!status && o->normative)
        status = compare_participants(w, err);
    if (!status && o->scores)
        status = correlate_scores(w, err);
    if (!status && o->formula)
        status = nvc_model_compute(&w->model, &w->cohort, &w->formula, &o->level_contrasts, &w->options, err);
    if (!status && o->curve.n)
        status = nvc_forks_compute(&w->forks, &w->table, &w->cohort, &w->groups, &rest, &o->curve, err);
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
        nvc_warn("%zu participant%s of the two groups %s no row in any coupling table (first: %s)", absent,
                 absent == 1 ? "" : "s", absent == 1 ? "has" : "have", w->who.ids.items[first]);
}

int nvc_group_run(const struct options *o, char **args, int n_args, struct nvc_error *err)
{
    struct work w = { .o = o, .cramers_v = NAN, .site_vif = NAN };
    nvc_blas_single_thread();
    int status = check_options(&w, err);
    status = status ? status : nvc_read_participants_file(&w.who, &w.marks, o->participants, &o->factors, err);
    status =
        status ? status : nvc_contrast_groups_init(&w.groups, &w.who, o->group, o->case_label, o->control_label, err);
    status = status ? status : find_names(&w, err);
    status = status ? status : nvc_read_coupling_files(&w.rows, &w.marks, args, n_args, err);
    status = status ? status : nvc_read_qc_files(&w.rows, &w.marks, &o->qc, err);
    if (!status && o->lock)
        status = nvc_group_lock(&w, err);
    if (!status && o->blind)
        blind(&w);
    status = status ? status : make_cohort(&w, err);
    if (!status) {
        set_options(&w);
        status = analyse(&w, err);
    }
    if (!status) {
        warn_absent(&w);
        status = nvc_group_put(&w, err);
    }
    work_release(&w);
    return status;
}
