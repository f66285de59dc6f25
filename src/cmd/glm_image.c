/* nvc-glm on an image: read the voxels of the mask, fit them piece by piece, write maps. */
#include "base/memory.h"
#include "cli/message.h"
#include "cmd/glm_image.h"
#include "io/sink.h"
#include "model/glm_detail.h"
#include "table/mask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Voxels that are fitted at once: their estimates are all that is held in double. */
enum { PIECE = 16384 };

static void image_release(struct glm_image *g)
{
    nvc_extract_free(g->extract);
    nvc_mask_release(&g->regions);
    nvc_series_release(&g->series);
    nvc_map_list_release(&g->maps);
    bold_release(&g->bold);
    free(g->index);
    free(g->Y);
    free(g->values);
}

static int list_voxels(struct glm_image *g, struct nvc_error *err)
{
    struct nvc_mask_source source;
    bool *inside = NULL;
    size_t total = nvc_grid_voxels(&g->grid);
    int status = 0;
    if (g->o->mask && !(status = nvc_brain_read(&inside, g->o->mask, &g->grid, &source, err)))
        g->m->marks[g->m->n_marks++] = (struct nvc_input_mark){ g->o->mask, source.crc32, source.bytes };
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
        status = nvc_mask_read(&g->regions, g->o->regions, g->o->labels ? &labels : NULL, &source, err);
    nvc_labels_release(&labels);
    if (status)
        return status;
    g->m->marks[g->m->n_marks++] = (struct nvc_input_mark){ g->o->regions, source.crc32, source.bytes };
    status = bold_check_grid(&g->bold, &g->regions.grid, g->o->regions, err);
    return status ? status : nvc_extract_new(&g->extract, &g->regions, &how, err);
}

/* How many voxels are held at a time. */
static int plan_memory(struct glm_image *g, struct nvc_error *err)
{
    size_t rows = g->m->design.n_rows, limit = ((size_t)g->o->memory_mib << 20) / sizeof(float) / rows;
    g->n_held = g->o->maps || g->o->residuals ? g->n_voxels : 0;
    if (g->n_held > limit && (g->once || g->m->noise == NVC_NOISE_AR1_REML || g->o->residuals))
        return nvc_fail(err, NVC_EDATA, "%s: %zu voxels of %zu volumes need %zu MiB at once, --memory allows %d: %s", g->bold.path,
                        g->n_voxels, rows, (g->n_voxels * rows * sizeof(float) >> 20) + 1, g->o->memory_mib,
                        g->once ? "give a file instead of a pipe, a mask, or more" : "give a mask or more");
    if (g->n_held > limit)
        g->n_held = limit;
    g->Y = nvc_array(g->n_held * rows, sizeof *g->Y, err);
    g->values = nvc_array(g->maps.n * g->n_voxels, sizeof *g->values, err);
    return g->Y && g->values ? 0 : NVC_ESYS;
}

/* One volume: the held voxels into row t, and those of the regions. */
static int take_volume(struct glm_image *g, const void *bytes, size_t volume, double *values, struct nvc_error *err)
{
    size_t n_region = 0, dummy = g->m->design.n_dummy;
    if (volume >= dummy && g->n_held > 0) {
        float *row = g->Y + (volume - dummy) * g->n_held;
        nvc_nifti_decode(g->bold.image, bytes, g->index + g->first, g->n_held, values);
        for (size_t v = 0; v < g->n_held; v++)
            row[v] = (float)values[v];
    }
    if (!g->extract || g->first > 0)
        return 0;
    const size_t *index = nvc_extract_index(g->extract, &n_region);
    nvc_nifti_decode(g->bold.image, bytes, index, n_region, values);
    return nvc_extract_add(g->extract, values, err);
}

static int read_volumes(struct glm_image *g, struct nvc_error *err)
{
    struct nvc_progress progress;
    double *values = nvc_array(nvc_grid_voxels(&g->grid), sizeof *values, err);
    int status = values ? 0 : NVC_ESYS;
    nvc_progress_start(&progress, "volumes", g->n_volumes);
    for (size_t t = 0; t < g->n_volumes && !status; t++) {
        const void *bytes;
        status = nvc_nifti_next_raw(g->bold.image, &bytes, err);
        if (!status)
            status = take_volume(g, bytes, t, values, err);
        nvc_progress_step(&progress, t + 1);
    }
    nvc_progress_end(&progress);
    free(values);
    return status ? status : bold_finish(&g->bold, err);
}

/* A block of held voxels for the fit: `with` is the image, `first` counts from the first held one. */
static void load_block(const void *with, size_t first, size_t count, double *Y)
{
    const struct glm_image *g = with;
    for (size_t t = 0; t < g->m->design.n_rows; t++)
        for (size_t lane = 0; lane < count; lane++)
            Y[t * NVC_LANES + lane] = (double)g->Y[t * g->n_held + first + lane];
}

struct piece {
    const struct glm_image *g;
    size_t first;
};

static void load_piece(const void *with, size_t first, size_t count, double *Y)
{
    const struct piece *p = with;
    load_block(p->g, p->first + first, count, Y);
}

/* What the model leaves of one voxel, in place. */
static int leave_residual(struct glm_image *g, const struct nvc_glm_fit *fit, size_t first, size_t v, double *y, struct nvc_error *err)
{
    struct nvc_glm_detail d;
    size_t rows = g->m->design.n_rows;
    for (size_t t = 0; t < rows; t++)
        y[t] = (double)g->Y[t * g->n_held + first + v];
    if (isnan(fit->rss[v])) {
        for (size_t t = 0; t < rows; t++)
            g->Y[t * g->n_held + first + v] = NAN;
        return 0;
    }
    int status = nvc_glm_detail_init(&d, g->m->glm, fit, v, y, err);
    for (size_t t = 0; t < rows && !status; t++)
        g->Y[t * g->n_held + first + v] = (float)(y[t] - d.fitted[t]);
    if (!status)
        nvc_glm_detail_release(&d);
    return status;
}

static int leave_residuals(struct glm_image *g, const struct nvc_glm_fit *fit, size_t first, struct nvc_error *err)
{
    int status = 0;
    #pragma omp parallel num_threads(g->o->threads)
    {
        struct nvc_error mine = { 0 };
        double *y = nvc_array(g->m->design.n_rows, sizeof *y, &mine);
        #pragma omp for
        for (size_t v = 0; v < fit->n_vox; v++)
            if (!mine.status && leave_residual(g, fit, first, v, y, &mine))
                continue;
        #pragma omp critical
        if (mine.status) {
            *err = mine;
            status = (int)mine.status;
        }
        free(y);
    }
    return status;
}

/* Fit the held voxels and take their values of the maps. */
static int fit_held(struct glm_image *g, struct nvc_error *err)
{
    int status = nvc_glm_learn(g->m->glm, &(struct nvc_glm_source){ load_block, g }, g->n_held, err);
    size_t rows = g->m->design.n_rows;
    double *mean = nvc_array(PIECE, sizeof *mean, err);
    if (!mean)
        return NVC_ESYS;
    for (size_t first = 0; first < g->n_held && !status; first += PIECE) {
        struct nvc_glm_fit fit;
        struct piece piece = { g, first };
        size_t n = g->n_held - first < PIECE ? g->n_held - first : PIECE;
        if ((status = nvc_glm_fit_init(&fit, g->m->glm, n, err)))
            break;
        memset(mean, 0, n * sizeof *mean);
        for (size_t t = 0; t < rows; t++)
            for (size_t v = 0; v < n; v++)
                mean[v] += (double)g->Y[t * g->n_held + first + v] / (double)rows;
        status = nvc_glm_run(g->m->glm, &(struct nvc_glm_source){ load_piece, &piece }, &fit, g->o->threads, err);
        for (size_t k = 0; k < g->maps.n && !status; k++)
            nvc_map_fill(&g->maps.maps[k], &g->m->plan, g->m->glm, &fit, g->m->noise, mean, g->o->percent, g->o->threads,
                         g->values + k * g->n_voxels + g->first + first);
        if (!status && g->o->residuals)
            status = leave_residuals(g, &fit, first, err);
        nvc_glm_fit_release(&fit);
    }
    free(mean);
    return status;
}

/* All voxels, in as many passes over the file as memory asks for. */
static int fit_voxels(struct glm_image *g, struct nvc_error *err)
{
    int status = read_volumes(g, err);
    if (status)
        return status;
    g->m->marks[g->m->n_marks] = bold_mark(&g->bold);
    g->m->marks[g->m->n_marks++].path = g->bold.path; /* outlives the reader */
    if (g->n_held == 0)
        return 0;
    status = glm_model_make(g->m, true, err);
    while (!status && !(status = fit_held(g, err)) && g->first + g->n_held < g->n_voxels) {
        const char *path = g->bold.path;
        g->first += g->n_held;
        if (g->n_held > g->n_voxels - g->first)
            g->n_held = g->n_voxels - g->first;
        bold_release(&g->bold);
        status = bold_open(&g->bold, path, NULL, g->o->tr, err);
        if (!status)
            status = read_volumes(g, err);
    }
    if (!status)
        glm_model_remark(g->m);
    return status;
}

static int fit_regions(struct glm_image *g, struct nvc_error *err)
{
    struct nvc_identity who = g->series.who;
    struct nvc_voxel_place *places;
    int status = nvc_extract_finish(g->extract, g->bold.tr_s, NAN, &g->series, &places, err);
    if (status)
        return nvc_fail_in(err, "%s", g->bold.path);
    g->series.who = who;
    nvc_glm_free(g->m->glm);
    g->m->glm = NULL;
    nvc_map_list_release(&g->maps); /* its maps point into the plan */
    status = glm_model_plan(g->m, g->o, false, err);
    return status ? status : glm_series(g->m, g->o, &g->series, err);
}

/* Maps can be written where they are wanted: better known before the work than after. */
static int try_output(const struct glm_image *g, struct nvc_error *err)
{
    struct nvc_sink *sink;
    char *path = nvc_sprintf(err, "%s_%s_statmap.nii.gz", g->o->maps, g->maps.maps[0].entity);
    int status = path ? nvc_sink_open(&sink, path, false, err) : NVC_ESYS;
    free(path);
    if (!status)
        nvc_sink_abandon(sink);
    return status;
}

static int fit_image(struct glm_image *g, struct nvc_error *err)
{
    struct glm_model *m = g->m;
    struct design_run run = { g->n_volumes, g->bold.tr_s, g->series.start_time_s, g->series.slice_time_corrected };
    int status = glm_model_read(m, g->o, &run, g->o->maps != NULL, err);
    if (!status && g->o->maps)
        status = nvc_map_list_init(&g->maps, &m->plan, m->noise, &g->o->map_names, err);
    if (!status && g->o->maps)
        status = try_output(g, err);
    if (!status)
        status = list_voxels(g, err);
    if (!status)
        status = open_regions(g, err);
    if (!status)
        status = plan_memory(g, err);
    if (!status)
        status = fit_voxels(g, err);
    if (!status && g->o->maps)
        status = glm_image_write_maps(g, err);
    if (!status && g->o->residuals)
        status = glm_image_write_residuals(g, err);
    if (!status && g->extract)
        status = fit_regions(g, err);
    return status;
}

int glm_image(struct glm_model *m, const struct glm_options *o, struct nvc_stream *stream, struct nvc_error *err)
{
    struct glm_image g = { .m = m, .o = o, .once = stream != NULL };
    int status = bold_open(&g.bold, m->path, stream, o->tr, err);
    if (!status)
        status = bold_identify(&g.bold, o->bids_name, &g.series, err);
    if (!status) {
        g.grid = nvc_nifti_header(g.bold.image)->grid;
        g.n_volumes = nvc_nifti_header(g.bold.image)->n_volumes;
        status = fit_image(&g, err);
    }
    image_release(&g);
    return status;
}
