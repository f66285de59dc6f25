#include "cmd/shared/held_image.h"

#include "base/memory.h"
#include "cli/message.h"
#include "io/sink.h"
#include "model/region/brain.h"
#include "table/mask.h"

#include <math.h>
#include <nifti1.h>
#include <stdlib.h>
#include <string.h>

void held_image_release(struct held_image *h)
{
    bold_release(&h->bold);
    nvc_voxel_block_release(&h->block);
    free(h->brain);
    free(h->index);
    *h = (struct held_image){ .brain = NULL };
}

const struct nvc_grid *held_image_grid(const struct held_image *h) { return &nvc_nifti_header(h->bold.image)->grid; }

int held_image_open(struct held_image *h, const char *path, struct nvc_stream *stream, const char *tr, const char *brain_mask,
                    struct nvc_input_mark *marks, size_t *n_marks, struct nvc_error *err)
{
    struct nvc_mask_source source;
    int status = bold_open(&h->bold, path, stream, tr, err);
    if (!status && brain_mask && !(status = nvc_brain_read_as(&h->brain, brain_mask, h->bold.orientation, held_image_grid(h), &source, err)))
        marks[(*n_marks)++] = (struct nvc_input_mark){ brain_mask, source.crc32, source.bytes };
    return status;
}

/* Every voxel of the brain mask, or of the grid, through the whole run. */
static int read_volumes(struct held_image *h, struct nvc_error *err)
{
    const struct nvc_nifti_header *header = nvc_nifti_header(h->bold.image);
    const size_t n_grid = nvc_grid_voxels(&header->grid);
    struct nvc_progress progress;
    size_t n = 0;
    float *volume = nvc_array(n_grid, sizeof *volume, err);
    int status = volume && (h->index = nvc_array(n_grid, sizeof *h->index, err)) ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n_grid && !status; i++)
        if (!h->brain || h->brain[i])
            h->index[n++] = i;
    if (!status)
        status = nvc_voxel_block_init(&h->block, header->n_volumes, n, err);
    nvc_progress_start(&progress, "volumes", header->n_volumes);
    for (size_t t = 0; t < header->n_volumes && !status; t++) {
        const void *bytes;
        if (!(status = nvc_nifti_next_raw(h->bold.image, &bytes, err))) {
            nvc_nifti_decode_float(h->bold.image, bytes, 0, n_grid, volume);
            nvc_voxel_block_add(&h->block, volume, h->index);
        }
        nvc_progress_step(&progress, t + 1);
    }
    nvc_progress_end(&progress);
    free(volume);
    return status ? status : bold_finish(&h->bold, err);
}

/* Mean of a series, NaN when it is constant or not finite. */
static double living_mean(const float *y, size_t n)
{
    double sum = 0;
    int varies = 0;
#pragma omp simd reduction(+ : sum) reduction(| : varies)
    for (size_t t = 0; t < n; t++) {
        sum += (double)y[t];
        varies |= y[t] != y[0];
    }
    return varies && isfinite(sum) ? sum / (double)n : NAN;
}

static int choose_voxels(struct held_image *h, struct nvc_error *err)
{
    struct nvc_voxel_block *b = &h->block;
    double *mean = nvc_array(2 * b->n_voxels, sizeof *mean, err), level = -INFINITY;
    size_t kept = 0;
    if (!mean)
        return NVC_ESYS;
#pragma omp parallel for schedule(static)
    for (size_t v = 0; v < b->n_voxels; v++)
        mean[v] = living_mean(b->Y + b->n_volumes * v, b->n_volumes);
    if (!h->brain) {
        size_t n = 0;
        for (size_t v = 0; v < b->n_voxels; v++)
            if (!isnan(mean[v]))
                mean[b->n_voxels + n++] = mean[v];
        level = nvc_clip_level(mean + b->n_voxels, n);
    }
    for (size_t v = 0; v < b->n_voxels; v++)
        if (mean[v] > level) {
            if (kept < v)
                memcpy(b->Y + b->n_volumes * kept, b->Y + b->n_volumes * v, b->n_volumes * sizeof *b->Y);
            h->index[kept++] = h->index[v];
        }
    b->n_voxels = kept;
    free(mean);
    return kept ? 0 : nvc_fail(err, NVC_EDATA, "%s: no voxel varies inside the brain", h->bold.path);
}

int held_image_read(struct held_image *h, struct nvc_input_mark *marks, size_t *n_marks, struct nvc_error *err)
{
    int status = read_volumes(h, err);
    if (!status && !(status = choose_voxels(h, err)))
        marks[(*n_marks)++] = bold_mark(&h->bold);
    return status;
}

double held_image_mean(const struct held_image *h, size_t v) { return living_mean(h->block.Y + h->block.n_volumes * v, h->block.n_volumes); }

int held_image_try_output(const char *prefix, struct nvc_error *err)
{
    struct nvc_sink *sink;
    char *path = nvc_sprintf(err, "%s_boldmap.nii.gz", prefix);
    int status = path ? nvc_sink_open(&sink, path, false, err) : NVC_ESYS;
    if (!status)
        nvc_sink_abandon(sink);
    free(path);
    return status;
}

int held_image_write(const struct held_image *h, const char *path, const struct held_map *map, const struct nvc_input_mark *marks,
                     size_t n_marks, struct nvc_error *err)
{
    const struct nvc_nifti_spec spec = { .grid = *held_image_grid(h), .n_volumes = 1, .tr_s = NAN, .datatype = DT_FLOAT32 };
    float *volume = nvc_array(nvc_grid_voxels(&spec.grid), sizeof *volume, err);
    json_t *more = map->help ? json_pack("{s:s, s:s*}", "Description", map->help, "Units", map->unit) : NULL;
    struct nvc_sidecar sidecar = { .inputs = marks, .n_inputs = n_marks, .more = more };
    struct nvc_nifti_writer *w = NULL;
    int status = volume ? nvc_nifti_create(&w, path, &spec, err) : NVC_ESYS;
    for (size_t i = 0; i < nvc_grid_voxels(&spec.grid) && !status; i++)
        volume[i] = NAN;
    for (size_t v = 0; v < h->block.n_voxels && !status; v++)
        volume[h->index[v]] = (float)(((double)map->value[v] - map->shift) / map->scale);
    if (!status && (status = nvc_nifti_put(w, volume, err)))
        nvc_nifti_abandon(w);
    else if (!status && !(status = nvc_nifti_commit(w, err)))
        status = nvc_sidecar_write(path, &sidecar, err);
    json_decref(more);
    free(volume);
    return status;
}
