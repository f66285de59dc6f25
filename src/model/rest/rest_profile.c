/* The criterion of the resting width as a smooth curve over log s. */
#include "model/rest/rest_width_internal.h"

#include <math.h>

enum { SCALES = NVC_WIDTH_SCALES, FINE = NVC_WIDTH_FINE };
static const double reach = 0.26; /* of the local parabola in log s, two and a half steps */

double nvc_width_fine_scale(const struct nvc_width_fit *f, double i)
{
    const double low = f->scale[0].s, high = f->scale[SCALES - 1].s;
    return low * pow(high / low, i / (FINE - 1));
}

/* The value at each fine scale of the parabola fitted to the criterion around it, nearer points weighing more. */
void nvc_width_smoother(struct nvc_width_fit *f)
{
    for (size_t i = 0; i < FINE; i++) {
        const double at = nvc_width_fine_scale(f, (double)i);
        double u[SCALES], w[SCALES], m[5] = { 0 };
        for (int k = 0; k < SCALES; k++) {
            u[k] = log(f->scale[k].s / at);
            w[k] = pow(fmax(0, 1 - pow(fabs(u[k]) / reach, 3)), 3);
            for (int j = 0; j < 5; j++)
                m[j] += w[k] * pow(u[k], j);
        }
        const double a = m[2] * m[4] - m[3] * m[3], b = m[2] * m[3] - m[1] * m[4], c = m[1] * m[3] - m[2] * m[2];
        for (int k = 0; k < SCALES; k++)
            f->smooth[i][k] = w[k] * (a + b * u[k] + c * u[k] * u[k]) / (m[0] * a + m[1] * b + m[2] * c);
    }
}

void nvc_width_rise(const struct nvc_width_fit *f, const double *criterion, double *rise)
{
    double least = INFINITY;
    for (size_t i = 0; i < FINE; i++) {
        rise[i] = 0;
        for (int k = 0; k < SCALES; k++)
            rise[i] += f->smooth[i][k] * criterion[k];
        least = fmin(least, rise[i]);
    }
    for (size_t i = 0; i < FINE; i++)
        rise[i] -= least;
}
