/* What nvc-glm says about series: the rows of its table and, where asked for, what stands behind them. */
#include "cli/output.h"
#include "cmd/glm/model.h"
#include "model/glm/voi.h"
#include "plot/fit_plot.h"
#include "table/diagnosis.h"
#include "table/glm_rows.h"
#include "table/series.h"

#include <string.h>

void glm_results_release(struct glm_results *r)
{
    nvc_glm_table_release(&r->rows);
    nvc_diagnoses_release(&r->diagnoses);
    nvc_series_release(&r->voi);
}

bool glm_wants_diagnoses(const struct glm_options *o)
{
    return o->diagnosis || o->fit || o->figure;
}

int glm_results_add(struct glm_results *r, struct glm_model *m, const struct nvc_series *series, struct nvc_error *err)
{
    struct nvc_glm_columns columns = { series->Y + m->design.n_dummy, m->design.n_rows, series->n_volumes };
    struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
    struct nvc_glm_fit fit = { 0 };
    int status = glm_model_plan(m, false, err);
    if (!status)
        status = glm_model_make(m, false, err);
    if (!status)
        status = nvc_glm_fit_init(&fit, m->glm, series->n_regions, err);
    if (!status)
        status = nvc_glm_run(m->glm, &source, &fit, m->o->threads, err);
    if (!status) {
        glm_model_remark(m);
        status = nvc_glm_rows_add(&r->rows, &(struct nvc_glm_rows){ &m->plan, &m->design, series, m->glm, &fit, m->noise,
                                                                                 m->o->minus }, err);
    }
    struct nvc_diagnosis_of of = { &m->design, series, m->glm, &fit, m->noise, m->plan.condition };
    if (!status && glm_wants_diagnoses(m->o))
        status = nvc_diagnoses_add(&r->diagnoses, &of, err);
    if (!status && m->o->voi)
        status = nvc_voi_series(&r->voi, &of, err);
    nvc_glm_fit_release(&fit);
    return status;
}

/* One table; then its text is empty again. */
static int put(const struct glm_model *m, const char *path, struct nvc_text *text, const struct nvc_column *columns, struct nvc_error *err)
{
    int status = nvc_output(path, text, columns ? &(struct nvc_sidecar){ .columns = columns, .inputs = m->inputs->marks,
                                                                         .n_inputs = m->inputs->n } : NULL, err);
    nvc_text_release(text);
    return status;
}

static int put_voi(const struct nvc_series *voi, const struct glm_model *m, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    bool stream = !strcmp(m->o->voi, "-");
    json_t *facts = stream ? NULL : nvc_series_facts(voi, err);
    int status = stream || facts ? nvc_series_write(&text, voi, stream, err) : (int)err->status;
    if (!status)
        status = nvc_output(m->o->voi, &text, &(struct nvc_sidecar){ .columns = nvc_series_columns, .inputs = m->inputs->marks,
                                                                     .n_inputs = m->inputs->n, .facts = facts }, err);
    json_decref(facts);
    nvc_text_release(&text);
    return status;
}

int glm_results_write(const struct glm_results *r, const struct glm_model *m, struct nvc_error *err)
{
    const struct glm_options *o = m->o;
    struct nvc_text text = { 0 };
    enum nvc_picture kind;
    int status = nvc_glm_write(&text, &r->rows, err);
    if (!status)
        status = put(m, o->output, &text, nvc_glm_columns, err);
    if (!status && o->diagnosis && !(status = nvc_diagnosis_write(&text, &r->diagnoses, err)))
        status = put(m, o->diagnosis, &text, nvc_diagnosis_columns, err);
    if (!status && o->fit && !(status = nvc_fit_write(&text, &r->diagnoses, err)))
        status = put(m, o->fit, &text, nvc_fit_columns, err);
    if (!status && o->figure && !(status = nvc_picture_of(o->figure, &kind, err)) &&
        !(status = nvc_fit_plot(&text, kind, &r->diagnoses, err)))
        status = put(m, o->figure, &text, NULL, err);
    if (!status && o->voi)
        status = put_voi(&r->voi, m, err);
    nvc_text_release(&text);
    return status;
}
