#include "cmd/nvc-group.h"

#include "cli/cmd.h"
#include "table/demographics.h"
#include "table/flow.h"
#include "table/group.h"

#include <limits.h>

static const char *const runs_names[] = { "refuse", "mean", "ivw", NULL };
static const char *const auc_names[] = { "logit", "normal", "newcombe", NULL };

static const struct options defaults = { .group = "group", .output = "-", .min_coverage = 0.5, .permutations = 10000,
                                         .seed = 1, .threads = NVC_NO_INT, .equivalence_g = 0.4 };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Groups"),
    OPT_INPUT(struct options, participants, 'p', "participants", "TSV", "*.tsv",
              "participants table: participant_id (with or without sub-), the groups, covariates", .flags = NVC_OPT_REQUIRED),
    OPT_TEXT(struct options, group, 'g', "group", "COLUMN", "column of the participants table that holds the groups"),
    OPT_TEXT(struct options, case_label, 0, "case", "LABEL", "label of the cases", .flags = NVC_OPT_REQUIRED),
    OPT_TEXT(struct options, control_label, 0, "control", "LABEL", "label of the controls; without it the only other label"),
    OPT_TEXT(struct options, covariates, 'c', "covariates", "NAMES",
             "columns to adjust for, parted by commas; mean_fd, tsnr and coverage are taken from the coupling tables unless the "
             "participants table has them"),
    OPT_LIST(struct options, factors, 0, "factor", "COLUMN", "read this column as labels although it holds numbers"),
    OPT_GROUP("Values"),
    OPT_CHOICE(struct options, runs, 0, "runs", "HOW", runs_names,
               "several runs of a participant: refused, their mean, or their mean weighted by the inverse variance"),
    OPT_REAL(struct options, min_coverage, 0, "min-coverage", "SHARE", NULL, 0, 1, "rows of smaller coverage count as missing"),
    OPT_LIST(struct options, exclude, 'x', "exclude", "RULE",
             "leave out what the rule hits: 'mean_fd>0.5', 'tsnr<20', 'n_vox<10' for rows, 'age>65', 'site=B' for participants; "
             "may be repeated"),
    OPT_GROUP("Tests"),
    OPT_TEXT(struct options, primary, 0, "primary", "KEY",
             "the one index that was declared beforehand, INDEX.CONTRAST.REGION_SIDE (glob): tested alone, outside the family"),
    OPT_LIST(struct options, family, 0, "family", "KEY",
             "indices of the family of tests (glob); may be repeated; without it all but derived rows and quality"),
    OPT_INT(struct options, permutations, 'n', "permutations", "N", 0, 10000000,
            "random permutations; few arrangements are enumerated instead; 0: none"),
    OPT_INT(struct options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the random numbers"),
    OPT_FLAG(struct options, pooled, 0, "pooled", "permute the ordinary t, which is valid only under equal variances"),
    OPT_TEXT(struct options, block, 0, "block", "COLUMN", "permute only within the levels of this column, for example site"),
    OPT_CHOICE(struct options, auc_ci, 0, "auc-ci", "HOW", auc_names, "interval of the area under the curve"),
    OPT_LIST(struct options, lower, 0, "lower", "KEY", "indices in which cases are expected to be lower (glob); may be repeated"),
    OPT_REAL(struct options, equivalence_g, 0, "equivalence", "G", NULL, 0.01, 10, "bounds -G and G of the equivalence test, in standard deviations"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 1024, "number of threads, without it one per processor; the result does not depend on it"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TABLE", "*.tsv *.csv *.md *.tex *.html",
               "case-control table: .tsv and .csv hold every number, .md .tex .html are as a paper prints it"),
    OPT_LIST(struct options, also, 0, "also", "TABLE", "the same table once more in the kind of this name; may be repeated"),
    OPT_OUTPUT(struct options, demographics, 0, "demographics", "TABLE", "*.tsv *.csv *.md *.tex *.html",
               "table of the participants' variables by group"),
    OPT_OUTPUT(struct options, flow, 0, "flow", "TABLE", "*.tsv *.csv *.md *.tex *.html", "who was assessed, excluded and why, analysed"),
    OPT_OUTPUT(struct options, figure, 0, "figure", "PICTURE", "*.pdf *.svg *.png", "points, density, mean and interval by group"),
    OPT_OUTPUT(struct options, forest, 0, "forest", "PICTURE", "*.pdf *.svg *.png", "forest plot of Hedges g"),
    OPT_OUTPUT(struct options, roc, 0, "roc", "PICTURE", "*.pdf *.svg *.png", "ROC curves"),
    OPT_LIST(struct options, show, 0, "show", "KEY", "indices to draw (glob); without it the primary one and the family"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "COUPLING", "tables of nvc-coupling, one or many; without them standard input", "*.tsv", 0, -1 },
    { 0 }
};

static const char *const description[] = {
    "Compares cases with controls in every index: means, difference with interval, Welch t, Hedges g with interval, the "
    "difference adjusted for covariates, and the false discovery rate over the printed family.  Every row is printed, "
    "significant or not.  Differences are case minus control.",
    "Coverage, temporal signal-to-noise ratio and mean framewise displacement are printed as outcomes beside the indices: a "
    "group difference in them is the first thing to look at.  They are in no family.",
    "A participant without a value of an index is left out of that index and counted, with the reason in the note: no_row, "
    "undefined, low_coverage, no_se.",
    NULL
};

static const struct nvc_section sections[] = {
    { "METHODS", (const char *const[]){
        "Difference: means, Welch's t with the degrees of freedom of Satterthwaite.  Hedges g: pooled standard deviation, exact "
        "small-sample factor, interval by inverting the noncentral t.  Adjusted difference: ordinary least squares on the group, "
        "numeric covariates and dummies of factors, over the participants who have all of them.  q: Benjamini and Hochberg over "
        "the adjusted p where there are covariates, else over Welch's p; rows of quality and derived rows (differences of sides, "
        "contrasts of conditions that stand beside their conditions) are not in the family.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A group difference in a row of class bold-response is one of the BOLD response, not of neurovascular coupling; motion, "
        "medication, caffeine, atrophy and signal dropout differ between groups too.  An absent difference with a wide interval "
        "is not evidence of equality.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "group", "one row per index, contrast, region, side, task and session", nvc_group_columns },
    { "demographics", "with --demographics", nvc_demographics_columns },
    { "flow", "with --flow", nvc_flow_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-group -p participants.tsv --case patient -c age,sex coupling/*.tsv > table.tsv", "a cohort" },
    { "nvc-group -p participants.tsv --case patient --runs ivw -o table.tsv --also table.tex coupling/*.tsv",
      "several runs; a table for the paper" },
    { "nvc-group -p participants.tsv --case patient -x 'mean_fd>0.5' --flow flow.tsv --figure points.pdf coupling/*.tsv > table.tsv",
      "leave out who moved, tell who that was, draw every point" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Welch BL. The generalization of Student's problem when several different population variances are involved. Biometrika "
    "1947;34:28-35. doi:10.1093/biomet/34.1-2.28",
    "Hedges LV. Distribution theory for Glass's estimator of effect size and related estimators. J Educ Stat 1981;6:107-128. "
    "doi:10.3102/10769986006002107",
    "Benjamini Y, Hochberg Y. Controlling the false discovery rate. J R Stat Soc B 1995;57:289-300. "
    "doi:10.1111/j.2517-6161.1995.tb02031.x",
    NULL
};
static const char *const see_also[] = { "nvc-coupling(1)", "nvc-reliability(1)", "nvc-run(1)", "nvc-tables(5)", NULL };

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    return nvc_group_run(options, args, n_args, err);
}

static const struct nvc_cmd cmd = {
    .name = "nvc-group", .summary = "compare cases with controls in every index", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
