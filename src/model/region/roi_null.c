#include "model/region/roi_null.h"

#include "base/memory.h"
#include "math/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double margin_mm = 10, within = 0.2;
enum { TRIES = 2000 }; /* for each copy */

struct search {
    const struct nvc_grid *g;
    const struct nvc_null_places *p;
    bool *taken;             /* by regions, what is near them, and copies */
    size_t *place, n_places; /* voxels that may become a centre */
    struct nvc_rng rng;
};

static void take_apart(const struct nvc_grid *g, size_t index, long ijk[3])
{
    const size_t nx = (size_t)g->dim[0], ny = (size_t)g->dim[1];
    ijk[0] = (long)(index % nx), ijk[1] = (long)(index / nx % ny), ijk[2] = (long)(index / nx / ny);
}

/* The voxel of the region nearest to its centre. */
static size_t middle(const struct nvc_region *r, const struct nvc_grid *g)
{
    size_t best = 0;
    double least = INFINITY;
    for (size_t i = 0; i < r->n; i++) {
        double mm[3], d = 0;
        nvc_voxel_mm(g, r->index[i], mm);
        for (int k = 0; k < 3; k++)
            d += (mm[k] - r->centre_mm[k]) * (mm[k] - r->centre_mm[k]);
        if (d < least)
            least = d, best = r->index[i];
    }
    return best;
}

/* Where the voxels go when one moves to another; false: off the grid or onto what is taken. */
static bool move(const struct search *s, const struct nvc_region *r, size_t from, size_t to, size_t *index)
{
    long a[3], b[3], v[3];
    take_apart(s->g, from, a);
    take_apart(s->g, to, b);
    for (size_t i = 0; i < r->n; i++) {
        take_apart(s->g, r->index[i], v);
        for (int k = 0; k < 3; k++)
            if ((v[k] += b[k] - a[k]) < 0 || v[k] >= (long)s->g->dim[k])
                return false;
        index[i] = (size_t)v[0] + (size_t)s->g->dim[0] * ((size_t)v[1] + (size_t)s->g->dim[1] * (size_t)v[2]);
        if (s->taken && s->taken[index[i]])
            return false;
    }
    return true;
}

/* Share of the weight inside, and the mean of the map; NaN where it has no value. */
static void measure(const struct search *s, const struct nvc_region *r, const size_t *index, double *share, double *like)
{
    double in = 0, all = 0, sum = 0;
    for (size_t i = 0; i < r->n; i++) {
        all += r->weight[i];
        in += s->p->inside[index[i]] ? r->weight[i] : 0;
        sum += s->p->like ? r->weight[i] * s->p->like[index[i]] : 0;
    }
    *share = in / all, *like = sum / all;
}

static void find_places(struct search *s, const struct nvc_region *r, size_t n_voxels)
{
    s->n_places = 0;
    for (size_t v = 0; v < n_voxels; v++) {
        double mm[3];
        if (!s->p->inside[v] || s->taken[v])
            continue;
        nvc_voxel_mm(s->g, v, mm);
        if ((strcmp(r->side, "L") || mm[0] < 0) && (strcmp(r->side, "R") || mm[0] > 0))
            s->place[s->n_places++] = v;
    }
}

static int append(struct nvc_mask *m, size_t of, size_t number, const size_t *index, struct nvc_error *err)
{
    struct nvc_region *copy;
    char name[128];
    (void)snprintf(name, sizeof name, "null%.80s%03zu", m->regions[of].region, number);
    int status = nvc_mask_append(m, name, m->regions[of].side, &copy, err); /* moves the regions */
    if (status)
        return status;
    const struct nvc_region *r = &m->regions[of];
    memcpy(copy->atlas, r->atlas, sizeof copy->atlas);
    memcpy(copy->space, r->space, sizeof copy->space);
    (void)snprintf(copy->method, sizeof copy->method, "moved");
    (void)snprintf(copy->side_check, sizeof copy->side_check, "n/a");
    if (!(copy->index = nvc_array(r->n, sizeof *copy->index, err)) || !(copy->weight = nvc_array(r->n, sizeof *copy->weight, err)))
        return NVC_ESYS;
    memcpy(copy->index, index, r->n * sizeof *index);
    memcpy(copy->weight, r->weight, r->n * sizeof *copy->weight);
    copy->n = r->n;
    nvc_region_measure(copy, &m->grid);
    return 0;
}

static int copy_region(struct search *s, struct nvc_mask *m, size_t of, size_t *found, struct nvc_error *err)
{
    const size_t n = m->regions[of].n, from = n ? middle(&m->regions[of], s->g) : 0;
    double share, like, own_share = 0, own_like = 0;
    size_t *index = nvc_array(n, sizeof *index, err);
    int status = index ? 0 : NVC_ESYS;
    *found = 0;
    if (!status && n)
        measure(s, &m->regions[of], m->regions[of].index, &own_share, &own_like);
    if (!status && !(own_share > 0))
        status = nvc_fail(err, NVC_EDATA, "region %s has no voxel inside", m->regions[of].column);
    for (size_t k = 0; k < TRIES * s->p->n && *found < s->p->n && s->n_places && !status; k++) {
        const size_t to = s->place[nvc_rng_below(&s->rng, s->n_places)];
        if (s->taken[to] || !move(s, &m->regions[of], from, to, index))
            continue;
        measure(s, &m->regions[of], index, &share, &like);
        if (share < (1 - within) * own_share || (s->p->like && !(fabs(like - own_like) <= within * fabs(own_like))))
            continue;
        for (size_t i = 0; i < n; i++)
            s->taken[index[i]] = true;
        status = append(m, of, ++*found, index, err);
    }
    if (!status && !*found)
        status = nvc_fail(err, NVC_EDATA, "region %s: no place for a copy of it", m->regions[of].column);
    free(index);
    return status;
}

int nvc_mask_add_null(struct nvc_mask *m, const struct nvc_null_places *p, size_t *fewest, struct nvc_error *err)
{
    const size_t n = (size_t)m->grid.dim[0] * (size_t)m->grid.dim[1] * (size_t)m->grid.dim[2], n_regions = m->n_regions;
    struct search s = { .g = &m->grid, .p = p, .taken = nvc_array(n, sizeof *s.taken, err), .place = nvc_array(n, sizeof *s.place, err) };
    int status = s.taken && s.place ? 0 : NVC_ESYS;
    *fewest = p->n;
    for (size_t i = 0; i < n_regions && !status; i++)
        nvc_region_margin(&m->regions[i], &m->grid, margin_mm, s.taken);
    for (size_t i = 0; i < n_regions && !status; i++) {
        size_t found = 0;
        nvc_rng_init(&s.rng, p->seed, i);
        find_places(&s, &m->regions[i], n);
        status = copy_region(&s, m, i, &found, err);
        *fewest = found < *fewest ? found : *fewest;
    }
    free(s.taken);
    free(s.place);
    return status;
}
