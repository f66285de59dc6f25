#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "table/coupling.h"
#include "table/demographics.h"
#include "table/group.h"
#include "table/participants.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const runs_names[] = { "refuse", "mean", "ivw", NULL };

struct options {
    const char *participants, *group, *case_label, *control_label, *covariates, *output, *demographics;
    struct nvc_list factors, also;
    int runs;
    double min_coverage;
};
static const struct options defaults = { .group = "group", .output = "-", .min_coverage = 0.5 };

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
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TABLE", "*.tsv *.csv *.md *.tex *.html",
               "case-control table: .tsv and .csv hold every number, .md .tex .html are as a paper prints it"),
    OPT_LIST(struct options, also, 0, "also", "TABLE", "the same table once more in the kind of this name; may be repeated"),
    OPT_OUTPUT(struct options, demographics, 0, "demographics", "TABLE", "*.tsv *.csv *.md *.tex *.html", "table of the participants' variables by group"),
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
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-group -p participants.tsv --case patient -c age,sex coupling/*.tsv > table.tsv", "a cohort" },
    { "nvc-group -p participants.tsv --case patient --runs ivw -o table.tsv --also table.tex coupling/*.tsv", "several runs; a table for the paper" },
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

/* Everything that a run holds; zeroed, released as a whole. */
struct work {
    struct nvc_participants who;
    struct nvc_coupling rows;
    struct nvc_contrast_groups groups;
    struct nvc_cohort cohort;
    struct nvc_group_table table;
    struct nvc_demographics demographics;
    struct nvc_variable *covariates;
    size_t n_covariates;
    char *covariate_text;
    char **names;
    struct nvc_input_mark *marks;
    size_t n_marks;
};

static void work_release(struct work *w)
{
    nvc_group_table_release(&w->table);
    nvc_demographics_release(&w->demographics);
    nvc_cohort_release(&w->cohort);
    nvc_contrast_groups_release(&w->groups);
    nvc_coupling_release(&w->rows);
    nvc_participants_release(&w->who);
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

static int compute(struct work *w, const struct options *o, struct nvc_error *err)
{
    int status = nvc_contrast_groups_init(&w->groups, &w->who, o->group, o->case_label, o->control_label, err);
    if (!status)
        status = find_covariates(w, o, err);
    if (!status)
        status = nvc_cohort_init(&w->cohort, &w->who, &w->rows, (enum nvc_runs)o->runs, o->min_coverage, err);
    if (!status) {
        struct nvc_group_options g = { w->covariates, w->n_covariates, 0.95 };
        status = nvc_group_compute(&w->table, &w->cohort, &w->groups, &g, err);
    }
    if (!status && o->demographics)
        status = nvc_demographics_compute(&w->demographics, &w->who, &w->groups, err);
    return status;
}

static int put_table(const struct work *w, const struct options *o, const char *path, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    struct nvc_group_heading heading = { w->groups.labels[1], w->groups.labels[0], o->covariates };
    struct nvc_sidecar sidecar = { .columns = nvc_group_columns, .inputs = w->marks, .n_inputs = w->n_marks };
    enum nvc_table_kind kind = nvc_table_kind_of(path);
    int status = nvc_group_write(&text, &w->table, &heading, kind, err);
    if (!status)
        status = nvc_output(path, &text, kind == NVC_TSV || kind == NVC_CSV ? &sidecar : NULL, err);
    nvc_text_release(&text);
    return status;
}

static int put_demographics(const struct work *w, const char *path, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    struct nvc_sidecar sidecar = { .columns = nvc_demographics_columns, .inputs = w->marks, .n_inputs = 1 };
    enum nvc_table_kind kind = nvc_table_kind_of(path);
    int status = nvc_demographics_write(&text, &w->demographics, w->groups.labels[1], w->groups.labels[0], kind, err);
    if (!status)
        status = nvc_output(path, &text, kind == NVC_TSV || kind == NVC_CSV ? &sidecar : NULL, err);
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

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    struct work w = { 0 };
    int status = read_inputs(&w, o, args, n_args, err);
    if (!status)
        status = compute(&w, o, err);
    if (!status) {
        warn_absent(&w);
        status = put_table(&w, o, o->output, err);
    }
    for (size_t i = 0; i < o->also.n && !status; i++)
        status = put_table(&w, o, o->also.items[i], err);
    if (!status && o->demographics)
        status = put_demographics(&w, o->demographics, err);
    work_release(&w);
    return status;
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
