/* nvc-glm on series tables: one run, several runs together, or their precision-weighted mean. */
#include "base/memory.h"
#include "cmd/glm/model.h"
#include "model/design/runs.h"
#include "table/glm_rows.h"
#include "table/series.h"

#include <stdlib.h>

static int read_series(struct nvc_series *series, struct glm_model *m, struct nvc_stream **stream, struct nvc_error *err)
{
    struct nvc_table t;
    int status = *stream ? nvc_table_read_stream(&t, *stream, false, err) : nvc_table_read(&t, m->path, err);
    nvc_stream_close(*stream);
    *stream = NULL;
    if (status)
        return status;
    m->inputs->marks[m->inputs->n++] = (struct nvc_input_mark){ m->path, t.crc32, t.bytes };
    status = nvc_series_parse(series, &t, err);
    nvc_table_release(&t);
    if (status)
        return status;
    struct design_run run = design_run_of(series);
    return glm_model_read(m, &run, err);
}

/* One model of all runs. */
static int fit_joint(const struct glm_model *models, const struct nvc_series *series, size_t n, struct glm_results *results,
                     struct nvc_error *err)
{
    struct glm_model joint = { .o = models->o, .inputs = models->inputs, .path = models->path, .noise = models->noise,
                               .pair = models->pair };
    struct nvc_series all = { 0 };
    struct nvc_design *designs = nvc_array(n, sizeof *designs, err);
    int status = designs ? glm_model_join(&joint, models, n, err) : NVC_ESYS;
    for (size_t r = 0; r < n && designs; r++)
        designs[r] = models[r].design;
    if (!status)
        status = nvc_series_join(&all, series, designs, n, err);
    if (!status)
        status = glm_results_add(results, &joint, &all, err);
    free(designs);
    nvc_series_release(&all);
    glm_model_release(&joint);
    return status;
}

int glm_tables(struct glm_model *models, struct nvc_stream **streams, size_t n, struct nvc_error *err)
{
    struct glm_results results = { 0 };
    struct nvc_series *series = nvc_array(n, sizeof *series, err);
    bool joint = n > 1 && models->o->runs == GLM_RUNS_JOINT;
    int status = series ? 0 : NVC_ESYS;
    for (size_t r = 0; r < n && !status; r++)
        status = read_series(&series[r], &models[r], &streams[r], err);
    for (size_t r = 0; r < n && !status && !joint; r++)
        status = glm_results_add(&results, &models[r], &series[r], err);
    if (!status && joint)
        status = fit_joint(models, series, n, &results, err);
    if (!status && n > 1 && models->o->runs == GLM_RUNS_FIXED)
        status = nvc_glm_rows_combine(&results.rows, err);
    if (!status)
        status = glm_results_write(&results, models, err);
    for (size_t r = 0; r < n && series; r++)
        nvc_series_release(&series[r]);
    free(series);
    glm_results_release(&results);
    return status;
}
