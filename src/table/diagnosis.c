#include "table/diagnosis.h"

#include "io/tsv.h"

#include <math.h>

const struct nvc_column nvc_diagnosis_columns[] = {
    { "participant_id", NULL, "participant, with sub-" },
    { "session", NULL, "session without ses-" },
    { "task", NULL, "task" },
    { "run", NULL, "run" },
    { "atlas", NULL, "where the region comes from" },
    { "region", NULL, "region" },
    { "side", NULL, "L, R, B (both), n/a" },
    { "noise", NULL, "model of the serial correlation" },
    { "ar", NULL, "autoregressive parameter a" },
    { "ma", NULL, "moving average parameter b" },
    { "n_vol", NULL, "volumes in the model" },
    { "n_censored", NULL, "of them censored" },
    { "n_columns", NULL, "columns of the design, those of censored volumes included" },
    { "dof", NULL, "degrees of freedom of the noise" },
    { "condition", NULL, "condition number of the design, its columns scaled to unit length; 1: orthogonal" },
    { "ljung_box", NULL, "Ljung-Box Q of the whitened residuals, as 3dREMLfit's" },
    { "whiteness", NULL, "autocorrelations of the whitened residuals, less what the design alone puts there, by their covariance" },
    { "whiteness_dof", NULL, "lags (10) less the parameters of the noise" },
    { "whiteness_p", NULL, "probability of such a whiteness of white residuals (chi square); small: the noise model does not fit" },
    { "mean_leverage", NULL, "mean leverage of the volumes" },
    { "max_leverage", NULL, "largest leverage; near 1: the fit follows that volume whatever it is" },
    { "leverage_volume", NULL, "its volume, counted from 0" },
    { "max_cook", NULL, "largest Cook's distance: how far all estimates move without that volume" },
    { "cook_volume", NULL, "its volume, counted from 0" },
    { "n_influential", NULL, "volumes with Cook's distance above 4 / volumes" },
    { 0 },
};

const struct nvc_column nvc_fit_columns[] = {
    { "run", NULL, "run" },
    { "region", NULL, "region" },
    { "side", NULL, "L, R, B (both), n/a" },
    { "volume", NULL, "volume, counted from 0" },
    { "time", "s", "start of the volume" },
    { "signal", "signal", "the series" },
    { "fitted", "signal", "what the model fits" },
    { "task", "signal", "the part of the fit that belongs to conditions, not to confounds, drift or constant" },
    { "whitened", "sd", "whitened residual over its standard deviation; n/a for a censored volume" },
    { "leverage", NULL, "leverage of the volume; 1 when censored" },
    { "cook", NULL, "Cook's distance of the volume" },
    { "censored", NULL, "1 when censored" },
    { 0 },
};

static int reals(struct nvc_text *out, const double *v, size_t n, struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < n && !status; i++)
        status = nvc_tsv_real(out, v[i], i + 1 == n, err);
    return status;
}

static int texts(struct nvc_text *out, const char *const *t, size_t n, struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < n && !status; i++)
        status = nvc_tsv_cell(out, t[i], false, err);
    return status;
}

static double volume(const struct nvc_diagnosis *d, size_t at, double largest)
{
    return isnan(largest) ? NAN : (double)(d->first_volume + at);
}

int nvc_diagnosis_write(struct nvc_text *out, const struct nvc_diagnoses *l, struct nvc_error *err)
{
    int status = nvc_tsv_header(out, nvc_diagnosis_columns, err);
    for (size_t k = 0; k < l->n && !status; k++) {
        const struct nvc_diagnosis *d = &l->items[k];
        const char *const text[] = { d->who.participant_id, d->who.session, d->who.task, d->who.run, d->atlas, d->region, d->side,
                                     nvc_noise_names[d->noise] };
        const double number[] = { d->ar, d->ma, (double)d->n, (double)d->n_censored, (double)d->n_columns, d->dof, d->condition,
                                  d->ljung_box, d->whiteness, d->whiteness_dof, d->whiteness_p, d->mean_leverage, d->max_leverage,
                                  volume(d, d->leverage_at, d->max_leverage), d->max_cook, volume(d, d->cook_at, d->max_cook),
                                  d->pool ? (double)d->n_influential : NAN };
        status = texts(out, text, sizeof text / sizeof *text, err);
        if (!status)
            status = reals(out, number, sizeof number / sizeof *number, err);
    }
    return status;
}

int nvc_fit_write(struct nvc_text *out, const struct nvc_diagnoses *l, struct nvc_error *err)
{
    int status = nvc_tsv_header(out, nvc_fit_columns, err);
    for (size_t k = 0; k < l->n && !status; k++) {
        const struct nvc_diagnosis *d = &l->items[k];
        const char *const text[] = { d->who.run, d->region, d->side };
        for (size_t t = 0; t < d->n && d->pool && !status; t++) {
            const double number[] = { (double)(d->first_volume + t), d->time_s[t], d->signal[t], d->fitted[t], d->task[t], d->whitened[t],
                                      d->leverage[t], d->cook[t], d->censored[t] };
            status = texts(out, text, sizeof text / sizeof *text, err);
            if (!status)
                status = reals(out, number, sizeof number / sizeof *number, err);
        }
    }
    return status;
}
