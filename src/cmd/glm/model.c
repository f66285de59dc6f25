#include "cmd/glm/model.h"

#include "base/memory.h"
#include "base/number.h"
#include "cli/message.h"
#include "model/glm/glm_maps.h"
#include "model/design/runs.h"
#include "plot/canvas.h"
#include "table/design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const glm_runs_names[] = { "fixed", "joint", "each", NULL };

void glm_model_release(struct glm_model *m)
{
    nvc_glm_free(m->glm);
    nvc_plan_release(&m->plan);
    nvc_design_release(&m->design);
    free(m->run_start);
}

static int parse_pair(struct nvc_arma_pair *p, const char *text, struct nvc_error *err)
{
    const char *comma = strchr(text, ',');
    if (!comma || !nvc_parse_real(text, (size_t)(comma - text), &p->a) || !nvc_parse_real(comma + 1, strlen(comma + 1), &p->b) ||
        !(p->a >= 0 && p->a < 1) || !(p->b > -1 && p->b < 1))
        return nvc_fail(err, NVC_EUSAGE, "--arma '%s': A,B is wanted, A from 0 to below 1, B between -1 and 1", text);
    return 0;
}

/* The first option that describes a model, or NULL: a design given as a table would pass over it in silence. */
static const char *describes_model(const struct design_options *d)
{
    static const struct design_options usual = DESIGN_DEFAULTS;
    const struct { const char *name; bool given; } options[] = {
        { "--events", d->events }, { "--fsl", d->fsl.n }, { "--afni", d->afni.n }, { "--trial-type", d->trial_type },
        { "--modulator", d->modulators.n }, { "--timing-run", d->timing_run != usual.timing_run },
        { "--timing-duration", !isnan(d->timing_duration_s) }, { "--hrf", strcmp(d->hrf, usual.hrf) != 0 }, { "--hrf-kernel", d->kernel },
        { "--event-duration", d->durations.n }, { "--frame-time", !isnan(d->frame_time_s) },
        { "--microtime", d->microtime != usual.microtime }, { "--orthogonal", d->orthogonal != usual.orthogonal },
        { "--confound-table", d->confound_table }, { "--confounds", d->confounds.n },
        { "--high-pass", d->high_pass_s < usual.high_pass_s || d->high_pass_s > usual.high_pass_s }, { "--censor", d->censor.n },
        { "--dummy-scans", d->dummy_scans != usual.dummy_scans } };
    for (size_t k = 0; k < sizeof options / sizeof *options; k++)
        if (options[k].given)
            return options[k].name;
    return NULL;
}

/* At most one table goes to standard output. */
static int check_outputs(const struct glm_options *o, struct nvc_error *err)
{
    const char *const paths[] = { o->output, o->diagnosis, o->fit, o->voi };
    int n = 0;
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++)
        n += paths[k] && !strcmp(paths[k], "-");
    return n < 2 ? 0 : nvc_fail(err, NVC_EUSAGE, "two tables would go to standard output; give --output FILE (-o)");
}

int glm_model_check(struct glm_model *m, struct nvc_error *err)
{
    const struct glm_options *o = m->o;
    const struct design_options *d = &o->model;
    struct nvc_map_list maps;
    bool events = d->events || d->fsl.n || d->afni.n;
    if (!o->designs.n && !events)
        return nvc_fail(err, NVC_EUSAGE, "a model is wanted: a design (-d) or events (-e)");
    if (o->designs.n && describes_model(d))
        return nvc_fail(err, NVC_EUSAGE, "--design holds the whole model; give %s to nvc-design when it is made", describes_model(d));
    if ((o->compat || o->arma) && o->noise != NVC_NOISE_ARMA11)
        return nvc_fail(err, NVC_EUSAGE, "%s goes with --noise arma11", o->arma ? "--arma" : "--compat afni");
    m->noise = o->arma ? NVC_NOISE_ARMA11_FIXED : o->compat ? NVC_NOISE_ARMA11_AFNI : (enum nvc_noise)o->noise;
    enum nvc_picture kind;
    int status = design_options_check(d, err);
    if (!status)
        status = check_outputs(o, err);
    if (!status && o->figure)
        status = nvc_picture_of(o->figure, &kind, err);
    if (!status && o->arma)
        status = parse_pair(&m->pair, o->arma, err);
    for (size_t k = 0; k < o->contrasts.n && !status; k++)
        status = nvc_contrast_check(o->contrasts.items[k], err);
    for (size_t k = 0; k < o->heights.n && !status; k++)
        status = nvc_design_set_height(NULL, o->heights.items[k], err);
    return status ? status : nvc_map_list_init(&maps, NULL, m->noise, &o->map_names, err);
}

static int read_design(struct glm_model *m, const struct design_run *run, struct nvc_error *err)
{
    struct nvc_table t;
    const struct nvc_design *d = &m->design;
    int status = nvc_table_read(&t, m->design_path, err);
    if (status)
        return status;
    m->inputs->marks[m->inputs->n++] = (struct nvc_input_mark){ m->design_path, t.crc32, t.bytes };
    status = nvc_design_parse(&m->design, &t, err);
    nvc_table_release(&t);
    if (!status && d->n_rows + d->n_dummy != run->n_volumes)
        status = nvc_fail(err, NVC_EDATA, "%s has %zu volumes, but %s has %zu rows and %zu dummy scans: make the design for this run",
                          m->path, run->n_volumes, m->design_path, d->n_rows, d->n_dummy);
    if (!status && fabs(d->tr_s - run->tr_s) > 1e-3)
        status = nvc_fail(err, NVC_EDATA, "%s has a repetition time of %g s, %s of %g s: make the design for this run", m->path,
                          run->tr_s, m->design_path, d->tr_s);
    return status;
}

int glm_model_read(struct glm_model *m, const struct design_run *run, struct nvc_error *err)
{
    int status = m->design_path ? read_design(m, run, err)
                 : design_from_options(&m->design, &m->o->model, run, m->inputs->marks, &m->inputs->n, err);
    for (size_t k = 0; k < m->o->heights.n && !status; k++)
        status = nvc_design_set_height(&m->design, m->o->heights.items[k], err);
    return status;
}

int glm_model_join(struct glm_model *m, const struct glm_model *runs, size_t n, struct nvc_error *err)
{
    struct nvc_design *designs = nvc_array(n, sizeof *designs, err);
    int status = designs && (m->run_start = nvc_array(n, sizeof *m->run_start, err)) ? 0 : NVC_ESYS;
    for (size_t r = 0; r < n && designs; r++)
        designs[r] = runs[r].design;
    m->n_runs = n;
    if (!status)
        status = nvc_design_join(&m->design, designs, n, m->run_start, err);
    free(designs);
    return status;
}

/* Who is to blame when the model is refused. */
static int in_model(const struct glm_model *m, int status, struct nvc_error *err)
{
    return status ? nvc_fail_in(err, "%s", m->run_start ? "all runs together" : m->design_path ? m->design_path : m->path) : 0;
}

int glm_model_plan(struct glm_model *m, bool image, struct nvc_error *err)
{
    nvc_plan_release(&m->plan);
    return in_model(m, nvc_plan_init(&m->plan, &m->design, &(struct nvc_plan_wish){ &m->o->contrasts, m->o->regressors,
        !image || nvc_map_is_wanted(NVC_MAP_PSC, &m->o->map_names), image && nvc_map_is_wanted(NVC_MAP_R2, &m->o->map_names) },
        err), err);
}

int glm_model_make(struct glm_model *m, bool quick, struct nvc_error *err)
{
    const struct nvc_design *d = &m->design;
    nvc_glm_free(m->glm);
    return in_model(m, nvc_glm_new(&m->glm, &(struct nvc_glm_spec){ .X = d->X, .n = d->n_rows, .m = d->n_cols,
        .run_start = m->run_start, .n_runs = m->n_runs, .C = m->plan.C, .n_effects = m->plan.n_effects, .want = m->plan.want,
        .tests = m->plan.tests, .n_tests = m->plan.n_tests, .noise = m->noise, .pair = m->pair, .high_pass = m->plan.drift,
        .interest = m->plan.task, .quick_tails = quick }, err), err);
}

void glm_model_remark(const struct glm_model *m)
{
    if (m->noise == NVC_NOISE_AR1_REML && nvc_glm_responding(m->glm) == 0)
        nvc_warn("no series responds at p < .001; the correlation of the noise was estimated from all of them");
}
