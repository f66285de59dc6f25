#include "cli/cmd.h"
#include "cli/output.h"
#include "cmd/shared/coupling_files.h"
#include "math/lsq.h"
#include "plot/agreement_plot.h"
#include "table/reliability.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const by_names[] = { "session", "run", NULL };

struct options {
    const char *participants, *group, *case_label, *control_label, *output, *figure;
    struct nvc_list show, factors;
    int by, bootstrap, seed;
    double min_coverage;
};
static const struct options defaults = { .group = "group", .output = "-", .min_coverage = 0.5, .bootstrap = 2000, .seed = 1 };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Occasions"),
    OPT_CHOICE(struct options, by, 0, "by", "WHAT", by_names, "what the repeated measurements are"),
    OPT_REAL(struct options, min_coverage, 0, "min-coverage", "SHARE", NULL, 0, 1, "rows of smaller coverage count as missing"),
    OPT_GROUP("Groups, for the true size of an effect"),
    OPT_INPUT(struct options, participants, 'p', "participants", "TSV", "*.tsv", "participants table with the groups"),
    OPT_TEXT(struct options, group, 'g', "group", "COLUMN", "column of the participants table that holds the groups"),
    OPT_TEXT(struct options, case_label, 0, "case", "LABEL", "label of the cases"),
    OPT_TEXT(struct options, control_label, 0, "control", "LABEL", "label of the controls; without it the only other label"),
    OPT_LIST(struct options, factors, 0, "factor", "COLUMN", "read this column as labels although it holds numbers"),
    OPT_INT(struct options, bootstrap, 'n', "bootstrap", "N", 100, 1000000, "bootstrap replicates of the true effect size"),
    OPT_INT(struct options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the random numbers"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TABLE", "*.tsv *.csv *.md *.tex *.html",
               "reliability table: .tsv and .csv hold every number, .md .tex .html are as a paper prints it"),
    OPT_OUTPUT(struct options, figure, 0, "figure", "PICTURE", "*.pdf *.svg *.png", "Bland-Altman plot of the first two occasions"),
    OPT_LIST(struct options, show, 0, "show", "KEY", "indices to draw (glob INDEX.CONTRAST.REGION_SIDE); without it all"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "COUPLING", "tables of nvc-coupling, one or many; without them standard input", "*.tsv", 0, -1 },
    { 0 }
};

static const char *const description[] = {
    "How well an index repeats itself: intraclass correlations with intervals, split-half reliability, standard error of "
    "measurement, smallest detectable change, Bland-Altman limits, and with groups what a group difference would be without the "
    "noise of measurement.",
    "Occasions are sessions (test-retest) or runs (within a session); they are compared in the bytewise order of their labels.  "
    "Participants who lack one are left out of that index and counted.",
    NULL
};

static const struct nvc_section sections[] = {
    { "METHODS", (const char *const[]){
        "ICC(1,.): one-way; ICC(2,.): two-way, absolute agreement; ICC(3,.): two-way, consistency; the second number says whether "
        "one measurement is meant or the mean of all.  Which standard error of measurement belongs to which: consistency is "
        "sqrt(MSE), agreement adds the variance of the occasions.  The smallest detectable change is 1.96 sqrt(2) times it.",
        "True g: Hedges g of the mean over occasions over the square root of ICC(3,k) within groups, interval by the BCa bootstrap "
        "of participants within groups.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "Runs of one session share the day, the placement in the scanner and the coffee: their reliability is an upper bound of "
        "that between sessions.  An intraclass correlation depends on how much the participants differ: it is one of this sample, "
        "not of the index alone.  High reliability of an artefact is high reliability.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "reliability", "one row per index, contrast, region, side and task", nvc_reliability_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-reliability --by session pre/*.tsv post/*.tsv > reliability.tsv", "test-retest" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 1979;86:420-428. "
    "doi:10.1037/0033-2909.86.2.420",
    "McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. Psychol Methods 1996;1:30-46. "
    "doi:10.1037/1082-989X.1.1.30",
    "Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160. "
    "doi:10.1177/096228029900800204",
    NULL
};
static const char *const see_also[] = { "nvc-coupling(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

struct work {
    struct nvc_coupling rows;
    struct nvc_participants who;
    struct nvc_contrast_groups groups;
    struct nvc_reliability reliability;
    struct nvc_marks marks;
};

static void work_release(struct work *w)
{
    nvc_reliability_release(&w->reliability);
    nvc_contrast_groups_release(&w->groups);
    nvc_participants_release(&w->who);
    nvc_coupling_release(&w->rows);
    free(w->marks.items);
}

static int read_inputs(struct work *w, const struct options *o, char **args, int n_args, struct nvc_error *err)
{
    int status = nvc_read_coupling_files(&w->rows, &w->marks, args, n_args, err);
    if (!status && o->participants)
        status = nvc_read_participants_file(&w->who, &w->marks, o->participants, &o->factors, err);
    if (!status && o->participants)
        status = nvc_contrast_groups_init(&w->groups, &w->who, o->group, o->case_label, o->control_label, err);
    return status;
}

/* Both are made before one is written. */
static int put(const struct work *w, const struct options *o, struct nvc_error *err)
{
    struct nvc_text text = { 0 }, figure = { 0 };
    char seed[16];
    enum nvc_table_kind kind = nvc_table_kind_of(o->output);
    enum nvc_picture picture;
    struct nvc_sidecar sidecar = { .columns = nvc_reliability_columns, .inputs = w->marks.items, .n_inputs = w->marks.n, .seed = seed };
    (void)!snprintf(seed, sizeof seed, "%d", o->seed);
    int status = nvc_reliability_write(&text, &w->reliability, kind, err);
    if (!status && o->figure && !(status = nvc_picture_of(o->figure, &picture, err)))
        status = nvc_agreement_plot(&figure, picture, &w->reliability, &o->show, err);
    if (!status)
        status = nvc_output(o->output, &text, kind == NVC_TSV || kind == NVC_CSV ? &sidecar : NULL, err);
    if (!status && o->figure)
        status = nvc_output(o->figure, &figure, NULL, err);
    nvc_text_release(&text);
    nvc_text_release(&figure);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    struct work w = { 0 };
    enum nvc_picture kind;
    if (o->participants && !o->case_label)
        return nvc_fail(err, NVC_EUSAGE, "--participants needs --case: which label are the cases?");
    nvc_blas_single_thread();
    int status = o->figure ? nvc_picture_of(o->figure, &kind, err) : 0;
    if (!status)
        status = read_inputs(&w, o, args, n_args, err);
    if (!status)
        status = nvc_reliability_init(&w.reliability, &w.rows, (enum nvc_occasion)o->by, o->min_coverage, err);
    if (!status)
        status = nvc_reliability_compute(&w.reliability, o->participants ? &w.who : NULL, o->participants ? &w.groups : NULL,
                                         (size_t)o->bootstrap, (uint64_t)o->seed, err);
    if (!status)
        status = put(&w, o, err);
    work_release(&w);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-reliability", .summary = "tell how well indices repeat themselves", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
