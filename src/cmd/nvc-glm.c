#include "base/memory.h"
#include "base/number.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/design_options.h"
#include "cmd/glm_text.h"
#include "math/lsq.h"
#include "model/glm.h"
#include "model/plan.h"
#include "table/design.h"
#include "table/glm_rows.h"
#include "table/series.h"

#include <math.h>
#include <string.h>

/* What --noise offers; the others of nvc_noise_names come from --compat and --arma. */
static const char *const noise_choices[] = { "ols", "ar1", "ar1-reml", "arma11", NULL };
static const char *const compat_choices[] = { "none", "afni", NULL };

struct options {
    struct design_options model;
    const char *design, *arma, *output;
    struct nvc_list contrasts, heights;
    int regressors, noise, compat, threads;
};
static const struct options defaults = { .model = DESIGN_DEFAULTS, .noise = NVC_NOISE_ARMA11, .threads = 1, .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Model"),
    OPT_INPUT(struct options, design, 'd', "design", "TSV", "*.tsv",
              "design matrix of nvc-design, or any table of regressors; without it the model is made from events", .exclusive = 101),
    OPT_LIST(struct options, contrasts, 'C', "contrast", "CONTRAST",
             "[NAME =] EXPRESSION of regressors, as 'face - house'; in brackets, rows parted by ;, an F test"),
    OPT_FLAG(struct options, regressors, 0, "regressors", "a row for every column of the design, confounds and drift, too"),
    OPT_LIST(struct options, heights, 0, "h-ref", "NAME=HEIGHT",
             "height of a regressor for one isolated event, for percent signal change with a design that does not know it"),
    DESIGN_OPTIONS(struct options, model),
    OPT_GROUP("Noise"),
    OPT_CHOICE(struct options, noise, 'n', "noise", "MODEL", noise_choices, "serial correlation of the noise"),
    OPT_CHOICE(struct options, compat, 0, "compat", "PROGRAM", compat_choices,
               "afni: arma11 by 3dREMLfit's own recipe, grid, descent and banded correlation"),
    OPT_TEXT(struct options, arma, 0, "arma", "A,B", "arma11 at this pair of parameters, 3dREMLfit's way, instead of estimating it"),
    OPT_GROUP("Output"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "where to write the glm table"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "SERIES", "series table of nvc-extract; - is standard input", "*.tsv", 0, 1 },
    { NULL, NULL, NULL, 0, 0 }
};

static const struct nvc_output outputs[] = {
    { "glm", "one row per region and contrast", nvc_glm_columns },
    { NULL, NULL, NULL }
};

struct job {
    const char *path;          /* of the series, for messages */
    struct nvc_series series;
    struct nvc_design design;
    struct nvc_plan plan;
    struct nvc_glm *glm;
    struct nvc_glm_fit fit;
    struct nvc_glm_table rows;
    enum nvc_noise noise;
    struct nvc_arma_pair pair;
    struct nvc_input_mark marks[2 + DESIGN_MARKS];
    size_t n_marks;
};

static void job_release(struct job *j)
{
    nvc_glm_table_release(&j->rows);
    nvc_glm_fit_release(&j->fit);
    nvc_glm_free(j->glm);
    nvc_plan_release(&j->plan);
    nvc_design_release(&j->design);
    nvc_series_release(&j->series);
}

static int parse_pair(struct nvc_arma_pair *p, const char *text, struct nvc_error *err)
{
    const char *comma = strchr(text, ',');
    if (!comma || !nvc_parse_real(text, (size_t)(comma - text), &p->a) || !nvc_parse_real(comma + 1, strlen(comma + 1), &p->b) ||
        !(p->a >= 0 && p->a < 1) || !(p->b > -1 && p->b < 1))
        return nvc_fail(err, NVC_EUSAGE, "--arma '%s': A,B is wanted, A from 0 to below 1, B between -1 and 1", text);
    return 0;
}

/* Everything that can be wrong before a file is read. */
static int check_options(struct job *j, const struct options *o, struct nvc_error *err)
{
    const struct design_options *m = &o->model;
    bool events = m->events || m->fsl.n || m->afni.n;
    j->noise = (enum nvc_noise)o->noise;
    if (!o->design && !events)
        return nvc_fail(err, NVC_EUSAGE, "a model is wanted: a design (-d) or events (-e)");
    if (o->design && (events || m->confound_table || m->kernel))
        return nvc_fail(err, NVC_EUSAGE, "--design holds the whole model; events, confounds and response are for nvc-design");
    if ((o->compat || o->arma) && o->noise != NVC_NOISE_ARMA11)
        return nvc_fail(err, NVC_EUSAGE, "%s goes with --noise arma11", o->arma ? "--arma" : "--compat afni");
    if (o->compat)
        j->noise = NVC_NOISE_ARMA11_AFNI;
    if (o->arma)
        j->noise = NVC_NOISE_ARMA11_FIXED;
    int status = design_options_check(m, err);
    if (!status && o->arma)
        status = parse_pair(&j->pair, o->arma, err);
    for (size_t k = 0; k < o->contrasts.n && !status; k++)
        status = nvc_contrast_check(o->contrasts.items[k], err);
    for (size_t k = 0; k < o->heights.n && !status; k++)
        status = nvc_design_set_height(NULL, o->heights.items[k], err);
    return status;
}

static int read_series(struct job *j, const char *path, struct nvc_error *err)
{
    struct nvc_table t;
    int status = nvc_table_read(&t, path, err);
    if (status)
        return status;
    j->marks[j->n_marks++] = (struct nvc_input_mark){ path, t.crc32, t.bytes };
    status = nvc_series_parse(&j->series, &t, err);
    nvc_table_release(&t);
    return status;
}

static int read_design(struct job *j, const char *path, struct nvc_error *err)
{
    struct nvc_table t;
    const struct nvc_design *d = &j->design;
    int status = nvc_table_read(&t, path, err);
    if (status)
        return status;
    j->marks[j->n_marks++] = (struct nvc_input_mark){ path, t.crc32, t.bytes };
    status = nvc_design_parse(&j->design, &t, err);
    nvc_table_release(&t);
    if (!status && d->n_rows + d->n_dummy != j->series.n_volumes)
        status = nvc_fail(err, NVC_EDATA, "%s has %zu volumes, but %s has %zu rows and %zu dummy scans: make the design for this run",
                          j->path, j->series.n_volumes, path, d->n_rows, d->n_dummy);
    if (!status && fabs(d->tr_s - j->series.tr_s) > 1e-3)
        status = nvc_fail(err, NVC_EDATA, "%s has a repetition time of %g s, %s of %g s: make the design for this run", j->path,
                          j->series.tr_s, path, d->tr_s);
    return status;
}

static int read_inputs(struct job *j, const struct options *o, const char *path, struct nvc_error *err)
{
    j->path = path;
    int status = read_series(j, path, err);
    if (!status && o->design) {
        status = read_design(j, o->design, err);
    } else if (!status) {
        struct design_run run = design_run_of(&j->series);
        status = design_from_options(&j->design, &o->model, &run, j->marks, &j->n_marks, err);
    }
    for (size_t k = 0; k < o->heights.n && !status; k++)
        status = nvc_design_set_height(&j->design, o->heights.items[k], err);
    return status;
}

static int fit(struct job *j, const struct options *o, struct nvc_error *err)
{
    const struct nvc_design *d = &j->design;
    struct nvc_glm_columns columns = { j->series.Y + d->n_dummy, d->n_rows, j->series.n_volumes };
    struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
    int status = nvc_plan_init(&j->plan, d, &o->contrasts, o->regressors, err);
    if (status)
        return nvc_fail_in(err, "%s", o->design ? o->design : j->path);
    status = nvc_glm_new(&j->glm, &(struct nvc_glm_spec){ .X = d->X, .n = d->n_rows, .m = d->n_cols, .C = j->plan.C,
        .n_effects = j->plan.n_effects, .tests = j->plan.tests, .n_tests = j->plan.n_tests, .noise = j->noise, .pair = j->pair,
        .high_pass = j->plan.drift, .interest = j->plan.task }, err);
    if (status)
        return nvc_fail_in(err, "%s", o->design ? o->design : j->path);
    status = nvc_glm_fit_init(&j->fit, j->glm, j->series.n_regions, err);
    if (!status)
        status = nvc_glm_run(j->glm, &source, &j->fit, o->threads, err);
    if (!status && j->noise == NVC_NOISE_AR1_REML && nvc_glm_responding(j->glm) == 0)
        nvc_warn("no series responds at p < .001; the correlation of the noise was estimated from all of them");
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    struct job j = { 0 };
    struct nvc_text text = { 0 };
    nvc_blas_single_thread();
    int status = check_options(&j, o, err);
    if (!status)
        status = read_inputs(&j, o, n_args ? args[0] : "-", err);
    if (!status)
        status = fit(&j, o, err);
    if (!status)
        status = nvc_glm_rows_add(&j.rows, &(struct nvc_glm_rows){ &j.plan, &j.design, &j.series, j.glm, &j.fit, j.noise }, err);
    if (!status)
        status = nvc_glm_write(&text, &j.rows, err);
    if (!status)
        status = nvc_output(o->output, &text, &(struct nvc_sidecar){ .columns = nvc_glm_columns, .inputs = j.marks,
                                                                     .n_inputs = j.n_marks }, err);
    nvc_text_release(&text);
    job_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-glm", .summary = "fit a general linear model to a run", .description = nvc_glm_description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = nvc_glm_sections, .examples = nvc_glm_examples,
    .references = nvc_glm_references, .see_also = nvc_glm_see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv) { return nvc_main(&cmd, argc, argv); }
