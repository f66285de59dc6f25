/* Runs into memory: the voxels of the mask, and what the regions need. */
#include "base/memory.h"
#include "cli/message.h"
#include "cmd/glm/image.h"
#include "table/mask.h"

#include <stdlib.h>
#include <string.h>

static void mark(struct glm_image *g, const char *path, const struct nvc_mask_source *source)
{
    g->m->inputs->marks[g->m->inputs->n++] = (struct nvc_input_mark){ path, source->crc32, source->bytes };
}

int glm_image_open_run(struct glm_image *g, size_t r, struct nvc_error *err)
{
    struct glm_image_run *run = &g->runs[r];
    struct nvc_stream *stream = run->stream;
    struct nvc_series who = { 0 };
    run->stream = NULL;
    run->bold.orientation = (enum nvc_orientation)g->o->orientation;
    int status = bold_open(&run->bold, run->m->path, stream, g->o->tr, err);
    if (!status && r > 0)
        status = bold_check_grid(&run->bold, &g->grid, g->runs[0].m->path, err);
    if (!status)
        status = bold_identify(&run->bold, g->o->bids_name, &who, err);
    if (status)
        return status;
    const struct nvc_nifti_header *h = nvc_nifti_header(run->bold.image);
    run->fresh = true;
    if (r == 0) {
        g->grid = h->grid;
        g->series = who;
    }
    if (run->m->design.n_rows > 0) /* a later pass */
        return 0;
    return glm_model_read(run->m, &(struct design_run){ h->n_volumes, run->bold.tr_s, who.start_time_s, who.slice_time_corrected,
                                                       { who.who.participant_id, who.who.session, who.who.task, who.who.run } }, err);
}

static int list_voxels(struct glm_image *g, struct nvc_error *err)
{
    struct nvc_mask_source source;
    bool *inside = NULL;
    size_t total = nvc_grid_voxels(&g->grid);
    int status = 0;
    if (g->o->mask && !(status = nvc_brain_read_as(&inside, g->o->mask, g->runs[0].bold.orientation, &g->grid, &source, err)))
        mark(g, g->o->mask, &source);
    if (!status && !(g->index = nvc_array(total, sizeof *g->index, err)))
        status = NVC_ESYS;
    for (size_t i = 0; !status && i < total; i++)
        if (!inside || inside[i])
            g->index[g->n_voxels++] = i;
    free(inside);
    if (!status && g->n_voxels == 0)
        status = nvc_fail(err, NVC_EDATA, "%s: no voxel above 0", g->o->mask);
    return status;
}

static int open_regions(struct glm_image *g, struct nvc_error *err)
{
    struct nvc_mask_source source;
    struct nvc_labels labels = { 0 };
    struct nvc_extract_opts how = { .summary = NVC_SUMMARY_AUTO, .n_dummy = g->m->design.n_dummy };
    if (!g->o->regions)
        return 0;
    int status = g->o->labels ? nvc_labels_read(&labels, g->o->labels, err) : 0;
    if (!status)
        status = nvc_mask_read_as(&g->regions, g->o->regions, g->runs[0].bold.orientation, g->o->labels ? &labels : NULL, &source, err);
    nvc_labels_release(&labels);
    if (status)
        return status;
    mark(g, g->o->regions, &source);
    status = bold_check_grid(&g->runs[0].bold, &g->regions.grid, g->o->regions, err);
    return status ? status : nvc_extract_new(&g->extract, &g->regions, &how, err);
}

static int plan_memory(struct glm_image *g, struct nvc_error *err)
{
    size_t limit = ((size_t)g->o->memory_mib << 20) / sizeof(float) / g->n_rows;
    g->n_held = g->o->maps || g->o->residuals ? g->n_voxels : 0;
    if (g->n_held > limit && (g->once || g->m->noise == NVC_NOISE_AR1_REML || g->o->residuals))
        return nvc_fail(err, NVC_EDATA, "%s: %zu voxels of %zu volumes need %zu MiB at once, --memory allows %d: %s", g->m->path,
                        g->n_voxels, g->n_rows, (g->n_voxels * g->n_rows * sizeof(float) >> 20) + 1, g->o->memory_mib,
                        g->once ? "give a file instead of a pipe, a mask, or more" : "give a mask or more");
    if (g->n_held > limit)
        g->n_held = limit;
    g->Y = nvc_array(g->n_held * g->n_rows, sizeof *g->Y, err);
    g->values = nvc_array(g->maps.n * g->n_voxels, sizeof *g->values, err);
    return g->Y && g->values ? 0 : NVC_ESYS;
}

int glm_image_prepare(struct glm_image *g, struct nvc_error *err)
{
    int status = list_voxels(g, err);
    g->n_rows = 0;
    for (size_t r = 0; r < g->n_runs; r++) {
        g->runs[r].first_row = g->n_rows;
        g->n_rows += g->runs[r].m->design.n_rows;
    }
    if (!status)
        status = open_regions(g, err);
    return status ? status : plan_memory(g, err);
}

/* One volume: the held voxels into their row, and those of the regions. */
static int take_volume(struct glm_image *g, struct glm_image_run *run, const void *bytes, size_t volume, double *values,
                       struct nvc_error *err)
{
    size_t n_region = 0, dummy = run->m->design.n_dummy;
    if (volume >= dummy && g->n_held > 0) {
        float *row = g->Y + (run->first_row + volume - dummy) * g->n_held;
        nvc_nifti_decode(run->bold.image, bytes, g->index + g->first, g->n_held, values);
        for (size_t v = 0; v < g->n_held; v++)
            row[v] = (float)values[v];
    }
    if (!g->extract || g->first > 0)
        return 0;
    const size_t *index = nvc_extract_index(g->extract, &n_region);
    nvc_nifti_decode(run->bold.image, bytes, index, n_region, values);
    return nvc_extract_add(g->extract, values, err);
}

static int read_run(struct glm_image *g, struct glm_image_run *run, double *values, struct nvc_error *err)
{
    struct nvc_progress progress;
    size_t n_volumes = nvc_nifti_header(run->bold.image)->n_volumes;
    int status = 0;
    nvc_progress_start(&progress, "volumes", n_volumes);
    for (size_t t = 0; t < n_volumes && !status; t++) {
        const void *bytes;
        status = nvc_nifti_next_raw(run->bold.image, &bytes, err);
        if (!status)
            status = take_volume(g, run, bytes, t, values, err);
        nvc_progress_step(&progress, t + 1);
    }
    nvc_progress_end(&progress);
    run->fresh = false;
    return status ? status : bold_finish(&run->bold, err);
}

/* Every voxel of every run to the mean over its runs. */
static void scale_runs(struct glm_image *g)
{
    #pragma omp parallel for num_threads(g->o->threads)
    for (size_t v = 0; v < g->n_held; v++) {
        double all = 0;
        for (size_t t = 0; t < g->n_rows; t++)
            all += (double)g->Y[t * g->n_held + v] / (double)g->n_rows;
        for (size_t r = 0; r < g->n_runs; r++) {
            size_t end = r + 1 < g->n_runs ? g->runs[r + 1].first_row : g->n_rows, first = g->runs[r].first_row;
            double mean = 0;
            for (size_t t = first; t < end; t++)
                mean += (double)g->Y[t * g->n_held + v] / (double)(end - first);
            for (size_t t = first; t < end && mean > 0 && all > 0; t++)
                g->Y[t * g->n_held + v] = (float)((double)g->Y[t * g->n_held + v] * all / mean);
        }
    }
}

int glm_image_read(struct glm_image *g, struct nvc_error *err)
{
    double *values = nvc_array(nvc_grid_voxels(&g->grid), sizeof *values, err);
    int status = values ? 0 : NVC_ESYS;
    for (size_t r = 0; r < g->n_runs && !status; r++) {
        struct glm_image_run *run = &g->runs[r];
        if (!run->fresh) {
            bold_release(&run->bold);
            status = glm_image_open_run(g, r, err);
        }
        if (!status)
            status = read_run(g, run, values, err);
        if (!status && g->first == 0) {
            struct nvc_input_mark mark = bold_mark(&run->bold);
            mark.path = run->m->path; /* outlives the reader */
            g->m->inputs->marks[g->m->inputs->n++] = mark;
        }
    }
    free(values);
    if (!status && g->n_runs > 1)
        scale_runs(g);
    return status;
}
