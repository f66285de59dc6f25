#include "model/simulate/simulate_internal.h"

#include "base/memory.h"
#include "model/region/roi_parametric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double voxel_mm = 3, level = 10000;

struct nvc_grid nvc_sim_grid(const struct nvc_sim_spec *spec)
{
    static const double whole[3][2] = { { -72, 72 }, { -54, 27 }, { -48, 6 } };
    static const double slab[3][2] = { { -42, 42 }, { -21, 12 }, { -36, -6 } };
    const double (*box)[2] = spec->tiny ? slab : whole;
    struct nvc_grid g = { .space_code = 4 }; /* NIFTI_XFORM_MNI_152 */
    for (int a = 0; a < 3; a++) {
        g.dim[a] = (size_t)lround((box[a][1] - box[a][0]) / voxel_mm) + 1;
        g.to_mm[a][a] = voxel_mm;
        g.to_mm[a][3] = box[a][0];
    }
    return g;
}

int nvc_sim_bla(struct nvc_mask *bla, const struct nvc_sim_spec *spec, struct nvc_error *err)
{
    size_t n;
    const struct nvc_nucleus *nuclei = nvc_parametric_nuclei(&n);
    *bla = (struct nvc_mask) { .grid = nvc_sim_grid(spec) };
    for (size_t k = 0; k < n; k++) {
        struct nvc_region *r;
        double inside;
        if (strcmp(nuclei[k].region, "BLA"))
            continue;
        if (nvc_mask_append(bla, nuclei[k].region, nuclei[k].side, &r, err) ||
            nvc_parametric_weights(r, &bla->grid, k, &inside, err))
            return (int)err->status;
    }
    if (bla->n_regions != 2)
        return nvc_fail(err, NVC_EBUG, "the built-in atlas has %zu regions named BLA, wanted 2", bla->n_regions);
    return 0;
}

/* A smooth random field of unit variance: four plane waves. */
enum { WAVES = 4 };
struct field { double k[WAVES][3], phase[WAVES]; };

static struct field draw_field(struct nvc_rng *rng, double shortest_mm, double longest_mm)
{
    struct field f;
    for (int w = 0; w < WAVES; w++) {
        double length = shortest_mm + (longest_mm - shortest_mm) * nvc_rng_uniform(rng), norm = 0;
        for (int a = 0; a < 3; a++) {
            f.k[w][a] = nvc_rng_normal(rng);
            norm += f.k[w][a] * f.k[w][a];
        }
        for (int a = 0; a < 3; a++)
            f.k[w][a] *= 2 * 3.14159265358979 / (length * sqrt(norm));
        f.phase[w] = 2 * 3.14159265358979 * nvc_rng_uniform(rng);
    }
    return f;
}

static double field_at(const struct field *f, const double mm[3])
{
    double sum = 0;
    for (int w = 0; w < WAVES; w++)
        sum += cos(f->k[w][0] * mm[0] + f->k[w][1] * mm[1] + f->k[w][2] * mm[2] + f->phase[w]);
    return sum * sqrt(2.0 / WAVES);
}

struct anatomy {
    struct field tissue, physio[6], drift[3];
    double canal_mm, sinus_mm; /* how far the signal is lost */
};

static struct anatomy draw_anatomy(struct nvc_rng *rng)
{
    struct anatomy a = { .tissue = draw_field(rng, 12, 25) };
    for (int k = 0; k < 6; k++)
        a.physio[k] = draw_field(rng, 60, 160);
    for (int k = 0; k < 3; k++)
        a.drift[k] = draw_field(rng, 60, 160);
    a.canal_mm = 11 + 4 * nvc_rng_uniform(rng);
    a.sinus_mm = 10 + 4 * nvc_rng_uniform(rng);
    return a;
}

static double distance2(const double a[3], double x, double y, double z)
{
    return (a[0] - x) * (a[0] - x) + (a[1] - y) * (a[1] - y) + (a[2] - z) * (a[2] - z);
}

/* Resting signal; 0 outside the head. */
static double s0_at(const struct anatomy *a, const double mm[3])
{
    double e[3] = { mm[0] / 68, (mm[1] + 18) / 86, (mm[2] - 5) / 62 };
    double r2 = e[0] * e[0] + e[1] * e[1] + e[2] * e[2];
    if (r2 > 1)
        return 0;
    double mirrored[3] = { fabs(mm[0]), mm[1], mm[2] };
    double canal = 1 - 0.95 * exp(-distance2(mirrored, 48, -22, -44) / (2 * a->canal_mm * a->canal_mm));
    double sinus = 1 - 0.95 * exp(-distance2(mm, 0, 18, -36) / (2 * a->sinus_mm * a->sinus_mm));
    return level * (1 + 0.2 * r2) * (1 + 0.06 * field_at(&a->tissue, mm)) * canal * sinus;
}

/* Near the basal vein of Rosenthal, which runs above and medial of the amygdala and round the midbrain. */
static double vein_at(const double mm[3])
{
    static const double line[][3] = { { 10, 2, -15 }, { 17, -5, -12 }, { 19, -16, -11 }, { 12, -32, -5 }, { 5, -40, 3 } };
    double p[3] = { fabs(mm[0]), mm[1], mm[2] }, nearest = INFINITY;
    for (size_t i = 0; i + 1 < sizeof line / sizeof *line; i++) {
        double along = 0, length2 = 0;
        for (int a = 0; a < 3; a++) {
            double d = line[i + 1][a] - line[i][a];
            along += (p[a] - line[i][a]) * d;
            length2 += d * d;
        }
        double s = fmin(fmax(along / length2, 0), 1);
        nearest = fmin(nearest, distance2(p, line[i][0] + s * (line[i + 1][0] - line[i][0]),
                                          line[i][1] + s * (line[i + 1][1] - line[i][1]),
                                          line[i][2] + s * (line[i + 1][2] - line[i][2])));
    }
    return exp(-nearest / (2 * 1.5 * 1.5));
}

static double fusiform_at(const double mm[3])
{
    double p[3] = { fabs(mm[0]), mm[1], mm[2] };
    return exp(-distance2(p, 39, -46, -19) / (2 * 6 * 6));
}

/* Motion: a quarter of what the gradient of S0 would give is left after realignment. */
static void motion_maps(float *map, size_t n, size_t v, const struct anatomy *a, const double mm[3])
{
    static const double left_over = 0.25, centre[3] = { 0, -18, 5 };
    double gradient[3], r[3];
    for (int k = 0; k < 3; k++) {
        double up[3] = { mm[0], mm[1], mm[2] }, down[3] = { mm[0], mm[1], mm[2] };
        up[k] += 1;
        down[k] -= 1;
        double high = s0_at(a, up), low = s0_at(a, down);
        gradient[k] = high > 0 && low > 0 ? (high - low) / 2 : 0.05 * level * (high > low ? 1 : -1);
        r[k] = mm[k] - centre[k];
    }
    for (int k = 0; k < 3; k++) {
        int b = (k + 1) % 3, c = (k + 2) % 3;
        map[v + n * (size_t)(NVC_SIM_MOTION + k)] = (float)(-left_over * gradient[k]);
        map[v + n * (size_t)(NVC_SIM_MOTION + 3 + k)] = (float)(-left_over * (gradient[c] * r[b] - gradient[b] * r[c]));
    }
}

static void fill_voxel(struct nvc_sim_head *head, size_t v, const struct anatomy *a, const double mm[3], const double bla[2])
{
    size_t n = head->n;
    double s0 = head->s0[v], per_cent = s0 / 100, vein = vein_at(mm);
    double of[NVC_SIM_MOTION] = { [NVC_SIM_BLA] = bla[0] + bla[1], [NVC_SIM_FUSIFORM] = fusiform_at(mm), [NVC_SIM_VEIN] = vein,
                                  [NVC_SIM_BLA_BOTH] = bla[0] + bla[1], [NVC_SIM_BLA_LEFT] = bla[0],
                                  [NVC_SIM_BLA_RIGHT] = bla[1], [NVC_SIM_VEIN_PULSE] = vein };
    for (int k = 0; k < 6; k++)
        of[NVC_SIM_PHYSIO + k] = 0.3 * field_at(&a->physio[k], mm);
    for (int k = 0; k < 3; k++)
        of[NVC_SIM_DRIFT + k] = 0.4 * field_at(&a->drift[k], mm);
    for (size_t k = 0; k < NVC_SIM_MOTION; k++)
        head->map[v + n * k] = (float)(per_cent * of[k]);
    motion_maps(head->map, n, v, a, mm);
    head->map[v + n * NVC_SIM_SPIKE] = (float)per_cent;
}

/* Share of a voxel that belongs to the BLA, left and right, for all voxels of the grid. */
static int spread_bla(double **share, const struct nvc_mask *bla, size_t n_all, struct nvc_error *err)
{
    *share = nvc_array(2 * n_all, sizeof **share, err);
    if (!*share)
        return (int)err->status;
    for (size_t r = 0; r < bla->n_regions; r++) {
        const struct nvc_region *region = &bla->regions[r];
        size_t right = region->side[0] == 'R';
        for (size_t k = 0; k < region->n; k++)
            (*share)[2 * region->index[k] + right] = region->weight[k];
    }
    return 0;
}

static void place(const struct nvc_grid *g, size_t index, double mm[3])
{
    double ijk[3] = { (double)(index % g->dim[0]), (double)(index / g->dim[0] % g->dim[1]),
                      (double)(index / (g->dim[0] * g->dim[1])) };
    nvc_grid_to_mm(g, ijk, mm);
}

int nvc_sim_head_init(struct nvc_sim_head *head, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person,
                      const struct nvc_mask *bla, bool only_bla, struct nvc_error *err)
{
    *head = (struct nvc_sim_head) { .grid = bla->grid };
    struct nvc_rng rng = nvc_sim_stream(spec, person, NVC_SIM_HEAD);
    struct anatomy anatomy = draw_anatomy(&rng);
    size_t n_all = nvc_grid_voxels(&head->grid);
    double *share, mm[3];
    if (spread_bla(&share, bla, n_all, err))
        return (int)err->status;
    head->index = nvc_array(n_all, sizeof *head->index, err);
    head->s0 = head->index ? nvc_array(n_all, sizeof *head->s0, err) : NULL;
    for (size_t i = 0; head->s0 && i < n_all; i++) {
        if (only_bla && share[2 * i] + share[2 * i + 1] <= 0)
            continue;
        place(&head->grid, i, mm);
        double s0 = s0_at(&anatomy, mm);
        if (s0 > 0.25 * level) { /* what a brain mask would keep */
            head->index[head->n] = i;
            head->s0[head->n++] = (float)s0;
        }
    }
    head->map = head->s0 ? nvc_array(head->n * NVC_SIM_COURSES, sizeof *head->map, err) : NULL;
    for (size_t v = 0; head->map && v < head->n; v++) {
        place(&head->grid, head->index[v], mm);
        fill_voxel(head, v, &anatomy, mm, &share[2 * head->index[v]]);
    }
    free(share);
    return head->map ? 0 : (int)err->status;
}

void nvc_sim_head_release(struct nvc_sim_head *head)
{
    free(head->index);
    free(head->s0);
    free(head->map);
    *head = (struct nvc_sim_head) { 0 };
}
