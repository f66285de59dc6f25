#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cmd/shared/defaults.h"
#include "cmd/habituation/job.h"
#include "math/lsq.h"
#include "table/coupling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const noise_choices[] = { "ols", "ar1", "ar1-reml", "arma11", NULL }; /* as enum nvc_noise begins */

static const struct habituation_options defaults = {
    .run = { .high_pass_s = 128, .usual_confounds = NVC_RUN_CONFOUNDS }, .block_gap_s = 8, .noise = NVC_NOISE_ARMA11, .threads = 1, .hrf = "spm",
    .output = "-"
};

static const struct nvc_opt opts[] = {
    OPT_GROUP("Model"),
    TASK_RUN_EVENTS(struct habituation_options, run, .flags = NVC_OPT_REQUIRED),
    OPT_REAL(struct habituation_options, block_gap_s, 0, "block-gap", "SECONDS", "s", 0, 10000,
             "events of a condition closer than this are one block"),
    OPT_LIST(struct habituation_options, contrasts, 'C', "contrast", "CONTRAST",
             "[NAME =] EXPRESSION of conditions, as 'face - house': rows of its slopes, and its halves"),
    OPT_LIST(struct habituation_options, minus, 0, "minus", "REGION",
             "halves of the response of every other region minus this control region, as the rows of nvc-glm"),
    OPT_TEXT(struct habituation_options, hrf, 0, "hrf", "HRF", "spm, glover, nilearn or nilearn-glover, with or without derivatives, as for nvc-glm"),
    OPT_CHOICE(struct habituation_options, noise, 'n', "noise", "MODEL", noise_choices, "serial correlation of the noise, as for nvc-glm"),
    OPT_LIST(struct habituation_options, run.durations, 0, "event-duration", "[CONDITION=]SECONDS",
             "event that a percent signal change refers to; without it the median duration of each condition"),
    OPT_INT(struct habituation_options, run.dummy_scans, 0, "dummy-scans", "N", 0, 1000, "volumes at the start to leave out of the model"),
    OPT_GROUP("Nuisance"),
    TASK_RUN_NUISANCE_OF(struct habituation_options, run, NVC_RUN_CONFOUNDS),
    OPT_GROUP("Output"),
    OPT_INT(struct habituation_options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct habituation_options, output, 'o', "output", "TSV", "*.tsv", "the indices"),
    OPT_OUTPUT(struct habituation_options, halves, 0, "halves", "TSV", "*.tsv",
               "responses and slopes from the odd and from the even blocks or trials, as two runs, for nvc-group and nvc-reliability"),
    OPT_FLAG(struct habituation_options, where_possible, 0, "where-possible",
             "leave out, with a warning, what the run cannot tell (blocks that are too many, a contrast of other columns), instead of an error"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "SERIES", "series table of nvc-extract; - is standard input", "*.tsv", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "How the response of a region changes over the blocks of a condition and over its trials, as contrasts inside the model of the run, with "
    "the degrees of freedom and the serial correlation of the fit.  Regressing block estimates on their order afterwards would leave B - 2 "
    "degrees of freedom.  A contrast of conditions has the same rows: does the response to faces shrink faster than that to houses?",
    "Blocks have a column each.  habituation: slope in percent signal change per block (negative: the response shrinks); habituation_log: per "
    "unit of ln(block); habituation_quadratic: coefficient of block squared beside both; habituation_decrement: 100 (1 - last/first), with "
    "Fieller's interval, where the first block is above 0 by two errors; psc_first, psc_last, psc_odd and psc_even: of these blocks.",
    "Trials (conditions of four or more, unless each is a block) have the mean response and a line over their number in one model, ln(number) "
    "and a parabola in two others: habituation_trial, per trial, and habituation_trial_log, _quadratic, _decrement (of the line at the last "
    "against the first trial); psc_first_trial and psc_last_trial are of the line.",
    "Defaults are those of nvc-glm, so that slopes, halves and the response itself are of one model.",
    NULL
};

static const struct nvc_section sections[] = {
    { "HALVES", (const char *const[]){
        "--halves makes the reliability inside the run, in the form of the coupling table with runs odd and even (01-odd and 01-even of run 01).  "
        "Every condition is halved, by its blocks or by its trials, whichever tells the difference of the halves better: trials a second apart "
        "cannot be told apart, blocks can.  A half is the response of nvc-glm to the whole plus (odd) or minus (even) half the difference of "
        "the two, put together as nvc-coupling does: psc and z of conditions and contrasts, side B (generalised least squares of both "
        "sides), psc_rl, and psc_minus with --minus; habituation and habituation_trial: slopes.",
        "Responses to odd and to even trials of one run share its baseline: their errors are correlated, and correlated errors pass for "
        "reliability.  The difference is therefore scaled so that its error, by the model, is that of the whole; the errors of whole + difference "
        "and whole - difference are then uncorrelated, and their intraclass correlation, stepped up by Spearman and Brown, is the reliability of "
        "the whole.  The size of the noise is seen in the difference; only how it falls on sum and difference is taken from the model.",
        "Of 1000 people who see the same run (240 volumes of 2 s; noise AR(1) .5; true responses to faces and houses that spread as much as the "
        "error of that to faces): the true reliability of the whole, what these halves tell, what plain ones would (odd and even blocks or trials as "
        "conditions of their own), and the correlation of the errors of plain halves.  Monte Carlo error .03; tests/bench/halves.sh makes "
        "these numbers:",
        "                                         true  halves  plain  errors\n"
        "    blocks of 18 s and rest faces         .49     .53    .49     .00\n"
        "                            difference    .58     .58    .42    -.15\n"
        "    blocks of 36 s, no rest faces         .49     .51    .78     .43\n"
        "                            difference    .87     .88    .66    -.45\n"
        "    a trial in 8-16 s       faces         .49     .45    .70     .26\n"
        "                            difference    .52     .51    .61     .11\n"
        "    a trial in 3-6 s        faces         .48     .43    .89     .65\n"
        "                            difference    .84     .82    .80    -.13",
        "nvc-group --halves sets the reliability beside the effect; nvc-reliability --by run makes intraclass correlation and Spearman-Brown over "
        "the participants.", NULL } },
    { "NOTES IN THE TABLE", (const char *const[]){
        "few_blocks: a parabola wants three.  not_estimable: the series does not vary, or the design holds too little (a "
        "warning says so).  weak_response: "
        "the first block or trial is not above 0 by two errors, so a percent of it means nothing.  derived: follows from other rows, "
        "nvc-group keeps it out of its family of tests.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A response that shrinks can be neural adaptation, a drifting gaze, sleep, or vessels that no longer follow: rows are of class "
        "bold-response.  Movement and arousal change over a run as well: compare the slope of framewise displacement.  With the four face "
        "blocks of the usual task a slope rests on four numbers; in the one study of its reliability it was better than the mean response "
        "(25 people).", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region, condition and index, of class bold-response", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-habituation -e sub-01/func/*_events.tsv -c sub-01/func/*_desc-confounds_timeseries.tsv series.tsv > habituation.tsv",
      "slopes over the blocks and trials of each condition" },
    { "nvc-habituation -e sub-01/func/*_events.tsv --contrast 'face - shape' --halves halves.tsv series.tsv > habituation.tsv",
      "the halves of one participant, also of a contrast; nvc-group --halves and nvc-reliability --by run take those of all" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Plichta MM, et al. Amygdala habituation: a reliable fMRI phenotype. NeuroImage 2014;103:383-390. doi:10.1016/j.neuroimage.2014.09.059",
    "Fieller EC. Some problems in interval estimation. J R Stat Soc B 1954;16:175-185. doi:10.1111/j.2517-6161.1954.tb00159.x",
    NULL
};
static const char *const see_also[] = { "nvc-glm(1)", "nvc-group(1)", "nvc-reliability(1)", "nvc-tables(5)", NULL };

void habituation_release(struct habituation_job *j)
{
    task_run_release(&j->run);
    nvc_coupling_release(&j->indices);
    nvc_coupling_release(&j->halves);
    for (size_t k = 0; k < j->n_items; k++)
        nvc_contrast_release(&j->items[k]);
    free(j->items);
    free(j->texts);
    free(j->even);
    free(j->halved);
    free(j->n_blocks);
    free(j->n_trials);
    for (int way = 0; way < HAB_WAYS; way++) {
        nvc_glm_fit_release(&j->fit[way]);
        nvc_glm_free(j->glm[way]);
    }
}

static int add_contrast(struct habituation_job *j, const char *text, struct nvc_error *err)
{
    const char *const *conditions = (const char *const *)j->run.events.conditions;
    struct nvc_contrast *c = &j->items[j->n_items];
    int status = nvc_contrast_parse(c, text, conditions, j->run.events.n_conditions, err);
    if (status)
        return nvc_fail_in(err, "--contrast '%s'", text);
    if (c->is_f)
        status = nvc_fail(err, NVC_EDATA, "--contrast '%s': an F test has no size that could change from block to block; give differences", text);
    for (size_t k = 0; k < j->n_items && !status; k++)
        if (!strcmp(j->items[k].name, c->name))
            status = nvc_fail(err, NVC_EDATA, "--contrast '%s': '%s' is there already; name it otherwise: 'NAME = ...'", text, c->name);
    if (status)
        nvc_contrast_release(c);
    else
        j->texts[j->n_items++] = text;
    return status;
}

int habituation_read(struct habituation_job *j, const char *path, struct nvc_error *err)
{
    const struct habituation_options *o = j->o;
    int status = nvc_hrf_parse(&j->hrf, o->hrf, err);
    j->no_height = !status && j->hrf.kind > NVC_HRF_NILEARN_GLOVER;
    if (j->no_height)
        return habituation_pass(j, nvc_fail(err, o->where_possible ? NVC_EDATA : NVC_EUSAGE, "it has no single height that could change from block to "
                                            "block; give spm or glover, with or without derivatives"), "--hrf", err);
    if (!status && !(status = task_run_read(&j->run, &o->run, path, &j->hrf, err)) &&
        (!(j->items = nvc_array(j->run.events.n_conditions + o->contrasts.n, sizeof *j->items, err)) ||
         !(j->texts = nvc_array(j->run.events.n_conditions + o->contrasts.n, sizeof *j->texts, err))))
        status = NVC_ESYS;
    j->end_s = (double)j->run.series.n_volumes * j->run.series.tr_s;
    const size_t n = j->run.events.n_conditions;
    for (size_t k = 0; k < n && !status; k++)
        if (!(status = nvc_contrast_single(&j->items[k], j->run.events.conditions[k], k, n, err)))
            j->n_items++;
    for (size_t k = 0; k < o->contrasts.n && !status; k++)
        status = habituation_pass(j, add_contrast(j, o->contrasts.items[k], err), "contrasts", err);
    return status;
}

static int write_tables(struct habituation_job *j, struct nvc_error *err)
{
    struct nvc_text text = { 0 }, halves = { 0 };
    int status = nvc_coupling_write(&text, &j->indices, true, err);
    if (!status && j->o->halves && !(status = nvc_coupling_write(&halves, &j->halves, true, err)))
        status = task_run_output(&j->run, j->o->halves, &halves, nvc_coupling_columns, err);
    if (!status)
        status = task_run_output(&j->run, j->o->output, &text, nvc_coupling_columns, err);
    nvc_text_release(&text);
    nvc_text_release(&halves);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct habituation_job j = { .o = options };
    nvc_blas_single_thread();
    int status = nvc_output_apart(j.o->output, j.o->halves, "--halves", err);
    if (!status)
        status = habituation_read(&j, n_args ? args[0] : "-", err);
    if (!status && !j.no_height && !(status = habituation_choose_halves(&j, err)) && !(status = habituation_fit(&j, err))) {
        status = j.o->halves ? habituation_halves(&j, err) : 0;
        status = status ? status : habituation_rows(&j, err);
    }
    status = status ? status : write_tables(&j, err);
    habituation_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-habituation", .summary = "measure how a response changes over blocks and trials", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
