#include "model/activity/activity.h"

#include "base/memory.h"
#include "model/activity/centrality.h"
#include "model/design/cleaner.h"
#include "model/activity/reho.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 };

const char *const nvc_activity_names[NVC_ACTIVITY_MAPS] = { "alff", "falff", "rsfa", "reho", "rbar", "neighbours", "dc", "dcbinary" };

void nvc_activity_release(struct nvc_activity *a)
{
    for (int k = 0; k < NVC_ACTIVITY_MAPS; k++)
        free(a->map[k]);
    *a = (struct nvc_activity){ 0 };
}

static int trend_of(enum nvc_alff_kind kind) { return kind == NVC_ALFF_DENSITY || kind == NVC_ALFF_AFNI ? 2 : 1; }

static int make_cleaner(struct nvc_cleaner **c, size_t n, const struct nvc_activity_spec *s, bool band, struct nvc_error *err)
{
    const struct nvc_cleaner_spec spec = { .n = n, .tr_s = s->tr_s, .trend = band ? 2 : trend_of(s->alff), .confounds = s->confounds,
                                           .n_confounds = s->n_confounds, .low_hz = band ? s->low_hz : NAN,
                                           .high_hz = band ? s->high_hz : NAN, .keep = s->keep };
    return nvc_cleaner_new(c, &spec, err);
}

struct nvc_activity_spec nvc_activity_half(const struct nvc_activity_spec *whole, size_t n_volumes, int half)
{
    struct nvc_activity_spec s = *whole;
    s.from = half ? n_volumes - n_volumes / 2 : 0, s.to = s.from + n_volumes / 2;
    return s;
}

/* Volumes that the indices are of. */
struct window { size_t from, n, kept; const bool *keep; };
static struct window window_of(const struct nvc_activity_spec *s, size_t n_volumes)
{
    struct window w = { s->from, (s->to ? s->to : n_volumes) - s->from, 0, s->keep ? s->keep + s->from : NULL };
    for (size_t t = 0; t < w.n; t++)
        w.kept += !w.keep || w.keep[t];
    return w;
}

/* What amplitudes need: the cleaner of the run, that of the trend of a part (NULL: all volumes), and the spectrum. */
struct spectrum {
    size_t n;
    struct window window;
    struct nvc_cleaner *cleaner, *trend;
    struct nvc_alff *alff;
};

static void spectrum_release(struct spectrum *m)
{
    nvc_cleaner_free(m->cleaner);
    nvc_cleaner_free(m->trend);
    nvc_alff_free(m->alff);
}

static int spectrum_init(struct spectrum *m, size_t n, const struct nvc_activity_spec *s, struct nvc_error *err)
{
    *m = (struct spectrum){ .n = n, .window = window_of(s, n) };
    const struct window *w = &m->window;
    const struct nvc_cleaner_spec part = { .n = w->n, .tr_s = s->tr_s, .trend = trend_of(s->alff), .low_hz = NAN, .high_hz = NAN, .keep = w->keep };
    const struct nvc_alff_spec spec = { .kind = s->alff, .n = w->n, .tr_s = s->tr_s, .low_hz = s->low_hz, .high_hz = s->high_hz, .keep = w->keep };
    int status = make_cleaner(&m->cleaner, n, s, false, err);
    if (!status && w->n < n)
        status = nvc_cleaner_new(&m->trend, &part, err);
    return status ? status : nvc_alff_new(&m->alff, &spec, err);
}

/* Series of k voxels as doubles, cleaned, those of a part cut out (window.n values each), and their means over the kept volumes of the run.
 * work: n x k. */
static void clean(const struct nvc_voxel_block *b, const struct spectrum *m, const bool *keep, const size_t *voxels, size_t first, size_t k,
                  double *Y, double *mean, double *work)
{
    const size_t n = b->n_volumes;
    for (size_t v = 0; v < k; v++) {
        const float *y = b->Y + n * (voxels ? voxels[v] : first + v);
        double sum = 0, count = 0;
        for (size_t t = 0; t < n; t++) {
            Y[t + n * v] = (double)y[t];
            if (!keep || keep[t])
                sum += (double)y[t], count++;
        }
        mean[v] = sum / count;
    }
    nvc_cleaner_apply(m->cleaner, Y, k, work);
    if (!m->trend)
        return;
    for (size_t v = 0; v < k; v++)
        memmove(Y + m->window.n * v, Y + n * v + m->window.from, m->window.n * sizeof *Y);
    nvc_cleaner_apply(m->trend, Y, k, work);
}

static int amplitudes(struct nvc_activity *a, const struct nvc_voxel_block *b, const struct nvc_activity_spec *s, struct nvc_error *err)
{
    const size_t n = b->n_volumes;
    struct spectrum m;
    bool good = true;
    int status = spectrum_init(&m, n, s, err);
    a->n_bins = status ? 0 : nvc_alff_bins(m.alff);
#pragma omp parallel for schedule(dynamic, 8) reduction(&& : good) if (!status)
    for (size_t first = 0; first < (status ? 0 : b->n_voxels); first += BLOCK) {
        const size_t k = b->n_voxels - first < BLOCK ? b->n_voxels - first : BLOCK;
        double *Y = malloc((2 * n * BLOCK + BLOCK + nvc_alff_work(m.alff)) * sizeof *Y), *mean = Y + 2 * n * BLOCK;
        if (!Y) {
            good = false;
            continue;
        }
        clean(b, &m, s->keep, NULL, first, k, Y, mean, Y + n * BLOCK);
        for (size_t v = 0; v < k; v++) {
            const struct nvc_alff_value value = nvc_alff_compute(m.alff, Y + m.window.n * v, mean[v], NULL, mean + BLOCK);
            a->map[NVC_MAP_ALFF][first + v] = (float)value.alff;
            a->map[NVC_MAP_FALFF][first + v] = (float)value.falff;
            a->map[NVC_MAP_RSFA][first + v] = (float)value.rsfa;
        }
        free(Y);
    }
    spectrum_release(&m);
    return status ? status : good ? 0 : nvc_fail(err, NVC_ESYS, "out of memory (amplitudes)");
}

/* Band-passed kept volumes of every voxel in float: ranked for homogeneity, kept in Z (w->kept per voxel) for centrality; either may be NULL. */
static int filter(const struct nvc_voxel_block *b, const struct nvc_activity_spec *s, const struct window *w, struct nvc_reho *reho, float *Z,
                  struct nvc_error *err)
{
    const size_t n = b->n_volumes, n_rank = reho ? nvc_reho_work(reho) : 0;
    struct nvc_cleaner *c = NULL;
    bool good = true;
    int status = make_cleaner(&c, n, s, true, err);
#pragma omp parallel for schedule(dynamic, 8) reduction(&& : good) if (!status)
    for (size_t first = 0; first < (status ? 0 : b->n_voxels); first += BLOCK) {
        const size_t k = b->n_voxels - first < BLOCK ? b->n_voxels - first : BLOCK;
        float *Y = malloc(2 * n * BLOCK * sizeof *Y);
        uint32_t *work = malloc((n_rank + 1) * sizeof *work);
        good = good && Y && work;
        if (good) {
            memcpy(Y, b->Y + n * first, n * k * sizeof *Y);
            nvc_cleaner_band(c, Y, k, Y + n * BLOCK);
        }
        for (size_t v = 0; good && v < k; v++) {
            float *z = Y + n * v + w->from;
            for (size_t t = 0, u = 0; w->keep && t < w->n; t++)
                if (w->keep[t])
                    z[u++] = z[t];
            if (reho)
                nvc_reho_rank(reho, first + v, z, work);
            if (Z)
                memcpy(Z + w->kept * (first + v), z, w->kept * sizeof *z);
        }
        free(Y);
        free(work);
    }
    nvc_cleaner_free(c);
    return status ? status : good ? 0 : nvc_fail(err, NVC_ESYS, "out of memory (band-pass)");
}

/* Once every voxel has its ranks. */
static int homogeneity(struct nvc_activity *a, const struct nvc_reho *r, struct nvc_error *err)
{
    bool good = true;
#pragma omp parallel reduction(&& : good)
    {
        uint32_t *work = malloc(nvc_reho_work(r) * sizeof *work);
        good = work != NULL;
#pragma omp for schedule(static)
        for (size_t v = 0; v < a->n_voxels; v++)
            if (work) {
                const struct nvc_reho_value value = nvc_reho_compute(r, v, work);
                a->map[NVC_MAP_REHO][v] = (float)value.W;
                a->map[NVC_MAP_RBAR][v] = (float)value.rbar;
                a->map[NVC_MAP_NEIGHBOURS][v] = (float)value.K;
            }
        free(work);
    }
    return good ? 0 : nvc_fail(err, NVC_ESYS, "out of memory (homogeneity)");
}

static int centrality(struct nvc_activity *a, float *Z, size_t n, const struct nvc_activity_spec *s, struct nvc_error *err)
{
    const size_t n_sources = s->sources ? s->n_sources : a->n_voxels;
    size_t *all = nvc_array(a->n_voxels, sizeof *all, err);
    struct nvc_centrality_value *value = nvc_array(n_sources, sizeof *value, err);
    int status = all && value ? 0 : NVC_ESYS;
    for (size_t v = 0; v < a->n_voxels && !status; v++) {
        all[v] = v;
        a->map[NVC_MAP_DC][v] = a->map[NVC_MAP_DC_BINARY][v] = NAN;
    }
#pragma omp parallel for schedule(static) if (!status)
    for (size_t v = 0; v < (status ? 0 : a->n_voxels); v++)
        nvc_centrality_scale(Z + n * v, n);
    const size_t *sources = s->sources ? s->sources : all;
    if (!status)
        status = nvc_centrality(Z, n, sources, n_sources, s->targets ? s->targets : all, s->targets ? s->n_targets : a->n_voxels, s->centrality,
                                value, err);
    for (size_t i = 0; i < n_sources && !status; i++) {
        a->map[NVC_MAP_DC][sources[i]] = (float)value[i].weighted;
        a->map[NVC_MAP_DC_BINARY][sources[i]] = (float)value[i].binary;
    }
    free(all);
    free(value);
    return status;
}

int nvc_activity_compute(struct nvc_activity *a, const struct nvc_voxel_block *b, const struct nvc_grid *grid, const size_t *index,
                         const struct nvc_activity_spec *s, struct nvc_error *err)
{
    const bool dc = !isnan(s->centrality), amplitude = s->alff != NVC_ALFF_NONE;
    const bool wanted[NVC_ACTIVITY_MAPS] = { amplitude, amplitude, amplitude, s->neighbours, s->neighbours, s->neighbours, dc, dc };
    struct nvc_reho *reho = NULL;
    const struct window w = window_of(s, b->n_volumes);
    float *Z = NULL;
    int status = 0;
    *a = (struct nvc_activity){ .n_voxels = b->n_voxels };
    for (int k = 0; k < NVC_ACTIVITY_MAPS && !status; k++)
        if (wanted[k] && !(a->map[k] = nvc_array(b->n_voxels, sizeof **a->map, err)))
            status = NVC_ESYS;
    if (!status && amplitude)
        status = amplitudes(a, b, s, err);
    if (!status && s->neighbours)
        status = nvc_reho_new(&reho, grid, index, a->n_voxels, w.kept, s->neighbours, err);
    if (!status && dc && !(Z = nvc_array(w.kept * b->n_voxels, sizeof *Z, err)))
        status = NVC_ESYS;
    if (!status && (reho || dc))
        status = filter(b, s, &w, reho, Z, err);
    if (!status && reho)
        status = homogeneity(a, reho, err);
    if (!status && dc)
        status = centrality(a, Z, w.kept, s, err);
    nvc_reho_free(reho);
    free(Z);
    if (status)
        nvc_activity_release(a);
    return status;
}

int nvc_activity_band(const struct nvc_voxel_block *b, const size_t *voxels, const double *weights, size_t n_voxels,
                      const struct nvc_activity_spec *s, double **band, size_t *n_bins, struct nvc_error *err)
{
    const size_t n = b->n_volumes;
    struct spectrum m;
    double *Y = NULL, sum = 0;
    int status = spectrum_init(&m, n, s, err);
    *band = NULL;
    if (status)
        goto out;
    *n_bins = nvc_alff_bins(m.alff);
    if (!(Y = nvc_array(2 * n * BLOCK + BLOCK + *n_bins + nvc_alff_work(m.alff), sizeof *Y, err)) ||
        !(*band = nvc_array(*n_bins, sizeof **band, err))) {
        status = NVC_ESYS;
        goto out;
    }
    double *mean = Y + 2 * n * BLOCK, *one = mean + BLOCK;
    for (size_t first = 0; first < n_voxels; first += BLOCK) {
        const size_t k = n_voxels - first < BLOCK ? n_voxels - first : BLOCK;
        clean(b, &m, s->keep, voxels + first, 0, k, Y, mean, Y + n * BLOCK);
        for (size_t v = 0; v < k; v++) {
            const double w = weights ? weights[first + v] : 1;
            if (isnan(nvc_alff_compute(m.alff, Y + m.window.n * v, mean[v], one, one + *n_bins).alff))
                continue;
            sum += w;
            for (size_t i = 0; i < *n_bins; i++)
                (*band)[i] += w * one[i];
        }
    }
    for (size_t i = 0; i < *n_bins; i++)
        (*band)[i] /= sum;
    if (!(sum > 0))
        status = nvc_fail(err, NVC_EDATA, "no voxel has an amplitude");
out:
    spectrum_release(&m);
    free(Y);
    if (status) {
        free(*band);
        *band = NULL;
    }
    return status;
}
