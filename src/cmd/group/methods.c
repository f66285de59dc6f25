/* The methods paragraph: what was done, in words that can be pasted. */
#include "cmd/group/job.h"

#include <config.h>
#include <math.h>
#include <string.h>

/* Sentences that depend on what was asked for. */
static int say(struct nvc_text *out, struct nvc_error *err, int status, bool when, const char *sentence)
{
    return status ? status : when ? nvc_text_puts(out, sentence, err) : 0;
}

/* Members of a group who have a value of an index. */
static size_t analysed(const struct work *w, bool cases)
{
    const struct nvc_cohort *c = &w->cohort;
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        bool any = false;
        for (size_t k = 0; k < c->n_keys && !any && w->groups.group.value[i] == cases; k++)
            any = nvc_key_is_index(&c->keys[k]) && !isnan(c->value[i + c->n * k]);
        n += any;
    }
    return n;
}

static int say_cohort(const struct work *w, struct nvc_text *out, struct nvc_error *err)
{
    static const char *const runs[] = { "", " Runs of a participant were averaged.",
                                        " Runs of a participant were averaged with weights 1/se2." };
    const struct options *o = w->o;
    int status = nvc_text_printf(
        out, err,
        "Indices were compared between %s (n = %zu of %zu) and %s (n = %zu of %zu) with nvc-group (%s). Differences are %s minus %s. "
        "Values with less than %g coverage of the region were treated as missing.%s",
        w->groups.labels[1], analysed(w, true), w->groups.n_case, w->groups.labels[0], analysed(w, false),
        w->groups.n_control, PACKAGE_STRING,
        w->groups.labels[1], w->groups.labels[0], o->min_coverage, runs[o->runs]);
    for (size_t i = 0; i < o->exclude.n && !status; i++)
        status = nvc_text_printf(out, err, "%s'%s'%s", i ? ", " : " Excluded by rule: ", o->exclude.items[i],
                                 i + 1 == o->exclude.n ? "." : "");
    if (!status && o->within)
        status = nvc_text_printf(out, err,
                                 " Within participants the combination '%s' was formed first, so that group "
                                 "differences are group-by-%.*s interactions.",
                                 o->within, (int)strcspn(o->within, ":"), o->within);
    if (!status && o->combat)
        status = nvc_text_printf(out, err,
                                 " Sites (%s) were harmonised by ComBat (%s priors%s%s%s) preserving group and covariates; "
                                 "the site stayed in the model, and every permutation was harmonised anew.",
                                 o->combat, o->combat_prior ? "non-parametric" : "parametric",
                                 o->combat_mean_only ? ", means only" : "", o->combat_reference ? ", reference " : "",
                                 o->combat_reference ? o->combat_reference : "");
    if (!status && (w->combat || w->site))
        status = nvc_text_printf(out, err, " Group and %s: Cramer's V %.2f, variance inflation of the group %.2f.",
                                 w->combat ? w->combat->name : w->site->name, w->cramers_v, w->site_vif);
    return status;
}

static int say_tests(const struct work *w, struct nvc_text *out, struct nvc_error *err)
{
    const struct options *o = w->o;
    size_t m = 0;
    for (size_t k = 0; k < w->table.n; k++)
        m = w->table.rows[k].role == NVC_ROW_FAMILY && w->table.rows[k].family_m ? w->table.rows[k].family_m : m;
    int status = nvc_text_puts(out,
                               " Group means were compared by Welch's t test; effect sizes are Hedges g with the exact "
                               "small-sample correction and noncentral-t "
                               "intervals. Intervals are at 95 %.",
                               err);
    if (!status && w->covariate_text)
        status = nvc_text_printf(out, err,
                                 " Adjusted differences come from linear models with %s as covariates (numbers as they "
                                 "are, factors in treatment coding).",
                                 w->covariate_text);
    if (!status && w->options.replicates)
        status = nvc_text_printf(out, err,
                                 " Permutation p values (%s; %s t; %s%s%s%d permutations, or all arrangements where "
                                 "they are at most 100000 and the nuisance is constant%s; seed %d) "
                                 "and their maximum over the family are given beside.",
                                 w->n_covariates ? "Freedman-Lane" : "labels", o->pooled ? "ordinary" : "studentised",
                                 w->block ? "within " : "", w->block ? w->block->name : "", w->block ? "; " : "",
                                 o->permutations, w->block ? " within blocks" : "", o->seed);
    if (!status && o->primary)
        status = nvc_text_printf(out, err, " The primary index, %s, was tested alone at 0.05.", o->primary);
    if (!status)
        status = nvc_text_printf(out, err,
                                 " The false discovery rate (Benjamini-Hochberg) was controlled over the %zu %s tests "
                                 "of the family%s; derived indices and "
                                 "measures of data quality were outside it.",
                                 m, w->n_covariates ? "adjusted" : "Welch", o->family.n ? " named beforehand" : "");
    return status;
}

static int say_controls(const struct work *w, struct nvc_text *out, struct nvc_error *err)
{
    size_t m = 0, low = 0;
    for (size_t k = 0; k < w->table.n; k++) {
        const struct nvc_group_row *r = &w->table.rows[k];
        m += r->role == NVC_ROW_CONTROL && r->family_m;
        low += r->role == NVC_ROW_CONTROL && r->family_m && (w->n_covariates ? r->adjusted.p : r->welch.p) < 0.05;
    }
    return !m ? 0 : nvc_text_printf(out, err, " Negative controls, in which nothing should differ (for example the signal before the onsets, and responses to "
                                    "onsets moved round the run), were compared in the same way as a family of their own: %zu of %zu had p < 0.05.", low, m);
}

static int say_null_findings(const struct work *w, struct nvc_text *out, struct nvc_error *err)
{
    static const char *const intervals[] = { "logit", "normal", "Newcombe's" };
    const struct options *o = w->o;
    int status = nvc_text_printf(
        out, err,
        " Ranks: Mann-Whitney (exact conditional on ties up to %d participants, else normal) with the Hodges-Lehmann "
        "shift; area under the ROC curve in the orientation given beforehand, DeLong's variance, %s interval. For null "
        "findings: equivalence tests within g of -%g to %g",
        NVC_RANK_EXACT, intervals[o->auc_ci], o->equivalence_g, o->equivalence_g);
    for (size_t i = 0; i < o->equivalence_bounds.n && !status; i++)
        status = nvc_text_printf(out, err, "%s%s", i ? ", " : " (in the unit of the index: ", o->equivalence_bounds.items[i]);
    return status ? status
                  : nvc_text_printf(out, err, "%s, JZS Bayes factors (r = sqrt(2)/2), and the g that these numbers "
                                              "detect with power 0.8.", o->equivalence_bounds.n ? ")" : "");
}

/* How reliability was seen, when it was. */
static int say_reliability(const struct work *w, struct nvc_text *out, struct nvc_error *err)
{
    bool seen[3] = { false, false, false };
    for (size_t k = 0; k < w->table.n; k++)
        seen[w->table.rows[k].reliability_of] = true;
    int status = say(out, err, 0, seen[NVC_RELIABILITY_OF_RUNS],
                     " The reliability of means over runs is ICC(3,k) within groups.");
    status = say(out, err, status, seen[NVC_RELIABILITY_OF_HALVES],
                 " The reliability of indices of one run is ICC(3,1) within groups of its halves (odd and even blocks or trials "
                 "of a task, first and second half of a resting run), stepped up to the whole run "
                 "by Spearman-Brown; it is a reliability within the session, not between days.");
    return say(out, err, status, seen[NVC_RELIABILITY_OF_RUNS] || seen[NVC_RELIABILITY_OF_HALVES],
               " Effect sizes without the noise of measurement are Hedges g over the square root of the reliability, with BCa "
               "bootstrap intervals (2000 resamples of participants within groups).");
}

static int say_more(const struct work *w, struct nvc_text *out, struct nvc_error *err)
{
    const struct options *o = w->o;
    int status = 0;
    if (o->sensitivity)
        status = nvc_text_puts(out,
                               " Sensitivity analyses: trimmed means (Yuen, 20 %), motion and tSNR as covariates, "
                               "caliper matching (0.2 sd of the logit of a "
                               "Firth-penalised propensity) and overlap weights with HC3 errors, precision weighting "
                               "with Knapp-Hartung errors.",
                               err);
    status = say(out, err, status, o->sensitivity && o->site,
                 " Sites were pooled by random effects (REML, Hartung-Knapp) with leave-one-site-out.");
    status = say(out, err, status, o->sensitivity && o->dose,
                 " The dose of the cases was centred at their mean (and, separately, left uncentred).");
    if (!status && o->specificity)
        status = nvc_text_puts(out,
                               " Specificity: D = region - rho * control region with rho the ratio of their sums over "
                               "everybody, compared between groups; the verdict "
                               "rests on the interval of D alone.",
                               err);
    status = say(out, err, status, o->specificity && o->null_regions,
                 " The spatial rank is the share of copies of the region elsewhere, itself counted, with a group difference (|g|) at least as large.");
    for (size_t i = 0; i < o->curve.n && !status; i++)
        status = nvc_text_printf(out, err, "%s%s%s", i ? ", " : " The forks of one finding (", o->curve.items[i], i + 1 < o->curve.n ? "" : w->options.replicates
                                 ? ") were taken for replicates: median and range of g, and one permutation p of their mean t and of their largest |t| "
                                   "under the same permutations for all." : ") were taken for replicates: median and range of g.");
    if (!status && o->formula)
        status = nvc_text_printf(out, err, " Further models: %s (type II F tests, HC3 errors).", o->formula);
    status = say(out, err, status, o->one_sample != NULL, o->combat || !w->options.replicates
                     ? " Means were tested against 0 by t tests and signed ranks."
                     : " Means were tested against 0 by t tests, signed ranks and sign flips.");
    status = say(out, err, status, o->normative != NULL,
                 " Single participants were compared with the controls by the t test of Crawford and Howell (each "
                 "control with the others).");
    status = say(out, err, status, o->scores != NULL,
                 " Correlations with clinical scores: Pearson, Spearman (Bonett-Wright intervals) and Kendall tau-b.");
    if (!status && *w->lock_sha256)
        status =
            nvc_text_printf(out, err, " The analysis was declared on %s (SHA-256 %s).", w->locked_at, w->lock_sha256);
    status =
        say(out, err, status, o->blind, " GROUP LABELS WERE SHUFFLED (--blind): NO NUMBER OF THIS RUN IS A RESULT.");
    return status ? status : nvc_text_puts(out, "\n", err);
}

int nvc_group_methods(const struct work *w, struct nvc_text *out, struct nvc_error *err)
{
    int status = say_cohort(w, out, err);
    status = status ? status : say_tests(w, out, err);
    status = status ? status : say_controls(w, out, err);
    status = status ? status : say_null_findings(w, out, err);
    status = status ? status : say_reliability(w, out, err);
    return status ? status : say_more(w, out, err);
}
