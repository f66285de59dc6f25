/* qc_rates [RUNS [FIRST_SEED]]: how often the verdicts of nvc-qc are right on simulated regional runs of known kind.
 *
 * A run: 200 volumes of 2 s on a 3-mm grid; the left BLA of the built-in atlas answers 18-s blocks with 0.4 % of its signal;
 * tSNR of a voxel about 70 (white), AR(1) noise common to the region of 0.35 %, drift.  The boxes of the basal vein hold
 * the same noise.  Scenarios: signal lost in part of the region (2 to 20 % of it is left), a vein that runs through the
 * boxes and within 4 mm of the BLA with three times its answer and twice the noise, head motion that goes with the task. */
#include "base/memory.h"
#include "math/random.h"
#include "model/quality/qc.h"
#include "model/region/roi_parametric.h"
#include "model/quality/vein.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 200, DCT = 6, COLUMNS = 1 + DCT + 1 };

static struct nvc_error err;
static const struct nvc_qc_limits limits = NVC_QC_DEFAULT_LIMITS;

static void check(int status)
{
    if (status) {
        (void)fprintf(stderr, "qc_rates: %s\n", err.text);
        exit(1);
    }
}

/* What all runs share. */
struct stage {
    struct nvc_mask mask; /* the BLA and its vein boxes */
    double *vein;         /* share of the vein in each voxel of both regions, BLA first */
    double X[N * COLUMNS], weights[COLUMNS];
    bool nuisance[COLUMNS];
};

/* Distance of a point to the way of the vein: along the medial-dorsal face of the amygdala, then through the three boxes. */
static double to_vein(const double p[3], const double start[3])
{
    const double way[5][3] = { { start[0], start[1], start[2] }, { -10, -4, -13 }, { -15, -20, -12 }, { -9, -33, -5 }, { -6, -38, 2 } };
    double nearest = INFINITY;
    for (int s = 0; s < 4; s++)
        for (int i = 0; i <= 40; i++) {
            double q[3];
            for (int d = 0; d < 3; d++)
                q[d] = way[s][d] + (way[s + 1][d] - way[s][d]) * i / 40;
            nearest = fmin(nearest, hypot(hypot(p[0] - q[0], p[1] - q[1]), p[2] - q[2]));
        }
    return nearest;
}

/* The vein comes within 4 mm of the BLA: 3.5 mm from its most medial-dorsal voxel of weight 0.5. */
static void lay_vein(struct stage *s)
{
    const struct nvc_grid *g = &s->mask.grid;
    double best = -INFINITY, start[3] = { 0 };
    for (size_t i = 0; i < s->mask.regions[0].n; i++) {
        double p[3];
        nvc_voxel_mm(g, s->mask.regions[0].index[i], p);
        if (s->mask.regions[0].weight[i] >= 0.5 && p[0] + p[2] > best) {
            best = p[0] + p[2];
            start[0] = p[0] + 3.5 / sqrt(2), start[1] = p[1], start[2] = p[2] + 3.5 / sqrt(2);
        }
    }
    for (size_t r = 0, k = 0; r < 2; r++)
        for (size_t i = 0; i < s->mask.regions[r].n; i++) {
            double p[3];
            nvc_voxel_mm(g, s->mask.regions[r].index[i], p);
            double d = to_vein(p, start);
            s->vein[k++] = d <= 2 ? 1 : exp(-(d - 2) * (d - 2) / 2); /* blurred by the image: 1 within 2 mm */
        }
}

static double block_response(double t)
{
    double sum = 0;
    for (double onset = 10; onset < 2 * N; onset += 30)
        for (double u = 0; u < 18; u += 0.5) {
            double x = t - onset - u;
            if (x > 0 && x < 32)
                sum += 0.5 * (pow(x, 5) * exp(-x) / 120 - pow(x, 15) * exp(-x) / 1307674368000.0 / 6);
        }
    return sum;
}

static void build(struct stage *s)
{
    struct nvc_grid g = { .dim = { 14, 26, 20 }, .to_mm = { { 3, 0, 0, -39 }, { 0, 3, 0, -57 }, { 0, 0, 3, -42 } }, .space_code = 4 };
    struct nvc_region *r;
    double inside;
    s->mask.grid = g;
    check(nvc_mask_append(&s->mask, "BLA", "L", &r, &err));
    check(nvc_parametric_weights(r, &g, 0, &inside, &err));
    check(nvc_mask_append(&s->mask, "vein", "L", &r, &err));
    struct nvc_mask keep = { .grid = g, .n_regions = 1, .regions = s->mask.regions };
    check(nvc_vein_boxes(r, &g, "L", &keep, &err));
    s->vein = nvc_array(s->mask.regions[0].n + s->mask.regions[1].n, sizeof *s->vein, &err);
    lay_vein(s);
    for (int t = 0; t < N; t++) {
        s->X[t] = block_response(2.0 * t);
        for (int k = 1; k <= DCT; k++)
            s->X[t + N * k] = cos(M_PI * k * (t + 0.5) / N);
        s->X[t + N * (COLUMNS - 1)] = 1;
    }
    s->weights[0] = 1;
    for (int k = 1; k < COLUMNS; k++)
        s->nuisance[k] = true;
}

struct scenario {
    const char *name;
    double coverage, vein, task_r;
    enum nvc_verdict want;
    size_t verdict; /* offset in the row */
};

/* AR(1) noise of unit variance. */
static void correlated(double *y, double ar, struct nvc_rng *rng)
{
    double e = nvc_rng_normal(rng);
    for (int t = 0; t < N; t++) {
        y[t] = e;
        e = ar * e + sqrt(1 - ar * ar) * nvc_rng_normal(rng);
    }
}

/* Share of signal that is left in each voxel of the BLA: the lowest voxels lose theirs until `coverage` of the weight is left. */
static void lose_signal(const struct stage *s, double coverage, double *left, struct nvc_rng *rng)
{
    const struct nvc_region *r = &s->mask.regions[0];
    double kept = 0;
    for (size_t i = r->n; i-- > 0;) { /* ascending index is ascending z */
        bool keep = kept + r->weight[i] / 2 <= coverage * r->weight_sum;
        kept += keep ? r->weight[i] : 0;
        left[i] = keep ? 1 : 0.02 + 0.18 * nvc_rng_uniform(rng);
    }
}

static void motion(double *P, const double *task, double r, struct nvc_rng *rng)
{
    double mean = 0, sd = 0;
    for (int t = 0; t < N; t++)
        mean += task[t] / N;
    for (int t = 0; t < N; t++)
        sd += (task[t] - mean) * (task[t] - mean) / N;
    for (int k = 0; k < NVC_MOTION_PARAMETERS; k++) {
        double slow[N], fast[N], drift = 0.3 * nvc_rng_normal(rng);
        correlated(slow, 0.9, rng);
        correlated(fast, 0, rng);
        for (int t = 0; t < N; t++) {
            double own = 0.8 * slow[t] + 0.6 * fast[t], with = (task[t] - mean) / sqrt(sd);
            P[t + N * k] = (k < 3 ? 0.05 : 0.001) * ((k == 1 ? r * with + sqrt(1 - r * r) * own : own) + drift * t / N * 3);
        }
    }
}

static enum nvc_verdict simulate(const struct stage *s, const struct scenario *c, uint64_t seed)
{
    struct nvc_rng rng;
    nvc_rng_init(&rng, seed, 0);
    struct nvc_extract *x;
    struct nvc_extract_opts opts = { .summary = NVC_SUMMARY_WEIGHTED };
    size_t n_voxels, n0 = s->mask.regions[0].n, n1 = s->mask.regions[1].n;
    check(nvc_extract_new(&x, &s->mask, &opts, &err));
    (void)nvc_extract_index(x, &n_voxels);
    size_t *at = nvc_array(n0 + n1, sizeof *at, &err);
    double *values = nvc_array(n_voxels, sizeof *values, &err), *left = nvc_array(n0, sizeof *left, &err);
    double common[N], blood[N], P[N * NVC_MOTION_PARAMETERS], drift = nvc_rng_normal(&rng);
    nvc_extract_rows(x, &s->mask.regions[0], at);
    nvc_extract_rows(x, &s->mask.regions[1], at + n0);
    correlated(common, 0.5, &rng);
    correlated(blood, 0.3, &rng);
    lose_signal(s, c->coverage, left, &rng);
    motion(P, s->X, c->task_r, &rng);
    for (int t = 0; t < N; t++) {
        for (size_t i = n0 + n1; i-- > 0;) { /* a voxel of both is the BLA's */
            double share = i < n0 ? s->mask.regions[0].weight[i] : 0, vein = c->vein > 0 ? s->vein[i] : 0;
            double pct = 0.4 * share * s->X[t] + 0.35 * share * common[t] + drift * cos(M_PI * (t + 0.5) / N) +
                         vein * (0.4 * c->vein * s->X[t] + 0.7 * blood[t]) + (1.4 + 1.4 * vein) * nvc_rng_normal(&rng);
            values[at[i]] = 1000 * (i < n0 ? left[i] : 1) * (1 + pct / 100);
        }
        check(nvc_extract_add(x, values, &err));
    }
    struct nvc_voxel *voxels;
    check(nvc_extract_judge(x, &voxels, &err));
    struct nvc_qc_model model = { N, COLUMNS, s->X, s->weights, s->nuisance };
    struct nvc_qc_run run = { .x = x, .mask = &s->mask, .voxels = voxels, .brain_level = 1000, .model = &model, .limits = &limits };
    struct nvc_qc_row row = { .dvars_pct = NAN };
    double fd[N];
    nvc_framewise_displacement(P, N, fd);
    nvc_motion_summarise(&row.motion, fd, N, run.limits->fd_limit_mm);
    check(nvc_motion_task(&row.motion, P, s->X, N, s->X + N, COLUMNS - 1, &err));
    check(nvc_qc_region(&row, &run, 0, 1, &err));
    if (getenv("QC_RATES_ROWS"))
        (void)printf("%s\t%g\t%g\t%g\t%g\t%g\t%g\t%g\t%g\n", c->name, row.signal_coverage, row.tsnr_median, row.effect_pct / row.effect_se,
                     row.n_vein, row.vein_effect_pct / row.effect_pct, row.vein_t, row.vein_r, row.motion.task_r);
    enum nvc_verdict got;
    memcpy(&got, (const char *)&row + c->verdict, sizeof got);
    free(voxels);
    free(values);
    free(left);
    free(at);
    nvc_extract_free(x);
    return got;
}

int main(int argc, char **argv)
{
    static struct stage stage;
    static const struct scenario scenarios[] = {
        { "coverage 0.30", 0.30, 0, 0, NVC_VERDICT_FAIL, offsetof(struct nvc_qc_row, v_coverage) },
        { "coverage 0.75", 0.75, 0, 0, NVC_VERDICT_FLAG, offsetof(struct nvc_qc_row, v_coverage) },
        { "coverage 1", 1, 0, 0, NVC_VERDICT_PASS, offsetof(struct nvc_qc_row, v_coverage) },
        { "vein of three times the BLA", 1, 3, 0, NVC_VERDICT_FLAG, offsetof(struct nvc_qc_row, v_vein) },
        { "boxes that answer like the BLA", 1, 1, 0, NVC_VERDICT_PASS, offsetof(struct nvc_qc_row, v_vein) },
        { "no vein", 1, 0, 0, NVC_VERDICT_PASS, offsetof(struct nvc_qc_row, v_vein) },
        { "task and motion correlated 0.6", 1, 0, 0.6, NVC_VERDICT_FLAG, offsetof(struct nvc_qc_row, v_task_motion) },
        { "task and motion not correlated", 1, 0, 0, NVC_VERDICT_PASS, offsetof(struct nvc_qc_row, v_task_motion) },
    };
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    build(&stage);
    (void)printf("scenario\twanted\truns\tright_pct\n");
    for (size_t c = 0; c < sizeof scenarios / sizeof *scenarios; c++) {
        size_t right = 0;
        for (size_t i = 0; i < runs; i++)
            right += simulate(&stage, &scenarios[c], first + i) == scenarios[c].want;
        (void)printf("%s\t%s\t%zu\t%.1f\n", scenarios[c].name, nvc_verdict_names[scenarios[c].want], runs, 100 * (double)right / (double)runs);
    }
    free(stage.vein);
    nvc_mask_release(&stage.mask);
    return 0;
}
