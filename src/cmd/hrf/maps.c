/* Shapes of every voxel of an image. */
#include "base/memory.h"
#include "cli/message.h"
#include "cmd/shared/bold.h"
#include "cmd/hrf/job.h"
#include "io/json.h"
#include "model/region/brain.h"
#include "io/sink.h"
#include "model/region/voxel_block.h"
#include "table/mask.h"

#include <ctype.h>
#include <math.h>
#include <nifti1.h>
#include <stdlib.h>
#include <string.h>

struct image {
    struct hrf_job *j;
    const char *path;
    struct bold bold;
    struct nvc_grid grid;
    size_t *index, n_voxels;   /* voxels of the mask */
    size_t n_held;             /* at a time */
    struct nvc_voxel_block block;
    float *maps;               /* n_voxels x maps x conditions */
};

static void image_release(struct image *m)
{
    bold_release(&m->bold);
    nvc_voxel_block_release(&m->block);
    free(m->index);
    free(m->maps);
}

static int list_voxels(struct image *m, struct nvc_error *err)
{
    const struct hrf_options *o = m->j->o;
    const size_t total = nvc_grid_voxels(&m->grid);
    struct nvc_mask_source source;
    bool *inside = NULL;
    int status = o->mask ? nvc_brain_read_as(&inside, o->mask, m->bold.orientation, &m->grid, &source, err) : 0;
    if (!status && o->mask)
        m->j->run.marks[m->j->run.n_marks++] = (struct nvc_input_mark){ o->mask, source.crc32, source.bytes };
    if (!status && !(m->index = nvc_array(total, sizeof *m->index, err)))
        status = NVC_ESYS;
    for (size_t i = 0; i < total && !status; i++)
        if (!inside || inside[i])
            m->index[m->n_voxels++] = i;
    free(inside);
    return !status && !m->n_voxels ? nvc_fail(err, NVC_EDATA, "%s: no voxel above 0", o->mask) : status;
}

/* Voxels that --memory holds; a pipe is read once. */
static int plan_memory(struct image *m, struct nvc_error *err)
{
    const size_t n = m->j->run.series.n_volumes, limit = ((size_t)m->j->o->memory_mib << 20) / sizeof(float) / n;
    m->n_held = m->n_voxels < limit ? m->n_voxels : limit;
    if (m->n_held < m->n_voxels && !strcmp(m->path, "-"))
        return nvc_fail(err, NVC_EDATA, "%zu voxels of %zu volumes need %zu MiB at once, --memory allows %d: give a file instead of a pipe, a "
                        "mask, or more", m->n_voxels, n, (m->n_voxels * n * sizeof(float) >> 20) + 1, m->j->o->memory_mib);
    const size_t n_maps = NVC_SHAPE_MAPS * m->j->run.events.n_conditions;
    return (m->maps = nvc_array(m->n_voxels * n_maps, sizeof *m->maps, err)) ? 0 : NVC_ESYS;
}

/* Voxels [first, first + n) through all volumes. */
static int read_block(struct image *m, size_t first, size_t n, struct nvc_error *err)
{
    const size_t n_volumes = m->j->run.series.n_volumes, total = nvc_grid_voxels(&m->grid);
    struct nvc_progress progress;
    float *volume = nvc_array(total, sizeof *volume, err);
    int status = volume ? nvc_voxel_block_init(&m->block, n_volumes, n, err) : NVC_ESYS;
    nvc_progress_start(&progress, "volumes", n_volumes);
    for (size_t t = 0; t < n_volumes && !status; t++) {
        const void *bytes;
        if (!(status = nvc_nifti_next_raw(m->bold.image, &bytes, err))) {
            nvc_nifti_decode_float(m->bold.image, bytes, 0, total, volume);
            nvc_voxel_block_add(&m->block, volume, m->index + first);
        }
        nvc_progress_step(&progress, t + 1);
    }
    nvc_progress_end(&progress);
    free(volume);
    return status ? status : bold_finish(&m->bold, err);
}

static int fit_voxels(struct image *m, struct nvc_error *err)
{
    const struct hrf_options *o = m->j->o;
    const size_t n_maps = NVC_SHAPE_MAPS * m->j->run.events.n_conditions;
    float *found = nvc_array(m->n_held * n_maps, sizeof *found, err);
    int status = found ? 0 : NVC_ESYS;
    for (size_t first = 0; first < m->n_voxels && !status; first += m->n_held) {
        const size_t n = m->n_voxels - first < m->n_held ? m->n_voxels - first : m->n_held;
        if (first > 0) {
            bold_release(&m->bold);
            m->bold = (struct bold){ .orientation = (enum nvc_orientation)o->orientation };
            status = bold_open(&m->bold, m->path, NULL, o->tr, err);
        }
        if (!status)
            status = read_block(m, first, n, err);
        if (!status)
            status = nvc_task_shape_maps(m->j->task, m->block.Y, n, o->threads, &o->print, found, err);
        for (size_t k = 0; k < n_maps && !status; k++)
            memcpy(m->maps + first + m->n_voxels * k, found + n * k, n * sizeof *found);
        nvc_voxel_block_release(&m->block);
    }
    free(found);
    size_t n_found = 0;
    for (size_t i = 0; i < m->n_voxels * n_maps && !status; i++)
        n_found += isnan(m->maps[i]) ? 0 : 1;
    return !status && !n_found ? nvc_fail(err, NVC_EDATA, "%s: no voxel%s has a signal", m->path, o->mask ? " of the mask" : "") : status;
}

/* Letters and digits of a condition. */
enum { LABEL = 128 };
static void label_of(const char *condition, char label[static LABEL])
{
    size_t length = 0;
    for (const char *p = condition; *p && length + 1 < LABEL; p++)
        if (isalnum((unsigned char)*p))
            label[length++] = *p;
    label[length] = '\0';
}

static char *path_of(const struct image *m, const char *condition, int stat, struct nvc_error *err)
{
    char label[LABEL];
    label_of(condition, label);
    return nvc_sprintf(err, "%s_contrast-%s_stat-%s_statmap.nii.gz", m->j->o->maps, label, nvc_shape_map_names[stat]);
}

/* Before the work: maps have names of their own, and can be written. */
static int try_output(const struct image *m, struct nvc_error *err)
{
    const struct nvc_events *e = &m->j->run.events;
    struct nvc_sink *sink;
    char a[LABEL], b[LABEL];
    for (size_t i = 0; i < e->n_conditions; i++)
        for (size_t k = 0; k < i; k++) {
            label_of(e->conditions[i], a), label_of(e->conditions[k], b);
            if (!strcmp(a, b))
                return nvc_fail(err, NVC_EDATA, "maps of '%s' and '%s' would both be called contrast-%s: rename one", e->conditions[k],
                                e->conditions[i], a);
        }
    char *path = path_of(m, e->conditions[0], 0, err);
    const int status = path ? nvc_sink_open(&sink, path, false, err) : NVC_ESYS;
    free(path);
    if (!status)
        nvc_sink_abandon(sink);
    return status;
}

static int write_map(const struct image *m, const char *condition, int stat, const float *values, float *volume, struct nvc_error *err)
{
    static const char *const help[NVC_SHAPE_MAPS] = { "peak of the response to one event", "time to peak; NaN where there is no response",
                                                      "full width at half maximum; NaN where the response is weak", "amplitude over its error" };
    static const char *const units[NVC_SHAPE_MAPS] = { "%", "s", "s", "1" };
    const struct nvc_nifti_spec spec = { .grid = m->grid, .n_volumes = 1, .tr_s = NAN, .datatype = DT_FLOAT32 };
    for (size_t i = 0; i < nvc_grid_voxels(&m->grid); i++)
        volume[i] = NAN;
    for (size_t v = 0; v < m->n_voxels; v++)
        volume[m->index[v]] = values[v];
    char *path = path_of(m, condition, stat, err);
    json_t *more = json_pack("{s:s, s:s, s:s}", "Description", help[stat], "Units", units[stat], "Contrast", condition);
    struct nvc_nifti_writer *w;
    const struct nvc_sidecar sidecar = { .inputs = m->j->run.marks, .n_inputs = m->j->run.n_marks, .more = more };
    int status = path ? 0 : NVC_ESYS;
    if (!status)
        status = more ? nvc_nifti_create(&w, path, &spec, err) : nvc_json_fail(err, path);
    if (!status && (status = nvc_nifti_put(w, volume, err)))
        nvc_nifti_abandon(w);
    else if (!status && !(status = nvc_nifti_commit(w, err)))
        status = nvc_sidecar_write(path, &sidecar, err);
    json_decref(more);
    free(path);
    return status;
}

static int write_maps(const struct image *m, struct nvc_error *err)
{
    float *volume = nvc_array(nvc_grid_voxels(&m->grid), sizeof *volume, err);
    int status = volume ? 0 : NVC_ESYS;
    for (size_t k = 0; k < m->j->run.events.n_conditions * NVC_SHAPE_MAPS && !status; k++)
        status = write_map(m, m->j->run.events.conditions[k / NVC_SHAPE_MAPS], (int)(k % NVC_SHAPE_MAPS), m->maps + m->n_voxels * k, volume, err);
    free(volume);
    return status;
}

int hrf_maps(struct hrf_job *j, const char *path, const struct nvc_hrf *informed, struct nvc_error *err)
{
    struct image m = { .j = j, .path = path, .bold.orientation = (enum nvc_orientation)j->o->orientation };
    int status = bold_open(&m.bold, path, NULL, j->o->tr, err);
    if (!status)
        status = bold_identify(&m.bold, NULL, &j->run.series, err);
    if (!status) {
        const struct nvc_nifti_header *h = nvc_nifti_header(m.bold.image);
        m.grid = h->grid;
        j->run.series.n_volumes = h->n_volumes, j->run.series.tr_s = m.bold.tr_s;
        status = task_run_model(&j->run, &j->o->run, informed, err);
    }
    if (!status && !(status = try_output(&m, err)) && !(status = hrf_task_prepare(j, err)) && !(status = list_voxels(&m, err)) && !(status = plan_memory(&m, err)) &&
        !(status = fit_voxels(&m, err))) {
        j->run.marks[j->run.n_marks++] = bold_mark(&m.bold);
        status = write_maps(&m, err);
    }
    image_release(&m);
    return status;
}
