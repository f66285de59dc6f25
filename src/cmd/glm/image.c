/* nvc-glm on images: fit the voxels of the mask piece by piece, runs together or each by itself. */
#include "base/memory.h"
#include "cli/message.h"
#include "cmd/glm/image.h"
#include "model/design/runs.h"

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
    for (size_t r = 0; r < g->n_runs && g->runs; r++)
        bold_release(&g->runs[r].bold);
    free(g->runs);
    free(g->index);
    free(g->Y);
    free(g->values);
}

/* A block of held voxels for the fit: `with` is the image, `first` counts from the first held one. */
static void load_block(const void *with, size_t first, size_t count, double *Y)
{
    const struct glm_image *g = with;
    for (size_t t = 0; t < g->n_rows; t++)
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

/* Values of the maps for the voxels of a fit; returns where those of whiteness go, or NULL. */
static float *fill_maps(struct glm_image *g, const struct nvc_glm_fit *fit, size_t first, const double *mean)
{
    float *whiteness = NULL;
    #pragma omp parallel for schedule(dynamic) num_threads(g->o->threads)
    for (size_t k = 0; k < g->maps.n; k++)
        if (g->maps.maps[k].stat != NVC_MAP_WHITENESS)
            nvc_map_fill(&g->maps.maps[k], &g->m->plan, g->m->glm, fit, g->m->noise, mean, g->o->percent,
                         g->values + k * g->n_voxels + g->first + first);
    for (size_t k = 0; k < g->maps.n; k++)
        if (g->maps.maps[k].stat == NVC_MAP_WHITENESS)
            whiteness = g->values + k * g->n_voxels + g->first + first;
    return whiteness;
}

/* Mean of n held voxels; NaN where one does not vary or is not finite: an effect of 0 there would be none that was measured. */
static void mean_of_living(const struct glm_image *g, size_t first, size_t n, double *mean, bool *varies)
{
    memset(mean, 0, n * sizeof *mean);
    memset(varies, 0, n * sizeof *varies);
    for (size_t t = 0; t < g->n_rows; t++) {
        const float *y = g->Y + t * g->n_held + first;
        for (size_t v = 0; v < n; v++) {
            mean[v] += (double)y[v] / (double)g->n_rows;
            varies[v] |= y[v] != g->Y[first + v];
        }
    }
    for (size_t v = 0; v < n; v++)
        mean[v] = varies[v] && isfinite(mean[v]) ? mean[v] : NAN;
}

static void leave_out_dead(struct glm_image *g, size_t first, size_t n, const double *mean)
{
    for (size_t v = 0; v < n; v++)
        if (isnan(mean[v])) {
            for (size_t k = 0; k < g->maps.n; k++)
                g->values[k * g->n_voxels + g->first + first + v] = NAN;
            g->n_dead++;
        }
}

/* Fit the held voxels and take their values of the maps. */
static int fit_held(struct glm_image *g, struct nvc_error *err)
{
    int status = nvc_glm_learn(g->m->glm, &(struct nvc_glm_source){ load_block, g }, g->n_held, err);
    double *mean = nvc_array(PIECE, sizeof *mean, err);
    bool *varies = mean ? nvc_array(PIECE, sizeof *varies, err) : NULL;
    if (!varies)
        status = NVC_ESYS;
    for (size_t first = 0; first < g->n_held && !status; first += PIECE) {
        struct nvc_glm_fit fit;
        struct piece piece = { g, first };
        size_t n = g->n_held - first < PIECE ? g->n_held - first : PIECE;
        if ((status = nvc_glm_fit_init(&fit, g->m->glm, n, err)))
            break;
        mean_of_living(g, first, n, mean, varies);
        status = nvc_glm_run(g->m->glm, &(struct nvc_glm_source){ load_piece, &piece }, &fit, g->o->threads, err);
        float *whiteness = status ? NULL : fill_maps(g, &fit, first, mean);
        if (!status && (whiteness || g->o->residuals))
            status = glm_image_look(g, &fit, first, whiteness, err);
        if (!status)
            leave_out_dead(g, first, n, mean);
        nvc_glm_fit_release(&fit);
    }
    free(varies);
    free(mean);
    return status;
}

/* All voxels, in as many passes over the files as memory asks for. */
static int fit_voxels(struct glm_image *g, struct nvc_error *err)
{
    int status = glm_image_read(g, err);
    if (status || g->n_held == 0)
        return status;
    status = glm_model_make(g->m, true, err);
    while (!status && !(status = fit_held(g, err)) && g->first + g->n_held < g->n_voxels) {
        g->first += g->n_held;
        if (g->n_held > g->n_voxels - g->first)
            g->n_held = g->n_voxels - g->first;
        status = glm_image_read(g, err);
    }
    if (!status && g->n_dead == g->n_voxels)
        return nvc_fail(err, NVC_EDATA, "%s: none of the %zu voxels of the mask varies: there is nothing to fit", g->m->path, g->n_voxels);
    if (!status && g->n_dead)
        nvc_note("%s: %zu of the %zu voxels of the mask do not vary or are not finite; the maps hold NaN there", g->m->path, g->n_dead,
                 g->n_voxels);
    if (!status)
        glm_model_remark(g->m);
    return status;
}

static int fit_regions(struct glm_image *g, struct nvc_error *err)
{
    struct nvc_identity who = g->series.who;
    struct nvc_voxel_place *places;
    struct glm_results results = { 0 };
    int status = nvc_extract_finish(g->extract, g->runs[0].bold.tr_s, NAN, &g->series, &places, err);
    if (status)
        return nvc_fail_in(err, "%s", g->m->path);
    g->series.who = who;
    nvc_map_list_release(&g->maps); /* its maps point into the plan, which is made anew */
    status = glm_results_add(&results, g->m, &g->series, err);
    if (!status)
        status = glm_results_write(&results, g->m, err);
    glm_results_release(&results);
    return status;
}

/* Open the runs of models[n] and read their designs. */
static int open_runs(struct glm_image *g, struct glm_model *models, struct nvc_stream **streams, size_t n, struct nvc_error *err)
{
    *g = (struct glm_image){ .o = models->o, .m = models, .runs = nvc_array(n, sizeof *g->runs, err), .n_runs = n };
    int status = g->runs ? 0 : NVC_ESYS;
    for (size_t r = 0; r < n && !status; r++) {
        g->once = g->once || streams[r];
        g->runs[r].m = &models[r];
        g->runs[r].stream = streams[r];
        streams[r] = NULL; /* the reader's from here on */
        status = glm_image_open_run(g, r, err);
    }
    return status;
}

/* One model of one run, or of all together. */
static int fit_together(struct glm_model *models, struct nvc_stream **streams, size_t n, struct nvc_error *err)
{
    struct glm_image g;
    struct glm_model joint = *models;
    int status = open_runs(&g, models, streams, n, err);
    if (!status && n > 1) {
        g.m = &joint;
        joint.design = (struct nvc_design){ 0 };
        status = glm_model_join(&joint, models, n, err);
    }
    if (!status)
        status = glm_model_plan(g.m, g.o->maps != NULL, err);
    if (!status && g.o->maps)
        status = nvc_map_list_init(&g.maps, &g.m->plan, g.m->noise, &g.o->map_names, err);
    if (!status && g.o->maps)
        status = glm_image_try_output(&g, err);
    if (!status)
        status = glm_image_prepare(&g, err);
    if (!status)
        status = fit_voxels(&g, err);
    if (!status && g.o->maps)
        status = glm_image_write_maps(&g, err);
    if (!status && g.o->residuals)
        status = glm_image_write_residuals(&g, err);
    if (!status && g.extract)
        status = fit_regions(&g, err);
    if (n > 1)
        glm_model_release(&joint);
    image_release(&g);
    return status;
}

/* The mean of several runs, weighted by precision: sums of every voxel and t contrast of the first run. */
struct mean_of_runs {
    struct glm_image first;    /* grid, voxels, maps and values of the mean */
    struct nvc_fixed *sums;    /* items of its plan x n_voxels */
};

static size_t item_called(const struct nvc_plan *plan, const char *name)
{
    size_t k = 0;
    while (k < plan->n_items && (plan->items[k].type == NVC_GLM_F || strcmp(plan->items[k].contrast.name, name) != 0))
        k++;
    return k;
}

/* Effects and variances of one run into the sums. */
static int add_run(struct mean_of_runs *mean, struct glm_image *g, struct nvc_error *err)
{
    static const char *const names[] = { "effect,variance" };
    const struct nvc_plan *plan = &mean->first.m->plan;
    int status = nvc_map_list_init(&g->maps, &g->m->plan, g->m->noise, &(struct nvc_list){ names, 1 }, err);
    if (!status)
        status = glm_image_prepare(g, err);
    if (!status && g->n_voxels * plan->n_items > 0 && !mean->sums &&
        !(mean->sums = nvc_array(g->n_voxels * plan->n_items, sizeof *mean->sums, err)))
        status = NVC_ESYS;
    if (!status)
        status = fit_voxels(g, err);
    for (size_t k = 0; k + 1 < g->maps.n && !status; k++) {
        size_t item = item_called(plan, g->maps.maps[k].item->contrast.name);
        if (g->maps.maps[k].stat != NVC_MAP_EFFECT || item == plan->n_items)
            continue;
        const float *effect = g->values + k * g->n_voxels, *variance = effect + g->n_voxels;
        for (size_t v = 0; v < g->n_voxels; v++)
            nvc_fixed_add(&mean->sums[item * g->n_voxels + v], (double)effect[v], (double)variance[v], nvc_glm_dof(g->m->glm));
    }
    return status;
}

/* Maps of the mean: those of t contrasts that sums give. */
static int list_means(struct glm_image *g, struct nvc_error *err)
{
    size_t n = 0;
    int status = nvc_map_list_init(&g->maps, &g->m->plan, g->m->noise, &g->o->map_names, err);
    for (size_t k = 0; k < g->maps.n && !status; k++) {
        struct nvc_map *map = &g->maps.maps[k];
        if (map->item && map->item->type != NVC_GLM_F && map->stat < NVC_MAP_PSC)
            g->maps.maps[n++] = *map;
        else
            free(map->entity);
    }
    g->maps.n = n;
    if (!status && n == 0)
        status = nvc_fail(err, NVC_EDATA, "the mean of runs has maps effect, variance, t, z and p of t contrasts only");
    return status ? status : glm_image_try_output(g, err);
}

static int fit_mean(struct glm_model *models, struct nvc_stream **streams, size_t n, struct nvc_error *err)
{
    struct mean_of_runs mean = { .first = { .o = models->o, .m = models } };
    struct glm_image *first = &mean.first;
    int status = 0;
    for (size_t r = 0; r < n && !status; r++) {
        struct glm_image g;
        status = open_runs(&g, &models[r], &streams[r], 1, err);
        if (!status && r > 0)
            status = bold_check_grid(&g.runs[0].bold, &first->grid, models[0].path, err);
        if (!status)
            status = glm_model_plan(&models[r], true, err);
        if (!status && r == 0)
            status = list_means(first, err);
        if (!status)
            status = add_run(&mean, &g, err);
        if (!status && r == 0) {
            first->grid = g.grid;
            first->n_voxels = g.n_voxels;
            first->index = g.index;
            g.index = NULL;
        }
        image_release(&g);
    }
    if (!status && !(first->values = nvc_array(first->maps.n * first->n_voxels, sizeof *first->values, err)))
        status = NVC_ESYS;
    for (size_t k = 0; k < first->maps.n && !status; k++)
        nvc_map_fill_fixed(&first->maps.maps[k], mean.sums + (size_t)(first->maps.maps[k].item - models->plan.items) * first->n_voxels,
                           first->n_voxels, first->o->threads, first->values + k * first->n_voxels);
    if (!status)
        status = glm_image_write_maps(first, err);
    free(mean.sums);
    image_release(first);
    return status;
}

int glm_images(struct glm_model *models, struct nvc_stream **streams, size_t n, struct nvc_error *err)
{
    return n > 1 && models->o->runs == GLM_RUNS_FIXED ? fit_mean(models, streams, n, err) : fit_together(models, streams, n, err);
}
