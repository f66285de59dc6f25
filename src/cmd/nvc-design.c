#include "base/memory.h"
#include "base/number.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/shared/design_options.h"
#include "io/bids.h"
#include "io/json.h"
#include "io/nifti.h"
#include "io/repetition.h"
#include "math/lsq.h"
#include "plot/design_plot.h"
#include "table/design.h"
#include "table/series.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct design_options model;
    const char *tr, *output, *picture, *report;
    int n_volumes, plain;
};
static const struct options defaults = { .model = DESIGN_DEFAULTS, .n_volumes = NVC_NO_INT, .output = "-" };

static const struct nvc_opt opts[] = {
    DESIGN_OPTIONS(struct options, model),
    OPT_GROUP("Run"),
    OPT_INT(struct options, n_volumes, 'n', "n-volumes", "N", 1, 1000000, "number of volumes, for a run that is not there; with --tr",
            .flags = NVC_OPT_NO_INPUT),
    OPT_TEXT(struct options, tr, 0, "tr", "TR", "seconds; of an image also header or sidecar: which repetition time to believe"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "design matrix"),
    OPT_OUTPUT(struct options, picture, 'p', "figure", "PICTURE", "*.png *.svg *.pdf", "the design and the correlations of its columns"),
    OPT_OUTPUT(struct options, report, 'r', "report", "FILE", "*.tsv *.csv *.md *.tex *.html", "variance inflation and efficiency of each column"),
    OPT_FLAG(struct options, plain, 0, "plain", "no first line of facts on standard output"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "RUN", "series table of nvc-extract or image (only its header is read); - is a series on standard input",
      "*.tsv *.nii *.nii.gz", 0, 1 },
    { NULL, NULL, NULL, 0, 0 }
};

static const char *const description[] = {
    "The design matrix of a run: one row per volume; a column for each condition, modulator and function of the response; confounds; "
    "cosine drift; one column for each censored volume; a constant.  It is SPM12's design to the last digit where SPM has one, and "
    "3dDeconvolve's where AFNI has.",
    "The number of volumes, the repetition time and whether slice timing was corrected come from RUN: a series table or the image.  "
    "--n-volumes and --tr design a run that is still to be measured.",
    "A strategy of confounds takes along the volumes of non_steady_state_outlierXX.  These, motion_outlierXX and the volumes of scrub:MM "
    "and --censor have a column each, censor_NNN, counted from 0.  The first row of a derivative may be n/a (it becomes 0), nothing else may.",
    "Standard error tells the condition number of the columns scaled to unit length, and the variance inflation of the task columns; a "
    "design whose columns depend on each other is refused with their names.",
    NULL
};

static const struct nvc_section sections[] = {
    DESIGN_SECTIONS,
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "Efficiency and variance inflation suppose white noise and the right response function; they compare designs, not studies.",
        "A low variance inflation does not tell that a confound is innocent: motion that goes with the task takes part of the response "
        "with it, and the figure shows the correlation.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "design", "time and one column per regressor; facts in the first line or the sidecar", nvc_design_columns },
    { "report", "with --report: one row per column of the design", nvc_design_report_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-design -e sub-01/func/*_events.tsv --confounds 24p,scrub:0.5 -c sub-01/func/*_timeseries.tsv "
      "sub-01/func/*_bold.nii.gz -o design.tsv -p design.png", "for an image; look at design.png" },
    { "nvc-design -e sub-01/func/*_events.tsv --hrf spm+derivative+dispersion -n 200 --tr 2 --report vif.md > design.tsv",
      "no data yet: is the experiment efficient?" },
    { "nvc-design -e sub-01/func/*_events.tsv --hrf fir:30,2 -n 200 --tr 2 -o fir.tsv", "the response in steps of 2 s, free of any shape" },
    { NULL, NULL }
};
static const char *const references[] = {
    "Friston KJ, et al. Event-related fMRI: characterizing differential responses. NeuroImage 1998;7:30-40. doi:10.1006/nimg.1997.0306",
    "Glover GH. Deconvolution of impulse response in event-related BOLD fMRI. NeuroImage 1999;9:416-429. doi:10.1006/nimg.1998.0419",
    "Cohen MS. Parametric analysis of fMRI data using linear systems methods. NeuroImage 1997;6:93-103. doi:10.1006/nimg.1997.0278",
    "Friston KJ, et al. Movement-related effects in fMRI time-series. Magn Reson Med 1996;35:346-355. doi:10.1002/mrm.1910350312",
    "Behzadi Y, et al. A component based noise correction method (CompCor). NeuroImage 2007;37:90-101. doi:10.1016/j.neuroimage.2007.04.042",
    "Power JD, et al. Spurious but systematic correlations in functional connectivity. NeuroImage 2012;59:2142-2154. "
    "doi:10.1016/j.neuroimage.2011.10.018",
    NULL
};
static const char *const see_also[] = { "nvc-extract(1)", "nvc-glm(1)", "nvc-hrf(1)", "nvc-tables(5)", NULL };

struct job {
    struct nvc_series series; /* the names of the run */
    struct design_run run;
    struct nvc_design design;
    struct nvc_design_report report;
    struct nvc_input_mark marks[DESIGN_MARKS + 1];
    size_t n_marks;
    enum nvc_picture picture;
};

static int read_series(struct job *j, const char *path, struct nvc_error *err)
{
    struct nvc_table t;
    int status = nvc_table_read(&t, path, err);
    if (status)
        return status;
    status = nvc_series_parse(&j->series, &t, err);
    j->run = design_run_of(&j->series);
    j->marks[j->n_marks++] = (struct nvc_input_mark){ path, t.crc32, t.bytes };
    nvc_table_release(&t);
    return status;
}

static int read_header(struct job *j, const struct options *o, const char *path, struct nvc_error *err)
{
    struct nvc_nifti *image;
    json_t *meta = NULL;
    int status = nvc_nifti_open(&image, path, NVC_ORIENT_AUTO, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    const json_t *corrected;
    j->run.n_volumes = nvc_nifti_header(image)->n_volumes;
    status = nvc_bids_sidecar(&meta, path, err);
    if (!status && (status = nvc_repetition_time(&j->run.tr_s, nvc_nifti_header(image), meta, o->tr, err)))
        (void)nvc_fail_in(err, "%s", path);
    corrected = json_object_get(meta, "SliceTimingCorrected");
    j->run.slice_time_corrected = json_is_boolean(corrected) ? json_is_true(corrected) : -1;
    j->run.start_time_s = NAN;
    if (!status && meta && (status = nvc_json_get_real(meta, "StartTime", &j->run.start_time_s, err)))
        (void)nvc_fail_in(err, "sidecar of %s", path);
    if (isnan(j->run.start_time_s))
        j->run.start_time_s = 0;
    json_decref(meta);
    nvc_nifti_close(image);
    return status;
}

static bool is_image(const char *path)
{
    static const char *const suffix[] = { ".nii", ".nii.gz", ".hdr", ".img" };
    for (size_t i = 0; i < 4; i++)
        if (nvc_has_suffix(path, suffix[i]))
            return true;
    return false;
}

static int read_run(struct job *j, const struct options *o, const char *path, struct nvc_error *err)
{
    if (path)
        return is_image(path) ? read_header(j, o, path, err) : read_series(j, path, err);
    j->run = (struct design_run){ .n_volumes = (size_t)o->n_volumes, .slice_time_corrected = -1 };
    return nvc_parse_real(o->tr, strlen(o->tr), &j->run.tr_s) ? 0 : NVC_EBUG;
}

static int check_options(struct job *j, const struct options *o, const char *path, struct nvc_error *err)
{
    double tr;
    bool seconds = o->tr && nvc_parse_real(o->tr, strlen(o->tr), &tr);
    int status = design_options_check(&o->model, err);
    if (!status && path && o->n_volumes != NVC_NO_INT)
        status = nvc_fail(err, NVC_EUSAGE, "RUN and --n-volumes exclude each other; give one of them");
    if (!status && !path && (!seconds || !(tr > 0 && tr <= 100)))
        status = nvc_fail(err, NVC_EUSAGE, "--n-volumes needs --tr SECONDS, above 0 to 100");
    if (!status && path && o->tr && !is_image(path))
        status = nvc_fail(err, NVC_EUSAGE, "--tr goes with an image or --n-volumes; a series table has its own");
    if (!status && o->report && !strcmp(o->report, "-") && !strcmp(o->output, "-"))
        status = nvc_fail(err, NVC_EUSAGE, "design and report would both go to standard output; name a file for one of them");
    if (!status && o->picture)
        status = nvc_picture_of(o->picture, &j->picture, err);
    return status;
}

/* One line on how well the design can be estimated. */
static int say_quality(const struct job *j, struct nvc_error *err)
{
    const struct nvc_design *d = &j->design;
    struct nvc_text line = { 0 };
    int status = nvc_text_printf(&line, err, "%zu volumes, %zu columns; condition number %.3g", d->n_rows, d->n_cols, j->report.condition);
    const char *before = "; variance inflation ";
    for (size_t i = 0; !status && i < d->n_cols; i++)
        if (d->columns[i].role == NVC_ROLE_TASK) {
            status = nvc_text_printf(&line, err, "%s%s %.3g", before, d->columns[i].name, j->report.vif[i]);
            before = ", ";
        }
    if (!status)
        nvc_note("%s", line.data);
    for (size_t i = 0; !status && i < d->n_cols; i++)
        if (d->columns[i].role == NVC_ROLE_TASK && j->report.vif[i] > 10)
            nvc_warn("column '%s' is hard to tell from the others: its variance is inflated %.3g times", d->columns[i].name, j->report.vif[i]);
    nvc_text_release(&line);
    return status;
}

static int write_design(const struct job *j, const struct options *o, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    bool stream = !strcmp(o->output, "-");
    json_t *facts = stream ? NULL : nvc_design_facts(&j->design, err);
    int status = stream || facts ? nvc_design_write(&text, &j->design, stream && !o->plain, err) : (int)err->status;
    if (!status)
        status = nvc_output(o->output, &text, &(struct nvc_sidecar){ .columns = nvc_design_columns, .inputs = j->marks,
                            .n_inputs = j->n_marks, .facts = facts }, err);
    json_decref(facts);
    nvc_text_release(&text);
    return status;
}

static int write_extras(const struct job *j, const struct options *o, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    int status = 0;
    if (o->report) {
        enum nvc_table_kind kind = nvc_table_kind_of(o->report);
        struct nvc_sidecar sidecar = { .columns = nvc_design_report_columns, .inputs = j->marks, .n_inputs = j->n_marks };
        status = nvc_design_report_write(&text, &j->design, &j->report, kind, err);
        if (!status)
            status = nvc_output(o->report, &text, kind == NVC_TSV || kind == NVC_CSV ? &sidecar : NULL, err);
        nvc_text_release(&text);
    }
    if (!status && o->picture) {
        status = nvc_design_plot(&text, &j->design, j->picture, NULL, err);
        if (!status)
            status = nvc_output(o->picture, &text, NULL, err);
        nvc_text_release(&text);
    }
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    const char *path = n_args ? args[0] : NULL;
    struct job j = { .n_marks = 0 };
    nvc_blas_single_thread();
    int status = check_options(&j, o, path, err);
    if (!status)
        status = read_run(&j, o, path, err);
    if (!status)
        status = design_from_options(&j.design, &o->model, &j.run, j.marks, &j.n_marks, err);
    if (!status)
        status = nvc_design_check(&j.report, &j.design, err);
    if (!status)
        status = say_quality(&j, err);
    if (!status)
        status = write_extras(&j, o, err);
    if (!status)
        status = write_design(&j, o, err);
    nvc_design_report_release(&j.report);
    nvc_design_release(&j.design);
    nvc_series_release(&j.series);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-design", .summary = "make the design matrix of a run", .description = description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv) { return nvc_main(&cmd, argc, argv); }
