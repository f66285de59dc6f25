#include "base/memory.h"
#include "cmd/glm/image.h"
#include "io/json.h"
#include "io/sink.h"

#include <math.h>
#include <nifti1.h>
#include <stdlib.h>

/* What a map is: for its sidecar.  NULL without memory, or where a name is not UTF-8. */
static json_t *describe(const struct glm_image *g, const struct nvc_map *map)
{
    bool f = map->item && map->item->type == NVC_GLM_F;
    json_t *more = json_pack("{s:s, s:s, s:s}", "Description", nvc_map_help[map->stat], "Statistic", nvc_map_names[map->stat],
                             "NoiseModel", nvc_noise_names[g->m->noise]);
    bool signal = map->stat == NVC_MAP_EFFECT || map->stat == NVC_MAP_VARIANCE || map->stat == NVC_MAP_SIGMA;
    bool mean = g->n_runs == 0; /* of several runs: degrees of freedom vary from voxel to voxel */
    bool good = more != NULL;
    if (good && map->item)
        good = !json_object_set_new(more, "Contrast", json_string(map->item->contrast.name)) &&
               !json_object_set_new(more, "Weights", json_string(map->item->weights));
    if (good && f)
        good = !json_object_set_new(more, "DegreesOfFreedomNumerator", nvc_json_real(nvc_glm_test_dof(g->m->glm, map->item->test)));
    if (good && map->item && !mean)
        good = !json_object_set_new(more, "DegreesOfFreedom", nvc_json_real(nvc_glm_dof(g->m->glm)));
    if (good && !mean)
        good = !json_object_set_new(more, "Volumes", json_integer((json_int_t)g->m->design.n_rows)) &&
               !json_object_set_new(more, "VolumesCensored", json_integer((json_int_t)nvc_design_censored(&g->m->design, NULL))) &&
               !json_object_set_new(more, "ConditionNumber", nvc_json_real(g->m->plan.condition));
    if (good && (map->stat == NVC_MAP_PSC || (signal && g->o->percent)))
        good = !json_object_set_new(more, "Units", json_string(map->stat == NVC_MAP_VARIANCE ? "%^2" : "%"));
    if (good)
        return more;
    json_decref(more);
    return NULL;
}

static int write_sidecar(const struct glm_image *g, const char *path, json_t *more, struct nvc_error *err)
{
    int status = more ? nvc_sidecar_write(path, &(struct nvc_sidecar){ .inputs = g->m->inputs->marks, .n_inputs = g->m->inputs->n, .more = more },
                                          err)
                      : nvc_json_fail(err, path);
    json_decref(more);
    return status;
}

int glm_image_try_output(const struct glm_image *g, struct nvc_error *err)
{
    struct nvc_sink *sink;
    char *path = nvc_sprintf(err, "%s_%s_statmap.nii.gz", g->o->maps, g->maps.maps[0].entity);
    int status = path ? nvc_sink_open(&sink, path, false, err) : NVC_ESYS;
    free(path);
    if (!status)
        nvc_sink_abandon(sink);
    return status;
}

static void scatter(const struct glm_image *g, const float *values, float *volume)
{
    size_t total = nvc_grid_voxels(&g->grid);
    for (size_t i = 0; i < total; i++)
        volume[i] = NAN;
    for (size_t v = 0; v < g->n_voxels; v++)
        volume[g->index[v]] = values[v];
}

static int write_map(const struct glm_image *g, size_t k, float *volume, struct nvc_error *err)
{
    const struct nvc_map *map = &g->maps.maps[k];
    struct nvc_nifti_writer *w;
    struct nvc_nifti_spec spec = { .grid = g->grid, .n_volumes = 1, .tr_s = NAN, .datatype = DT_FLOAT32 };
    if (map->stat == NVC_MAP_T && g->n_runs > 0) {
        spec.intent_code = NIFTI_INTENT_TTEST;
        spec.intent_p[0] = nvc_glm_dof(g->m->glm);
    } else if (map->stat == NVC_MAP_Z) {
        spec.intent_code = NIFTI_INTENT_ZSCORE;
    } else if (map->stat == NVC_MAP_F) {
        spec.intent_code = NIFTI_INTENT_FTEST;
        spec.intent_p[0] = nvc_glm_test_dof(g->m->glm, map->item->test);
        spec.intent_p[1] = nvc_glm_dof(g->m->glm);
    }
    char *path = nvc_sprintf(err, "%s_%s_statmap.nii.gz", g->o->maps, map->entity);
    if (!path)
        return NVC_ESYS;
    scatter(g, g->values + k * g->n_voxels, volume);
    int status = nvc_nifti_create(&w, path, &spec, err);
    if (!status) {
        status = nvc_nifti_put(w, volume, err);
        if (status)
            nvc_nifti_abandon(w);
        else
            status = nvc_nifti_commit(w, err);
    }
    if (!status)
        status = write_sidecar(g, path, describe(g, map), err);
    free(path);
    return status;
}

int glm_image_write_maps(const struct glm_image *g, struct nvc_error *err)
{
    int status = 0;
    #pragma omp parallel num_threads(g->o->threads)
    {
        struct nvc_error mine = { 0 };
        float *volume = nvc_array(nvc_grid_voxels(&g->grid), sizeof *volume, &mine);
        #pragma omp for schedule(dynamic)
        for (size_t k = 0; k < g->maps.n; k++)
            if (!mine.status && write_map(g, k, volume, &mine))
                continue;
        #pragma omp critical
        if (mine.status) {
            *err = mine;
            status = (int)mine.status;
        }
        free(volume);
    }
    return status;
}

int glm_image_write_residuals(const struct glm_image *g, struct nvc_error *err)
{
    struct nvc_nifti_writer *w;
    size_t rows = g->n_rows;
    float *volume = nvc_array(nvc_grid_voxels(&g->grid), sizeof *volume, err);
    if (!volume)
        return NVC_ESYS;
    int status = nvc_nifti_create(&w, g->o->residuals, &(struct nvc_nifti_spec){ .grid = g->grid, .n_volumes = rows,
        .tr_s = g->m->design.tr_s, .datatype = DT_FLOAT32 }, err);
    for (size_t t = 0; t < rows && !status; t++) {
        scatter(g, g->Y + t * g->n_held, volume);
        if ((status = nvc_nifti_put(w, volume, err)))
            nvc_nifti_abandon(w);
    }
    if (!status)
        status = nvc_nifti_commit(w, err);
    free(volume);
    return status ? status : write_sidecar(g, g->o->residuals, json_pack("{s:s, s:f}", "Description",
        "what the model leaves of the signal, not whitened", "RepetitionTime", g->m->design.tr_s), err);
}
