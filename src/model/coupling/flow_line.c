#include "model/coupling/flow_line.h"

#include <math.h>

static double known(double se) { return isnan(se) ? 0 : se; }

int nvc_flow_line_fit(const struct nvc_flow_line_point *parcels, size_t n, const struct nvc_flow_line_point *region,
                      struct nvc_flow_line *out, struct nvc_error *err)
{
    const double P = (double)n;
    double c = 0, a = 0, cc = 0, ca = 0, noise = 0, ss = 0;
    *out = (struct nvc_flow_line){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, n, n < 50 ? "few_parcels" : "flow_below_3_errors" };
    if (n < 50)
        return nvc_fail(err, NVC_EDATA, "%zu grey-matter parcels, need 50 for a flow line", n);
    if (!(known(region->ln_cbf_se) < 1.0 / 3))
        return nvc_fail(err, NVC_EDATA, "the region's CBF is less than three of its standard errors");
    for (size_t i = 0; i < n; i++) {
        c += parcels[i].ln_cbf / P;
        a += parcels[i].ln_alff / P;
        noise += known(parcels[i].ln_cbf_se) * known(parcels[i].ln_cbf_se) / P;
    }
    for (size_t i = 0; i < n; i++) {
        cc += (parcels[i].ln_cbf - c) * (parcels[i].ln_cbf - c);
        ca += (parcels[i].ln_cbf - c) * (parcels[i].ln_alff - a);
    }
    const double true_cc = cc - (P - 1) * noise;
    out->why_not = "flow_unreliable";
    if (!(true_cc > 0.2 * cc))
        return nvc_fail(err, NVC_EDATA, "flow varies little more over parcels than its noise (reliability %.2f, need 0.20)", true_cc / cc);
    *out = (struct nvc_flow_line){ .slope = ca / true_cc, .reliability = true_cc / cc, .dof = P - 2, .n_parcels = n };
    for (size_t i = 0; i < n; i++) {
        const double r = parcels[i].ln_alff - a - out->slope * (parcels[i].ln_cbf - c);
        ss += r * r;
    }
    out->residual_sd = sqrt(ss / (P - 2));
    out->slope_se = out->residual_sd / sqrt(true_cc) / sqrt(out->reliability);
    const double away = region->ln_cbf - c, h = 1 / P + away * away / cc;
    const double se_a = known(region->ln_alff_se), se_c = known(region->ln_cbf_se);
    out->residual = region->ln_alff - a - out->slope * away;
    out->se = sqrt(se_a * se_a + out->slope * out->slope * se_c * se_c + out->residual_sd * out->residual_sd * h);
    out->z = out->residual / (out->residual_sd * sqrt(1 + h));
    return 0;
}

double nvc_deming_slope(const double *x, const double *y, const double *w, size_t n, double ratio, double *r2)
{
    double sum = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        const double wi = w ? w[i] : 1;
        sum += wi, mx += wi * x[i], my += wi * y[i];
    }
    mx /= sum, my /= sum;
    for (size_t i = 0; i < n; i++) {
        const double wi = w ? w[i] : 1;
        xx += wi * (x[i] - mx) * (x[i] - mx);
        yy += wi * (y[i] - my) * (y[i] - my);
        xy += wi * (x[i] - mx) * (y[i] - my);
    }
    *r2 = xx > 0 && yy > 0 ? xy * xy / (xx * yy) : NAN;
    return nvc_deming_of_moments(xx, yy, xy, ratio);
}

double nvc_deming_of_moments(double xx, double yy, double xy, double ratio)
{
    if (!(xx > 0) || xy == 0)
        return xx > 0 ? 0 : NAN;
    const double d = yy - ratio * xx;
    return (d + sqrt(d * d + 4 * ratio * xy * xy)) / (2 * xy);
}
