#include "cmd/group/job.h"
#include "cmd/group/text.h"

#include "cli/cmd.h"
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

#include <limits.h>

static const char *const runs_names[] = { "refuse", "mean", "ivw", NULL };
static const char *const auc_names[] = { "logit", "normal", "newcombe", NULL };
static const char *const prior_names[] = { "parametric", "nonparametric", NULL };

static const struct options defaults = { .group = "group", .output = "-", .min_coverage = 0.5, .permutations = 10000,
                                         .seed = 1, .threads = NVC_NO_INT, .equivalence_g = 0.4, .region = "BLA" };

#define TABLES "*.tsv *.csv *.md *.tex *.html"
#define PICTURES "*.pdf *.svg *.png"

static const struct nvc_opt opts[] = {
    OPT_GROUP("Groups"),
    OPT_INPUT(struct options, participants, 'p', "participants", "TSV", "*.tsv",
              "participants table: participant_id (with or without sub-), the groups, covariates",
              .flags = NVC_OPT_REQUIRED),
    OPT_TEXT(struct options, group, 'g', "group", "COLUMN", "column of the participants table that holds the groups"),
    OPT_TEXT(struct options, case_label, 0, "case", "LABEL", "label of the cases", .flags = NVC_OPT_REQUIRED),
    OPT_TEXT(struct options, control_label, 0, "control", "LABEL",
             "label of the controls; without it the only other label"),
    OPT_TEXT(struct options, covariates, 'c', "covariates", "NAMES",
             "columns to adjust for, parted by commas; mean_fd, tsnr and coverage are taken from the coupling tables, dropout, pgm and volume_mm3 from "
             "those of --qc, unless the participants table has them"),
    OPT_TEXT(struct options, site, 0, "site", "COLUMN",
             "sites or scanners: a factor of every adjusted model, blocks of the permutations, pooled in the "
             "sensitivity table"),
    OPT_LIST(struct options, factors, 0, "factor", "COLUMN",
             "read this column as labels although it holds numbers"),
    OPT_GROUP("Values"),
    OPT_CHOICE(struct options, runs, 0, "runs", "HOW", runs_names,
               "several runs of a participant: refused, their mean, or their mean weighted by the inverse variance"),
    OPT_REAL(struct options, min_coverage, 0, "min-coverage", "SHARE", NULL, 0, 1,
             "rows of smaller coverage count as missing"),
    OPT_LIST(struct options, exclude, 'x', "exclude", "RULE",
             "leave out what the rule hits: 'mean_fd>0.5', 'tsnr<20', 'n_vox<10', 'qc=fail', 'positive=flag', 'pgm<0.3' (--qc) for rows, 'age>65', "
             "'site=B' for participants"),
    OPT_LIST(struct options, qc, 0, "qc", "TABLE",
             "table of nvc-qc, whose verdicts rules may name (--qc qc.tsv -x qc=fail -x positive=flag), and whose dropout, pgm and volume_mm3 become outcomes"),
    OPT_LIST(struct options, halves, 0, "halves", "TABLE",
             "table of nvc-habituation --halves or nvc-activity --halves: reliability from the halves of a run, for indices that have one run"),
    OPT_TEXT(struct options, within, 0, "within", "PART: EXPRESSION",
             "combine values within participants first: 'session: post - pre' for a change, 'contrast: -1*low + 1*high' "
             "for a trend; group differences are then interactions"),
    OPT_TEXT(struct options, combat, 0, "combat", "COLUMN",
             "harmonise the levels of this column (sites) by ComBat, preserving group and covariates; it stays in the model, and "
             "every permutation harmonises anew"),
    OPT_CHOICE(struct options, combat_prior, 0, "combat-prior", "HOW", prior_names, "priors of ComBat"),
    OPT_FLAG(struct options, combat_mean_only, 0, "combat-mean-only", "ComBat adjusts means, not variances"),
    OPT_TEXT(struct options, combat_reference, 0, "combat-reference", "LABEL", "site that ComBat leaves as it is"),
    OPT_GROUP("Tests"),
    OPT_TEXT(struct options, primary, 0, "primary", "KEY",
             "the one index that was declared beforehand, INDEX.CONTRAST.REGION_SIDE (glob): tested alone, outside the "
             "family"),
    OPT_LIST(struct options, family, 0, "family", "KEY",
             "indices of the family of tests (glob); without it all but derived rows and quality"),
    OPT_INT(struct options, permutations, 'n', "permutations", "N", 0, 10000000,
            "random permutations; few arrangements are enumerated instead; 0: none"),
    OPT_INT(struct options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the random numbers"),
    OPT_FLAG(struct options, pooled, 0, "pooled", "permute the ordinary t, which is valid only under equal variances"),
    OPT_TEXT(struct options, block, 0, "block", "COLUMN",
             "permute only within the levels of this column (the sites when --site or --combat is given)"),
    OPT_CHOICE(struct options, auc_ci, 0, "auc-ci", "HOW", auc_names, "interval of the area under the curve"),
    OPT_LIST(struct options, lower, 0, "lower", "KEY",
             "indices in which cases are expected to be lower (glob)"),
    OPT_REAL(struct options, equivalence_g, 0, "equivalence", "G", NULL, 0.01, 10,
             "bounds -G and G of the equivalence test, in standard deviations"),
    OPT_LIST(struct options, equivalence_bounds, 0, "equivalence-bound", "KEY=VALUE",
             "bounds in the unit of the index instead, for the keys that match (glob): 'psc=0.05'"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 1024,
            "number of threads, without it one per processor; the result does not depend on it"),
    OPT_GROUP("Declared before looking"),
    OPT_OUTPUT(struct options, lock, 0, "lock", "JSON", "*.json",
               "declare this analysis in a new file, or hold it to what was declared in an old one"),
    OPT_FLAG(struct options, blind, 0, "blind", "shuffle the group labels: to look at everything but the result"),
    OPT_GROUP("Further analyses, each a table of its own"),
    OPT_OUTPUT(struct options, sensitivity, 0, "sensitivity", "TABLE", TABLES,
               "the same comparisons done otherwise: trimmed, adjusted for motion, matched, weighted, by site, by dose"),
    OPT_TEXT(struct options, dose, 0, "dose", "COLUMN", "dose of the cases (a number) in the sensitivity table"),
    OPT_OUTPUT(struct options, specificity, 0, "specificity", "TABLE", TABLES,
               "is a difference one of the region or of the whole head? needs --control-region"),
    OPT_TEXT(struct options, region, 0, "region", "REGION", "region of interest of the specificity table (glob)"),
    OPT_LIST(struct options, control_regions, 0, "control-region", "REGION",
             "region that shows what is not specific (glob)"),
    OPT_TEXT(struct options, null_regions, 0, "null-regions", "REGION",
             "pseudo-regions of the same shape elsewhere (glob; nvc-mask --null), for the spatial rank; they are in no family and in no paper's table"),
    OPT_OUTPUT(struct options, one_sample, 0, "one-sample", "TABLE", TABLES,
               "means against 0 in cases, controls and all, with sign flips: responses, paired differences"),
    OPT_OUTPUT(struct options, normative, 0, "normative", "TABLE", TABLES, "each participant against the controls"),
    OPT_TEXT(struct options, participant, 0, "participant", "ID", "this participant alone in the normative table"),
    OPT_TEXT(struct options, scores, 0, "scores", "NAMES", "columns of clinical scores, parted by commas"),
    OPT_OUTPUT(struct options, correlations, 0, "correlations", "TABLE", TABLES, "indices against the scores"),
    OPT_TEXT(struct options, formula, 0, "formula", "FORMULA",
             "a linear model of every index, for example 'index ~ diagnosis*site + age'"),
    OPT_LIST(struct options, level_contrasts, 0, "level-contrast", "FACTOR: EXPRESSION",
             "planned contrast of the levels of a factor of the formula, 'diagnosis: mdd - control'"),
    OPT_OUTPUT(struct options, model, 0, "model", "TABLE", TABLES, "terms, coefficients, means and contrasts of the formula"),
    OPT_LIST(struct options, curve, 0, "curve", "KEY",
             "forks of one finding (glob), for example one index in several atlases"),
    OPT_OUTPUT(struct options, curve_table, 0, "curve-table", "TABLE", TABLES, "the forks with their joint permutation p"),
    OPT_OUTPUT(struct options, curve_figure, 0, "curve-figure", "PICTURE", PICTURES, "the forks in the order of their effects"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TABLE", TABLES,
               "case-control table: .tsv and .csv hold every number, .md .tex .html are as a paper prints it"),
    OPT_LIST(struct options, also, 0, "also", "TABLE",
             "the same table once more in the kind of this name"),
    OPT_OUTPUT(struct options, demographics, 0, "demographics", "TABLE", TABLES,
               "table of the participants' variables by group"),
    OPT_OUTPUT(struct options, flow, 0, "flow", "TABLE", TABLES, "who was assessed, excluded and why, analysed"),
    OPT_OUTPUT(struct options, methods, 0, "methods", "TEXT", "*.txt", "what was done, ready to paste"),
    OPT_OUTPUT(struct options, figure, 0, "figure", "PICTURE", PICTURES, "points, density, mean and interval by group"),
    OPT_OUTPUT(struct options, forest, 0, "forest", "PICTURE", PICTURES, "forest plot of Hedges g"),
    OPT_OUTPUT(struct options, roc, 0, "roc", "PICTURE", PICTURES, "ROC curves"),
    OPT_LIST(struct options, show, 0, "show", "KEY", "indices to draw (glob); without it the primary one and the family"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "COUPLING", "tables of nvc-coupling, one or many; without them standard input", "*.tsv", 0, -1 },
    { 0 }
};

static const struct nvc_output outputs[] = {
    { "group", "one row per index, contrast, region, side, task and session", nvc_group_columns },
    { "demographics", "with --demographics", nvc_demographics_columns },
    { "flow", "with --flow", nvc_flow_columns },
    { "sensitivity", "with --sensitivity", nvc_sensitivity_columns },
    { "specificity", "with --specificity", nvc_specificity_columns },
    { "one-sample", "with --one-sample", nvc_one_sample_columns },
    { "normative", "with --normative", nvc_normative_columns },
    { "correlations", "with --correlations", nvc_scores_columns },
    { "model", "with --model", nvc_model_columns },
    { "curve", "with --curve-table", nvc_forks_columns },
    { NULL, NULL, NULL }
};

static const char *const see_also[] = { "nvc-coupling(1)", "nvc-habituation(1)", "nvc-reliability(1)", "nvc-run(1)", "nvc-tables(5)", NULL };

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    return nvc_group_run(options, args, n_args, err);
}

static const struct nvc_cmd cmd = {
    .name = "nvc-group", .summary = "compare cases with controls in every index", .description = nvc_group_description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = nvc_group_sections, .examples = nvc_group_examples,
    .references = nvc_group_references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
