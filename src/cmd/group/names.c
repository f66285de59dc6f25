/* What the words on the command line of nvc-group stand for. */
#include "base/memory.h"
#include "base/number.h"
#include "cli/message.h"
#include "cmd/group/job.h"
#include "plot/canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

int nvc_group_check_options(struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    const char *const pictures[] = { o->figure, o->forest, o->roc, o->curve_figure };
    enum nvc_picture kind;
    int status = 0;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures && !status; i++)
        status = pictures[i] ? nvc_picture_of(pictures[i], &kind, err) : 0;
    status =
        status ? status : needs("--specificity", o->specificity, "--control-region", o->control_regions.items, err);
    if (!status && o->within && o->halves.n)
        nvc_warn("--halves is not used: halves of what --within combines are not known");
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
        status = !nvc_rule_of_verdict(&w->rules[i]) ? 0 : needs("--exclude of a verdict", &o->exclude, "--qc, tables of nvc-qc", o->qc.items, err);
    return status ? status : parse_bounds(w, err);
}

/* ---- names become variables ---------------------------------------------------------------------- */

static int add_covariate(struct work *w, const char *name, struct nvc_error *err)
{
    const struct nvc_variable *v = NULL;
    int status = nvc_participants_need(&w->who, name, &v, err);
    if (status == NVC_EDATA && nvc_quality_name(name)) {
        w->covariates[w->n_covariates++] = (struct nvc_variable){ .name = nvc_quality_name(name), .numeric = true };
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
        status = is_covariate(w, name) ? nvc_fail(err, NVC_EUSAGE, "--covariates: '%s' is given twice", name)
                                       : add_covariate(w, name, err);
    for (size_t k = 0; k < 2 && !status; k++)
        if (sites[k] && !is_covariate(w, sites[k]))
            status = add_covariate(w, sites[k], err);
    for (size_t j = 0; j < w->n_covariates && !status; j++)
        status = nvc_text_printf(&text, err, "%s%s", j ? ", " : "", w->covariates[j].name);
    w->covariate_text = text.data;
    free(names);
    return status;
}

int nvc_group_variable(struct work *w, const char *name, bool numeric, const char *option,
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

int nvc_group_find_names(struct work *w, struct nvc_error *err)
{
    int status = nvc_group_variable(w, w->o->site, false, "--site", &w->site, err);
    status = status ? status : nvc_group_variable(w, w->o->combat, false, "--combat", &w->combat, err);
    status = status ? status : find_covariates(w, err);
    for (size_t i = 0; i < w->o->exclude.n && !status; i++)
        status = nvc_rule_bind(&w->rules[i], &w->who, err);
    status = status ? status : find_block(w, err);
    return status ? status : nvc_group_variable(w, w->o->dose, true, "--dose", &w->dose, err);
}

static int check_keys(const struct nvc_cohort *c, const char *option, const char *const *globs, size_t n, struct nvc_error *err)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        char first[256];
        while (k < c->n_keys && !nvc_key_matches(globs[i], &c->keys[k]))
            k++;
        if (k < c->n_keys)
            continue;
        nvc_key_name(first, &c->keys[0]);
        return nvc_fail(err, NVC_EDATA, "%s '%s' matches no index; the names of these tables are like '%s'", option, globs[i],
                        first);
    }
    return 0;
}

int nvc_group_check_keys(const struct work *w, struct nvc_error *err)
{
    const struct options *o = w->o;
    const struct {
        const char *option;
        const struct nvc_list *list;
    } lists[] = { { "--family", &o->family }, { "--lower", &o->lower }, { "--show", &o->show }, { "--curve", &o->curve } };
    int status = 0;
    for (size_t k = 0; k < sizeof lists / sizeof *lists && !status && w->cohort.n_keys; k++)
        status = check_keys(&w->cohort, lists[k].option, lists[k].list->items, lists[k].list->n, err);
    for (size_t i = 0; i < o->equivalence_bounds.n && !status && w->cohort.n_keys; i++)
        status = check_keys(&w->cohort, "--equivalence-bound", &(const char *){ w->bounds[i].glob }, 1, err);
    return status;
}
