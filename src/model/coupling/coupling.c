#include "model/coupling/coupling.h"

#include "base/memory.h"
#include "math/dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const nvc_qc_outcome_names[NVC_QC_OUTCOMES] = { "dropout", "pgm", "volume_mm3" };

void nvc_coupling_release(struct nvc_coupling *c)
{
    nvc_pool_release(&c->text);
    free(c->rows);
    *c = (struct nvc_coupling){ 0 };
}

int nvc_coupling_add(struct nvc_coupling *c, const struct nvc_coupling_row *row, struct nvc_error *err)
{
    struct nvc_coupling_row copy = *row;
    const char **texts[] = { &copy.participant_id, &copy.session, &copy.task,  &copy.run,   &copy.space,
                             &copy.atlas,          &copy.region,  &copy.side,  &copy.index, &copy.class_name,
                             &copy.contrast,       &copy.unit,    &copy.noise, &copy.note };
    if (!copy.note)
        copy.note = "";
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        if (!(*texts[k] = nvc_pool_add(&c->text, *texts[k] ? *texts[k] : "n/a", err)))
            return NVC_ESYS;
    int status = nvc_grow(&c->rows, &c->cap, c->n + 1, sizeof *c->rows, err);
    if (!status)
        c->rows[c->n++] = copy;
    return status;
}

void nvc_coupling_interval(struct nvc_coupling_row *row)
{
    const double half = row->se * (isnan(row->dof) ? nvc_normal_quantile(0.975) : nvc_t_critical(0.95, row->dof));
    row->ci_low = row->value - half, row->ci_high = row->value + half;
}

static struct nvc_coupling_row row_of(const struct nvc_response *r, double mean_fd_mm, const char *index,
                                      const char *unit, double value, double se)
{
    struct nvc_coupling_row row = { r->participant_id, r->session, r->task, r->run, r->space, r->atlas, r->region, r->side, index, "bold-response",
                                    r->contrast, unit, r->noise, r->derived ? "derived" : "", value, se, r->dof, NAN, NAN, r->n_vox, r->coverage,
                                    r->tsnr, mean_fd_mm, NULL, NULL, { NAN, NAN, NAN } };
    nvc_coupling_interval(&row);
    return row;
}

static bool same(const char *a, const char *b)
{
    return !strcmp(a, b);
}

/* Another side of the same run, region and contrast, or NULL. */
static const struct nvc_response *on_side(const struct nvc_response *all, size_t n, const struct nvc_response *r,
                                          const char *side)
{
    for (size_t i = 0; i < n; i++)
        if (same(all[i].side, side) && same(all[i].contrast, r->contrast) && same(all[i].region, r->region) &&
            same(all[i].atlas, r->atlas) && same(all[i].run, r->run) && same(all[i].task, r->task) &&
            same(all[i].session, r->session) && same(all[i].participant_id, r->participant_id))
            return &all[i];
    return NULL;
}

/* What holds of two sides together: voxels of both, the poorer quality. */
static struct nvc_response of_both(const struct nvc_response *l, const struct nvc_response *r, const char *side)
{
    struct nvc_response both = *l;
    both.side = side;
    both.derived = true;
    both.n_vox = l->n_vox + r->n_vox;
    both.coverage = l->coverage < r->coverage ? l->coverage : r->coverage;
    both.tsnr = l->tsnr < r->tsnr ? l->tsnr : r->tsnr;
    both.dof = l->dof < r->dof ? l->dof : r->dof;
    return both;
}

static int add_laterality(struct nvc_coupling *c, const struct nvc_response *l, const struct nvc_response *r,
                          const struct nvc_response *difference, double mean_fd_mm, struct nvc_error *err)
{
    struct nvc_response both = of_both(l, r, "RL");
    double se = difference ? difference->psc_se : NAN, a = r->psc, b = l->psc, sum = a + b;
    double covariance = 0.5 * (r->psc_se * r->psc_se + l->psc_se * l->psc_se - se * se);
    struct nvc_coupling_row row = row_of(&both, mean_fd_mm, "psc_rl", "%", a - b, se);
    row.note = isnan(row.value) ? "derived;psc_undefined" : isnan(se) ? "derived;covariance_unknown" : "derived";
    int status = nvc_coupling_add(c, &row, err);
    bool both_respond = a > 2 * r->psc_se && b > 2 * l->psc_se;
    double var =
        4 / pow(sum, 4) * (b * b * r->psc_se * r->psc_se + a * a * l->psc_se * l->psc_se - 2 * a * b * covariance);
    row = row_of(&both, mean_fd_mm, "li_psc", "n/a", both_respond ? (a - b) / sum : NAN,
                 both_respond && var > 0 ? sqrt(var) : NAN);
    row.note = !both_respond ? "derived;li_undefined" : isnan(se) ? "derived;covariance_unknown" : "derived";
    return status ? status : nvc_coupling_add(c, &row, err);
}

static int add_bilateral(struct nvc_coupling *c, const struct nvc_response *l, const struct nvc_response *r,
                         const struct nvc_response *difference, double mean_fd_mm, struct nvc_error *err)
{
    struct nvc_response both = of_both(l, r, "B");
    double vl = l->psc_se * l->psc_se, vr = r->psc_se * r->psc_se,
           vd = difference ? difference->psc_se * difference->psc_se : NAN;
    double cov = 0.5 * (vl + vr - vd), det = vl * vr - cov * cov, wl = (vr - cov) / vd, wr = (vl - cov) / vd;
    bool known = det > 0 && vd > 0;
    struct nvc_coupling_row row =
        row_of(&both, mean_fd_mm, "psc", "%", known ? wl * l->psc + wr * r->psc : NAN, known ? sqrt(det / vd) : NAN);
    row.note = isnan(l->psc) || isnan(r->psc) ? "derived;psc_undefined"
               : known                        ? "derived;gls_of_sides"
                                              : "derived;covariance_unknown";
    return nvc_coupling_add(c, &row, err);
}

int nvc_coupling_of_responses(struct nvc_coupling *c, const struct nvc_response *r, size_t n, double mean_fd_mm,
                              struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < n && !status; i++) {
        if (same(r[i].side, "RL"))
            continue;
        struct nvc_coupling_row row = row_of(&r[i], mean_fd_mm, r[i].of_regions ? "psc_minus" : "psc", "%", r[i].psc, r[i].psc_se);
        if (isnan(r[i].psc))
            row.note = r[i].derived ? "derived;psc_undefined" : "psc_undefined";
        status = nvc_coupling_add(c, &row, err);
        if (r[i].of_regions)
            continue;
        row = row_of(&r[i], mean_fd_mm, "z", "n/a", r[i].z, NAN);
        row.note = "derived"; /* of the same estimate as psc: one test, not two */
        status = status ? status : nvc_coupling_add(c, &row, err);
    }
    for (size_t i = 0; i < n && !status; i++) {
        const struct nvc_response *right = same(r[i].side, "L") && !r[i].of_regions ? on_side(r, n, &r[i], "R") : NULL;
        const struct nvc_response *difference = right ? on_side(r, n, &r[i], "RL") : NULL;
        if (!right)
            continue;
        status = add_laterality(c, &r[i], right, difference, mean_fd_mm, err);
        if (!status && !on_side(r, n, &r[i], "B"))
            status = add_bilateral(c, &r[i], right, difference, mean_fd_mm, err);
    }
    return status;
}
