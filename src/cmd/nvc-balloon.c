#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cmd/shared/task_run.h"
#include "io/json.h"
#include "math/lsq.h"
#include "model/response/balloon_fit.h"
#include "model/response/balloon_input.h"
#include "table/balloon.h"
#include "table/coupling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const prior_names[] = { "wide", "spm", NULL };

struct options {
    struct task_run_options run;
    const char *json, *output, *posterior, *covariance, *curves;
    int priors;
    double te_s, field_t, v0;
};
static const struct options defaults = { .run = TASK_RUN_DEFAULTS, .te_s = NAN, .field_t = NAN, .v0 = 0.08, .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Model"),
    TASK_RUN_EVENTS(struct options, run, .flags = NVC_OPT_REQUIRED),
    OPT_CHOICE(struct options, priors, 0, "priors", "WHICH", prior_names, "prior of the parameters; see PRIORS"),
    OPT_INPUT(struct options, json, 0, "json", "JSON", "*.json", "sidecar of the image: EchoTime and MagneticFieldStrength"),
    OPT_REAL(struct options, te_s, 0, "te", "SECONDS", "s", 0.001, 0.2, "echo time; over that of --json"),
    OPT_REAL(struct options, field_t, 0, "field", "TESLA", "T", 0.5, 12, "field strength, 1.5, 3 or 7; over that of --json"),
    OPT_REAL(struct options, v0, 0, "v0", "SHARE", NULL, 0.005, 0.2, "resting venous blood volume"),
    OPT_GROUP("Nuisance"),
    TASK_RUN_NUISANCE(struct options, run),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "the indices"),
    OPT_OUTPUT(struct options, posterior, 0, "posterior", "TSV", "*.tsv", "every parameter, before and after the data, free energy"),
    OPT_OUTPUT(struct options, covariance, 0, "covariance", "TSV", "*.tsv", "posterior covariance"),
    OPT_OUTPUT(struct options, curves, 0, "curves", "TSV", "*.tsv", "measured and fitted series, first-order kernels"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "SERIES", "series table of nvc-extract; - is standard input", "*.tsv", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "Inverts the Balloon-Windkessel model for each region: neural input of the events, vasodilatory signal, flow, volume and "
    "deoxyhaemoglobin, BOLD signal.  The answer is a posterior: a mean, a standard deviation, and how much of the prior the data "
    "took away.",
    "The differential equation is integrated exactly (error below 1e-6 of the peak), not by the bilinear expansion around rest that "
    "SPM12 uses, whose error reaches 30 % of a large response.  The ascent of the free energy is Gauss-Newton with damping; drift, "
    "confounds and the mean are parameters with a flat prior.  Noise is AR(1), its coefficient from the residuals of a first ascent, of "
    "unknown variance; with --priors spm it is white, as there.",
    "An event of 0 s is an impulse of height 1/dt, dt = TR/16; a longer one a box of height 1.  An efficacy is the rate at which the "
    "vasodilatory signal rises per unit of input.",
    NULL
};

static const struct nvc_section sections[] = {
    { "PRIORS", (const char *const[]){
        "wide: the spread over people and areas of Friston, Harrison and Penny 2003, table 1, parameters independent: decay 0.65 (sd 0.12) 1/s, "
        "autoregulation 0.41 (0.045) 1/s2, transit 0.98 (0.24) s, alpha 0.32 (0.039), e0 0.34 (0.049).",
        "spm: the covariance of SPM12's haemodynamic model, three modes of which are free: decay 0.65 (0.022), autoregulation 0.41 (0.0076), "
        "transit 0.98 (0.040), alpha 0.32 (0.0025), e0 0.34 (0.0015).  It lets hardly anything but the efficacy move.  "
        "Its prior of the noise expects 2 % of the variance of the series: where responses are weak, errors come out too small by half or more.  Of "
        "responses a third of an AR(1) noise of .4 (80 runs of 240 volumes, truths drawn from the wide prior) the 95 % interval of the efficacy covers "
        "94 % with the wide priors, those of the other parameters 91-100 %; white noise with SPM's prior of it covered 67 %.",
        "Both: log epsilon -1 (0.088), efficacies 0 (5.7).  The constants of the signal follow the field: nu0 40.3, 80.6, 188.1 Hz and "
        "r0 25, 110, 340 Hz at 1.5, 3 and 7 T.", NULL } },
    { "NOTES IN THE TABLE", (const char *const[]){
        "prior_dominated: the data took less than half of the prior variance away; the value is mostly the prior's.",
        "not_converged: the ascent stopped before it came to rest.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "The parameters trade against each other: transit, alpha and e0 can hardly be told apart in one run, and the efficacy takes up what "
        "the neural response does.  These are model-based, hypothesis-generating numbers (class model), not measurements of vessels; no "
        "norm of them exists for the amygdala.  A group difference in a row that is prior_dominated is a difference in how much the data "
        "could say.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region and index, of class model", nvc_coupling_columns },
    { "posterior", "with --posterior: every parameter", nvc_posterior_columns },
    { "covariance", "with --covariance: pairs of parameters", nvc_covariance_columns },
    { "balloon-curves", "with --curves: series and kernels", nvc_balloon_curve_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-balloon -e sub-01/func/*_events.tsv --te 0.03 --field 3 --posterior posterior.tsv series.tsv > balloon.tsv",
      "indices of each region, and what the data moved" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Friston KJ, Mechelli A, Turner R, Price CJ. Nonlinear responses in fMRI: the Balloon model, Volterra kernels, and other hemodynamics. "
    "NeuroImage 2000;12:466-477. doi:10.1006/nimg.2000.0630",
    "Friston KJ. Bayesian estimation of dynamical systems: an application to fMRI. NeuroImage 2002;16:513-530. doi:10.1006/nimg.2001.1044",
    "Friston KJ, Harrison L, Penny W. Dynamic causal modelling. NeuroImage 2003;19:1273-1302. doi:10.1016/S1053-8119(03)00202-7",
    "Stephan KE, Weiskopf N, Drysdale PM, Robinson PA, Friston KJ. Comparing hemodynamic models with DCM. NeuroImage 2007;38:387-401. "
    "doi:10.1016/j.neuroimage.2007.07.040",
    NULL
};
static const char *const see_also[] = { "nvc-extract(1)", "nvc-hrf(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

struct job {
    struct task_run run;
    double *inputs, *y;
    struct nvc_balloon_problem problem;
    struct nvc_coupling indices;
    struct nvc_text posterior, covariance, curves;
};

static void job_release(struct job *j)
{
    task_run_release(&j->run);
    nvc_coupling_release(&j->indices);
    nvc_text_release(&j->posterior);
    nvc_text_release(&j->covariance);
    nvc_text_release(&j->curves);
    free(j->inputs);
    free(j->y);
}

/* Echo time and field strength: option, sidecar, or refusal. */
static int read_physics(struct nvc_balloon *b, const struct options *o, struct nvc_error *err)
{
    json_t *meta = NULL;
    double te_s = o->te_s, field_t = o->field_t, from_te, from_field;
    int status = 0;
    if (o->json && (status = nvc_json_read(&meta, o->json, err)))
        return status;
    if (o->json && ((status = nvc_json_get_real(meta, "EchoTime", &from_te, err)) ||
                    (status = nvc_json_get_real(meta, "MagneticFieldStrength", &from_field, err)))) {
        json_decref(meta);
        return nvc_fail_in(err, "%s", o->json);
    }
    if (o->json) {
        te_s = isnan(te_s) ? from_te : te_s;
        field_t = isnan(field_t) ? from_field : field_t;
    }
    json_decref(meta);
    if (isnan(te_s) || isnan(field_t))
        return nvc_fail(err, o->json ? NVC_EDATA : NVC_EUSAGE, "%s%sthe %s is unknown; give --%s", o->json ? o->json : "",
                        o->json ? ": " : "", isnan(te_s) ? "echo time" : "field strength", isnan(te_s) ? "te SECONDS, or --json" : "field TESLA, or --json");
    if (!(te_s > 0.001 && te_s < 0.2))
        return nvc_fail(err, NVC_EDATA, "%s: EchoTime %g looks like ms; BIDS wants s; give --te", o->json, te_s);
    b->te_s = te_s, b->v0 = o->v0;
    return nvc_balloon_field(field_t, b, err);
}

/* As nvc-design says it of its columns. */
static void warn_of_late_events(const struct nvc_events *e, double end_s)
{
    size_t late = 0;
    for (size_t i = 0; i < e->n; i++)
        late += e->onset_s[i] >= end_s ? 1 : 0;
    if (late)
        nvc_warn("%zu of %zu events begin at or after the end of the run (%g s) and are dropped", late, e->n, end_s);
}

static int prepare(struct job *j, const struct options *o, const char *series_path, struct nvc_error *err)
{
    struct nvc_balloon_problem *p = &j->problem;
    const struct task_run *r = &j->run;
    int status = read_physics(&p->constants, o, err);
    if (!status)
        status = task_run_read(&j->run, &o->run, series_path, NULL, err);
    if (status)
        return status;
    const size_t microtime = (size_t)r->spec.microtime;
    p->dt_s = r->spec.tr_s / (double)microtime;
    p->n_scans = r->spec.n_volumes, p->n_bins = r->spec.n_volumes * microtime;
    p->bins_per_scan = microtime, p->first_bin = (size_t)(r->bin - 1);
    p->confounds = r->design.X, p->n_confounds = r->design.n_cols;
    p->n_inputs = r->events.n_conditions, p->priors = o->priors ? NVC_PRIORS_SPM : NVC_PRIORS_WIDE;
    if ((status = nvc_balloon_input(&j->inputs, &r->events, p->n_bins, p->dt_s, err)))
        return nvc_fail_in(err, "%s", o->run.events);
    p->inputs = j->inputs;
    warn_of_late_events(&r->events, (double)p->n_scans * r->spec.tr_s);
    return (j->y = nvc_array(p->n_scans, sizeof *j->y, err)) ? 0 : NVC_ESYS;
}

static int invert_region(struct job *j, size_t region, struct nvc_error *err)
{
    struct nvc_balloon_fit fit;
    if (!task_run_percent(&j->run, region, j->y))
        return 0;
    j->problem.y = j->y;
    int status = nvc_balloon_invert(&j->problem, &fit, err);
    if (status)
        return nvc_fail_in(err, "region %s", j->run.series.regions[region].column);
    const struct nvc_balloon_result r = { &j->run.series, region, (const char *const *)j->run.events.conditions, &j->problem, &fit };
    if (!(status = nvc_balloon_indices(&j->indices, &r, err)) && !(status = nvc_posterior_rows(&j->posterior, &r, err)) &&
        !(status = nvc_covariance_rows(&j->covariance, &r, err)))
        status = nvc_balloon_curve_rows(&j->curves, &r, err);
    nvc_balloon_fit_release(&fit);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    struct job j = { .inputs = NULL };
    struct nvc_text text = { 0 };
    struct nvc_progress progress;
    nvc_blas_single_thread();
    int status = prepare(&j, o, n_args ? args[0] : "-", err);
    if (!status && !(status = nvc_tsv_header(&j.posterior, nvc_posterior_columns, err)) &&
        !(status = nvc_tsv_header(&j.covariance, nvc_covariance_columns, err)))
        status = nvc_tsv_header(&j.curves, nvc_balloon_curve_columns, err);
    nvc_progress_start(&progress, "regions", j.run.series.n_regions);
    for (size_t i = 0; i < j.run.series.n_regions && !status; i++) {
        status = invert_region(&j, i, err);
        nvc_progress_step(&progress, i + 1);
    }
    nvc_progress_end(&progress);
    if (!status && !j.indices.n)
        status = nvc_fail(err, NVC_EDATA, "no region has a signal");
    if (!status)
        status = nvc_coupling_write(&text, &j.indices, true, err);
    if (!status && !(status = task_run_output(&j.run, o->posterior, &j.posterior, nvc_posterior_columns, err)) &&
        !(status = task_run_output(&j.run, o->covariance, &j.covariance, nvc_covariance_columns, err)) &&
        !(status = task_run_output(&j.run, o->curves, &j.curves, nvc_balloon_curve_columns, err)))
        status = task_run_output(&j.run, o->output, &text, nvc_coupling_columns, err);
    nvc_text_release(&text);
    job_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-balloon", .summary = "invert the Balloon model for regional series", .description = description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
