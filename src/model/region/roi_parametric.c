#include "model/region/roi_parametric.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static const struct nvc_nucleus nuclei[] = {
#include "model/roi_nuclei.inc"
};
enum { N_NUCLEI = sizeof nuclei / sizeof *nuclei };
static const struct nvc_nucleus medial_temporal[] = {
#include "model/roi_medial_temporal.inc"
};

struct ellipsoid { /* (x-c)' A (x-c) <= 1, with A = C^-1 / k: xx yy zz xy xz yz */
    double c[3], a[6];
    double reach[3]; /* half of the bounding box */
};

static struct ellipsoid ellipsoid_of(const struct nvc_nucleus *r)
{
    double det = r->xx * (r->yy * r->zz - r->yz * r->yz) - r->xy * (r->xy * r->zz - r->yz * r->xz) +
                 r->xz * (r->xy * r->yz - r->yy * r->xz);
    double k = pow(3 * r->volume_mm3 / (4 * M_PI * sqrt(det)), 2.0 / 3), s = 1 / (det * k);
    return (struct ellipsoid){
        .c = { r->x_mm, r->y_mm, r->z_mm },
        .a = { (r->yy * r->zz - r->yz * r->yz) * s, (r->xx * r->zz - r->xz * r->xz) * s, (r->xx * r->yy - r->xy * r->xy) * s,
               (r->xz * r->yz - r->xy * r->zz) * s, (r->xy * r->yz - r->xz * r->yy) * s, (r->xy * r->xz - r->xx * r->yz) * s },
        .reach = { sqrt(k * r->xx), sqrt(k * r->yy), sqrt(k * r->zz) },
    };
}

static void ellipsoids(struct ellipsoid e[static N_NUCLEI])
{
    for (int i = 0; i < N_NUCLEI; i++)
        e[i] = ellipsoid_of(&nuclei[i]);
}

static double distance_over_k(const struct ellipsoid *e, const double p[3])
{
    double x = p[0] - e->c[0], y = p[1] - e->c[1], z = p[2] - e->c[2];
    return e->a[0] * x * x + e->a[1] * y * y + e->a[2] * z * z + 2 * (e->a[3] * x * y + e->a[4] * x * z + e->a[5] * y * z);
}

static int owner(const struct ellipsoid e[static N_NUCLEI], const double p[3])
{
    int best = -1;
    double least = 1;
    for (int i = 0; i < N_NUCLEI; i++) {
        double d = distance_over_k(&e[i], p);
        if (d <= 1 && (best < 0 || d < least))
            best = i, least = d;
    }
    return best;
}

const struct nvc_nucleus *nvc_parametric_nuclei(size_t *n)
{
    *n = N_NUCLEI;
    return nuclei;
}

int nvc_parametric_owner(const double mm[3])
{
    struct ellipsoid e[N_NUCLEI];
    ellipsoids(e);
    return owner(e, mm);
}

bool nvc_parametric_grey(const double mm[3])
{
    if (nvc_parametric_owner(mm) >= 0)
        return true;
    for (size_t i = 0; i < sizeof medial_temporal / sizeof *medial_temporal; i++) {
        struct ellipsoid e = ellipsoid_of(&medial_temporal[i]);
        if (distance_over_k(&e, mm) <= 1)
            return true;
    }
    return false;
}

/* Points a side of a voxel's lattice, and the voxels that a bounding box in mm touches: signed, may lie outside. */
struct lattice {
    int points[3];
    long lo[3], hi[3];
};

static int lattice_around(struct lattice *l, const struct nvc_grid *g, const struct ellipsoid *e, struct nvc_error *err)
{
    double to_voxel[3][4];
    int status = nvc_grid_inverse(g, to_voxel, err);
    if (status)
        return status;
    for (int d = 0; d < 3; d++) {
        double edge = hypot(hypot(g->to_mm[0][d], g->to_mm[1][d]), g->to_mm[2][d]), reach = 0, centre = to_voxel[d][3];
        l->points[d] = (int)fmin(fmax(4, ceil(edge / 0.4)), 64);
        for (int c = 0; c < 3; c++) {
            reach += fabs(to_voxel[d][c]) * e->reach[c];
            centre += to_voxel[d][c] * e->c[c];
        }
        if (!(fabs(centre) + reach < 1e6))
            return nvc_fail(err, NVC_EDATA, "the voxels of the grid are too small for an amygdala (%.3g mm)", edge);
        l->lo[d] = lrint(floor(centre - reach - 0.5));
        l->hi[d] = lrint(ceil(centre + reach + 0.5));
    }
    return 0;
}

/* Longest way from the centre of a voxel to a corner, as a root of distance_over_k. */
static double half_diagonal(const struct ellipsoid *e, const struct nvc_grid *g)
{
    double longest = 0;
    for (int corner = 0; corner < 4; corner++) {
        double p[3];
        for (int r = 0; r < 3; r++)
            p[r] = e->c[r] + 0.5 * (g->to_mm[r][0] + (corner & 1 ? 1 : -1) * g->to_mm[r][1] + (corner & 2 ? 1 : -1) * g->to_mm[r][2]);
        longest = fmax(longest, distance_over_k(e, p));
    }
    return sqrt(longest);
}

/* 0 when the voxel lies outside the ellipsoid, 1 when wholly inside and nearer to it than to any other, else -1: the roots
 * of distance_over_k are norms, so the triangle inequality tells. */
static double plain_share(const struct ellipsoid e[static N_NUCLEI], int row, const struct nvc_grid *g, const long at[3])
{
    double ijk[3] = { (double)at[0], (double)at[1], (double)at[2] }, p[3];
    nvc_grid_to_mm(g, ijk, p);
    double farthest = sqrt(distance_over_k(&e[row], p)) + half_diagonal(&e[row], g);
    if (farthest > 1 + 2 * half_diagonal(&e[row], g))
        return 0;
    for (int i = 0; i < N_NUCLEI && farthest <= 1; i++)
        if (i != row && sqrt(distance_over_k(&e[i], p)) - half_diagonal(&e[i], g) < farthest)
            return -1;
    return farthest <= 1 ? 1 : -1;
}

/* Share of the voxel's lattice that nucleus `row` owns. */
static double share(const struct ellipsoid e[static N_NUCLEI], int row, const struct nvc_grid *g, const struct lattice *l,
                    const long at[3])
{
    const int *n = l->points;
    long hits = 0;
    double plain = plain_share(e, row, g, at);
    if (plain >= 0)
        return plain;
    for (int c = 0; c < n[2]; c++)
        for (int b = 0; b < n[1]; b++)
            for (int a = 0; a < n[0]; a++) {
                double ijk[3] = { (double)at[0] - 0.5 + (a + 0.5) / n[0], (double)at[1] - 0.5 + (b + 0.5) / n[1],
                                  (double)at[2] - 0.5 + (c + 0.5) / n[2] }, p[3];
                nvc_grid_to_mm(g, ijk, p);
                if (distance_over_k(&e[row], p) <= 1 && owner(e, p) == row)
                    hits++;
            }
    return (double)hits / ((double)n[0] * n[1] * n[2]);
}

int nvc_parametric_weights(struct nvc_region *r, const struct nvc_grid *g, size_t row, double *inside,
                           struct nvc_error *err)
{
    if (row >= N_NUCLEI)
        return nvc_fail(err, NVC_EBUG, "nucleus %zu of %d", row, N_NUCLEI);
    struct ellipsoid e[N_NUCLEI];
    ellipsoids(e);
    struct lattice l;
    int status = lattice_around(&l, g, &e[row], err);
    if (status)
        return status;
    double sum_in = 0, sum = 0;
    size_t cap_index = 0, cap_weight = 0;
    free(r->index);
    free(r->weight);
    r->index = NULL, r->weight = NULL, r->n = 0;
    for (long k = l.lo[2]; k <= l.hi[2]; k++)
        for (long j = l.lo[1]; j <= l.hi[1]; j++)
            for (long i = l.lo[0]; i <= l.hi[0]; i++) {
                double w = share(e, (int)row, g, &l, (long[3]){ i, j, k });
                sum += w;
                if (w <= 0 || i < 0 || j < 0 || k < 0 || (size_t)i >= g->dim[0] || (size_t)j >= g->dim[1] || (size_t)k >= g->dim[2])
                    continue;
                sum_in += w;
                if ((status = nvc_grow(&r->index, &cap_index, r->n + 1, sizeof *r->index, err)) ||
                    (status = nvc_grow(&r->weight, &cap_weight, r->n + 1, sizeof *r->weight, err)))
                    return status;
                r->index[r->n] = (size_t)i + g->dim[0] * ((size_t)j + g->dim[1] * (size_t)k);
                r->weight[r->n++] = w;
            }
    *inside = sum > 0 ? sum_in / sum : NAN;
    nvc_region_measure(r, g);
    return 0;
}
