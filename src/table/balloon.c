#include "table/balloon.h"

#include "base/memory.h"
#include "io/tsv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct nvc_column nvc_posterior_columns[] = {
    { "region", NULL, "region, without its side" },
    { "side", NULL, "L, R, B or n/a" },
    { "parameter", NULL, "decay (1/s), autoregulation (1/s2), transit_s (s), alpha, e0, log_epsilon, efficacy (1/s2)" },
    { "condition", NULL, "condition of an efficacy, else n/a" },
    { "prior_mean", "see parameter", "before the data" },
    { "prior_sd", "see parameter", "before the data" },
    { "mean", "see parameter", "after the data" },
    { "sd", "see parameter", "after the data" },
    { "shrinkage", NULL, "share of the prior variance that the data took away; near 0: the prior speaks" },
    { "free_energy", NULL, "log evidence bound of the model" },
    { "log_precision", NULL, "log precision of the noise" },
    { "rmse", "%", "root mean square of the residual" },
    { "variance_explained", NULL, "of the series without its drift and confounds" },
    { "converged", NULL, "1 when the ascent came to rest" },
    { 0 },
};

const struct nvc_column nvc_covariance_columns[] = {
    { "region", NULL, "region, without its side" },
    { "side", NULL, "L, R, B or n/a" },
    { "parameter_i", NULL, "parameter, efficacies as efficacy:CONDITION" },
    { "parameter_j", NULL, "the other parameter" },
    { "covariance", "product of units", "posterior covariance" },
    { 0 },
};

const struct nvc_column nvc_balloon_curve_columns[] = {
    { "region", NULL, "region, without its side" },
    { "side", NULL, "L, R, B or n/a" },
    { "curve", NULL, "measured, fitted (with drift and confounds), response (without), or kernel:CONDITION (response to a unit impulse)" },
    { "time", "s", "start of the volume; for a kernel since the impulse" },
    { "value", "%", "signal change; for a kernel % per unit of input" },
    { 0 },
};

static const char *const units[NVC_BALLOON_SHARED] = { "1/s", "1/s2", "s", NULL, NULL, NULL };

static const char *name_of(const struct nvc_balloon_result *r, size_t i, const char **condition)
{
    *condition = i < NVC_BALLOON_SHARED ? NULL : r->conditions[i - NVC_BALLOON_SHARED];
    return i < NVC_BALLOON_SHARED ? nvc_balloon_parameter_names[i] : "efficacy";
}

/* Texts, then numbers, of one row. */
static int row(struct nvc_text *out, const char *const *text, size_t n_text, const double *number, size_t n_number, struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < n_text && !status; i++)
        status = nvc_tsv_cell(out, text[i], false, err);
    for (size_t i = 0; i < n_number && !status; i++)
        status = nvc_tsv_real(out, number[i], i + 1 == n_number, err);
    return status;
}

int nvc_posterior_rows(struct nvc_text *out, const struct nvc_balloon_result *r, struct nvc_error *err)
{
    const struct nvc_balloon_fit *f = r->fit;
    const struct nvc_region_facts *facts = r->series->regions + r->region;
    int status = 0;
    for (size_t i = 0; i < f->n_parameters && !status; i++) {
        const char *condition, *name = name_of(r, i, &condition), *text[] = { facts->region, facts->side, name, condition };
        const double number[] = { f->prior_mean[i], f->prior_sd[i], f->mean[i], f->sd[i], f->shrinkage[i], f->free_energy,
                                  f->log_precision, f->rmse, f->variance_explained, f->converged };
        status = row(out, text, 4, number, 10, err);
    }
    return status;
}

int nvc_covariance_rows(struct nvc_text *out, const struct nvc_balloon_result *r, struct nvc_error *err)
{
    const struct nvc_region_facts *facts = r->series->regions + r->region;
    const size_t m = r->fit->n_parameters;
    int status = 0;
    for (size_t i = 0; i < m && !status; i++)
        for (size_t j = 0; j <= i && !status; j++) {
            const char *ci, *cj, *ni = name_of(r, i, &ci), *nj = name_of(r, j, &cj);
            char *a = nvc_sprintf(err, "%s%s%s", ni, ci ? ":" : "", ci ? ci : "");
            char *b = nvc_sprintf(err, "%s%s%s", nj, cj ? ":" : "", cj ? cj : "");
            const char *text[] = { facts->region, facts->side, a, b };
            status = a && b ? row(out, text, 4, &r->fit->covariance[i + m * j], 1, err) : NVC_ESYS;
            free(a);
            free(b);
        }
    return status;
}

static int curve(struct nvc_text *out, const struct nvc_balloon_result *r, const char *name, const double *value, const double *time_s,
                 size_t n, double dt_s, struct nvc_error *err)
{
    const struct nvc_region_facts *facts = r->series->regions + r->region;
    int status = 0;
    for (size_t i = 0; i < n && !status; i++) {
        const char *text[] = { facts->region, facts->side, name };
        const double number[] = { time_s ? time_s[i] : (double)i * dt_s, value[i] };
        status = row(out, text, 3, number, 2, err);
    }
    return status;
}

int nvc_balloon_curve_rows(struct nvc_text *out, const struct nvc_balloon_result *r, struct nvc_error *err)
{
    enum { SAMPLES = 129 };
    const double dt_s = 0.25;
    const struct nvc_balloon_fit *f = r->fit;
    const struct nvc_balloon b = nvc_balloon_with(&r->problem->constants, f->mean);
    const size_t n = r->problem->n_scans;
    double kernel[SAMPLES];
    int status = curve(out, r, "measured", r->problem->y, r->series->time_s, n, 0, err);
    if (!status)
        status = curve(out, r, "fitted", f->fitted, r->series->time_s, n, 0, err);
    if (!status)
        status = curve(out, r, "response", f->response, r->series->time_s, n, 0, err);
    for (size_t k = 0; k < r->problem->n_inputs && !status; k++) {
        char *name = nvc_sprintf(err, "kernel:%s", r->conditions[k]);
        status = name ? nvc_balloon_kernel(&b, f->mean[NVC_BALLOON_SHARED + k], dt_s, SAMPLES, kernel, err) : NVC_ESYS;
        if (!status)
            status = curve(out, r, name, kernel, NULL, SAMPLES, dt_s, err);
        free(name);
    }
    return status;
}

int nvc_balloon_indices(struct nvc_coupling *c, const struct nvc_balloon_result *r, struct nvc_error *err)
{
    static const char *const index[] = { "balloon_decay", "balloon_autoregulation", "balloon_transit", "balloon_alpha", "balloon_e0" };
    const struct nvc_region_facts *facts = r->series->regions + r->region;
    const struct nvc_identity *who = &r->series->who;
    int status = 0;
    for (size_t i = 0; i < r->fit->n_parameters && !status; i++) {
        const char *condition, *name = name_of(r, i, &condition);
        if (!strcmp(name, "log_epsilon"))
            continue;
        char note[64];
        const bool prior = !(r->fit->shrinkage[i] >= 0.5), stuck = !r->fit->converged;
        (void)snprintf(note, sizeof note, "%s%s%s", prior ? "prior_dominated" : "", prior && stuck ? ";" : "", stuck ? "not_converged" : "");
        const double half = 1.959963984540054 * r->fit->sd[i];
        const struct nvc_coupling_row one = {
            .participant_id = who->participant_id, .session = who->session, .task = who->task, .run = who->run, .space = who->space,
            .atlas = facts->atlas, .region = facts->region, .side = facts->side, .index = condition ? "balloon_efficacy" : index[i],
            .class_name = "model", .contrast = condition,
            .noise = r->problem->priors == NVC_PRIORS_SPM ? "white" : "ar1", .unit = condition ? "1/s2" : units[i], .note = note,
            .value = r->fit->mean[i], .se = r->fit->sd[i], .dof = NAN, .ci_low = r->fit->mean[i] - half, .ci_high = r->fit->mean[i] + half,
            .n_vox = facts->n_vox, .coverage = facts->coverage, .tsnr = facts->tsnr, .mean_fd_mm = NAN };
        status = nvc_coupling_add(c, &one, err);
    }
    return status;
}
