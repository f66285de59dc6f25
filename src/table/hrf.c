#include "table/hrf.h"

#include "base/memory.h"
#include "io/tsv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const struct nvc_column nvc_hrf_curve_columns[] = {
    { "region", NULL, "region, without its side" },
    { "side", NULL, "L, R, B or n/a" },
    { "condition", NULL, "condition, or rest" },
    { "time", "s", "since the event" },
    { "value", "%", "response to an impulse (fir, smooth-fir: to the event as it was); at rest in standard deviations of the band-passed signal" },
    { "ci_low", "%", "lower end of the pointwise 95 % interval" },
    { "ci_high", "%", "upper end" },
    { 0 },
};

const struct nvc_column nvc_lag_columns[] = {
    { "region", NULL, "region, without its side" },
    { "side", NULL, "L, R, B or n/a" },
    { "lag", "s", "by which events are put before the BOLD peaks" },
    { "residual_variance", NULL, "of the fit at this lag" },
    { "chosen", NULL, "1 for the lag that was taken" },
    { 0 },
};

/* A row with everything that the region and the run say. */
static struct nvc_coupling_row start(const struct nvc_series *s, size_t region, const char *contrast)
{
    const struct nvc_region_facts *f = s->regions + region;
    const struct nvc_identity *w = &s->who;
    return (struct nvc_coupling_row){
        .participant_id = w->participant_id, .session = w->session, .task = w->task, .run = w->run, .space = w->space, .atlas = f->atlas,
        .region = f->region, .side = f->side, .class_name = "bold-shape", .contrast = contrast, .note = "", .value = NAN, .se = NAN,
        .dof = NAN, .ci_low = NAN, .ci_high = NAN, .n_vox = f->n_vox, .coverage = f->coverage, .tsnr = f->tsnr, .mean_fd_mm = NAN };
}

struct one { /* of an index */
    const char *index, *unit, *note;
    double value, se;
    struct nvc_interval ci;
};

static int add(struct nvc_coupling *c, struct nvc_coupling_row row, struct one o, struct nvc_error *err)
{
    row.index = o.index, row.unit = o.unit, row.note = o.note ? o.note : "";
    row.value = o.value, row.se = o.se, row.ci_low = o.ci.low, row.ci_high = o.ci.high;
    return nvc_coupling_add(c, &row, err);
}

static const struct nvc_interval none = { NAN, NAN };

/* A normal interval that is as wide as the one found; NaN when a side is open. */
static double se_of(struct nvc_interval ci) { return (ci.high - ci.low) / (2 * 1.959963984540054); }
static bool open_side(struct nvc_interval ci) { return isnan(ci.low) || isnan(ci.high); }

int nvc_shape_indices(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const char *condition,
                      const struct nvc_shape_fit *fit, const struct nvc_shape_print *print, struct nvc_error *err)
{
    struct nvc_coupling_row row = start(s, region, condition);
    const bool seen = fit->F_p < print->p, strong = seen && fabs(fit->z_fit) >= print->z;
    const struct nvc_curve_shape *h = &fit->curve;
    const char *weak = seen ? "weak_response" : "no_response";
    const struct one rows[] = {
        { "hrf_height", "%", fit->misfit_p < 0.05 ? "misfit" : "", fit->height, se_of(fit->height_ci), fit->height_ci },
        { "ttp", "s", !seen ? "no_response" : open_side(fit->ttp_ci_s) ? "ttp_censored" : "", seen ? h->ttp_s : NAN,
          seen ? se_of(fit->ttp_ci_s) : NAN, seen ? fit->ttp_ci_s : none },
        { "fwhm", "s", !strong ? weak : h->fwhm_censored || open_side(fit->fwhm_ci_s) ? "fwhm_censored" : "", strong ? h->fwhm_s : NAN,
          strong ? se_of(fit->fwhm_ci_s) : NAN, strong ? fit->fwhm_ci_s : none },
        { "hrf_onset", "s", seen ? "" : "no_response", seen ? h->onset_s : NAN, NAN, seen ? fit->onset_ci_s : none },
        { "undershoot", NULL, strong ? "" : weak, strong ? h->undershoot : NAN, NAN, strong ? fit->undershoot_ci : none },
        { "undershoot_time", "s", strong ? "" : weak, strong ? h->undershoot_s : NAN, NAN, strong ? fit->undershoot_time_ci_s : none },
        { "hrf_auc", "% s", seen ? "" : "no_response", seen ? h->auc_positive + h->auc_negative : NAN, NAN, seen ? fit->auc_ci : none },
        { "hrf_z", NULL, "", fit->z_fit, NAN, none },
        { "hrf_misfit", "F", fit->misfit_p < 0.05 ? "misfit" : "", fit->misfit_F, NAN, none },
        { "hrf_latency", "s",
          !seen ? "no_response" : isnan(fit->latency_s) ? "weak_response" : fabs(fit->latency_s) > 2 ? "latency_out_of_range" : "",
          seen ? fit->latency_s : NAN,
          seen ? fit->latency_se_s : NAN, seen ? fit->latency_ci_s : none },
    };
    const size_t n = sizeof rows / sizeof *rows - (fit->has_latency ? 0 : 1); /* the last one only of the informed basis */
    int status = 0;
    row.noise = "ar1", row.dof = fit->dof;
    for (size_t i = 0; i < n && !status; i++)
        status = add(c, row, rows[i], err);
    return status;
}

int nvc_slope_index(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const char *condition, const char *modulator,
                    const struct nvc_slope *slope, bool seen, struct nvc_error *err)
{
    char *contrast = nvc_sprintf(err, "%s_x_%s", condition, modulator);
    if (!contrast)
        return NVC_ESYS;
    struct nvc_coupling_row row = start(s, region, contrast);
    row.noise = "ar1", row.dof = slope->dof, row.class_name = "bold-response";
    const int status = add(c, row, (struct one){ "hrf_slope", "%", isnan(slope->value) ? "modulator_constant" : seen ? "" : "no_response", slope->value, slope->se,
                                                 slope->ci }, err);
    free(contrast);
    return status;
}

int nvc_width_indices(struct nvc_coupling *c, const struct nvc_series *s, size_t region, enum nvc_width_method method,
                      const struct nvc_width *w, const struct nvc_width *other, struct nvc_error *err)
{
    const struct nvc_coupling_row row = start(s, region, "rest");
    const bool apart = other && (fabs(w->fwhm_s - other->fwhm_s) > 2 * sqrt(w->se_s * w->se_s + other->se_s * other->se_s) ||
                                 w->ci_low_s > other->ci_high_s || w->ci_high_s < other->ci_low_s);
    char note[96];
    const struct nvc_interval ci = { w->ci_low_s, w->ci_high_s };
    const bool few = method == NVC_WIDTH_SPARSE && w->n_events < NVC_WIDTH_EVENTS, censored = w->at_bound || (w->has_interval && open_side(ci));
    (void)snprintf(note, sizeof note, "assumes_%s_input%s%s", method == NVC_WIDTH_SPARSE ? "sparse" : "white", apart ? ";input_not_white" : "",
                   few ? ";no_response" : censored ? ";fwhm_censored" : "");
    int status = add(c, row, (struct one){ "hrf_rest_fwhm_s", "s", note, w->fwhm_s, w->se_s, ci }, err);
    if (!status && method == NVC_WIDTH_SPARSE)
        status = add(c, row, (struct one){ "hrf_rest_events", "1/min", "", w->events_per_min, NAN, none }, err);
    if (!status && method == NVC_WIDTH_SPARSE)
        status = add(c, row, (struct one){ "hrf_rest_z_event", NULL, "", w->z_event, NAN, none }, err);
    return status;
}

int nvc_rest_indices(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const struct nvc_rest_hrf *h, struct nvc_error *err)
{
    const struct nvc_coupling_row row = start(s, region, "rest");
    static const char note[] = "shape_not_identified";
    const double minutes = (double)s->n_volumes * s->tr_s / 60;
    const struct one rows[] = {
        { "rshrf_height", "sd", "", h->height, NAN, none },
        { "rshrf_ttp", "s", note, h->ttp_s, NAN, none },
        { "rshrf_fwhm", "s", note, h->fwhm_s, NAN, none },
        { "rshrf_events", "1/min", "", (double)h->n_events / minutes, NAN, none },
    };
    int status = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !status; i++)
        status = add(c, row, rows[i], err);
    return status;
}

int nvc_hrf_curve_rows(struct nvc_text *out, const struct nvc_region_facts *region, const char *condition, const struct nvc_hrf_samples *h,
                       struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < h->n && !status; i++)
        if (!(status = nvc_tsv_cell(out, region->region, false, err)) && !(status = nvc_tsv_cell(out, region->side, false, err)) &&
            !(status = nvc_tsv_cell(out, condition, false, err)) &&
            !(status = nvc_tsv_real(out, round((double)i * h->dt_s * 1e6) / 1e6, false, err)) &&
            !(status = nvc_tsv_real(out, h->value[i], false, err)) && !(status = nvc_tsv_real(out, h->low ? h->low[i] : NAN, false, err)))
            status = nvc_tsv_real(out, h->high ? h->high[i] : NAN, true, err);
    return status;
}

int nvc_lag_rows(struct nvc_text *out, const struct nvc_region_facts *region, const struct nvc_rest_hrf *h, struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < h->n_lags && !status; i++)
        if (!(status = nvc_tsv_cell(out, region->region, false, err)) && !(status = nvc_tsv_cell(out, region->side, false, err)) &&
            !(status = nvc_tsv_real(out, h->lag_s[i], false, err)) && !(status = nvc_tsv_real(out, h->residual_variance[i], false, err)))
            status = nvc_tsv_real(out, i == h->chosen, true, err);
    return status;
}
