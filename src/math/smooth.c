#include "math/smooth.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static void smooth_line(double *v, size_t n, size_t stride, const double *kernel, size_t reach, double *line)
{
    for (size_t i = 0; i < n; i++)
        line[i] = v[i * stride];
    for (size_t i = 0; i < n; i++) {
        const size_t from = i > reach ? i - reach : 0, to = i + reach < n ? i + reach : n - 1;
        double sum = 0;
        for (size_t k = from; k <= to; k++)
            sum += line[k] * kernel[k > i ? k - i : i - k];
        v[i * stride] = sum;
    }
}

int nvc_gauss_smooth(double *v, const size_t dim[3], const double sigma[3], struct nvc_error *err)
{
    const size_t n = dim[0] * dim[1] * dim[2];
    for (size_t i = 0; i < n; i++)
        v[i] = isfinite(v[i]) ? v[i] : 0;
    for (size_t axis = 0, stride = 1; axis < 3; stride *= dim[axis++]) {
        if (!(sigma[axis] > 0))
            continue;
        const size_t reach = (size_t)ceil(4 * sigma[axis]);
        double *kernel = nvc_array(reach + 1 + dim[axis], sizeof *kernel, err), total = 0;
        if (!kernel)
            return NVC_ESYS;
        for (size_t k = 0; k <= reach; k++) {
            kernel[k] = exp(-0.5 * (double)(k * k) / (sigma[axis] * sigma[axis]));
            total += k ? 2 * kernel[k] : kernel[k];
        }
        for (size_t k = 0; k <= reach; k++)
            kernel[k] /= total;
        for (size_t first = 0; first < n; first++)
            if (first / stride % dim[axis] == 0)
                smooth_line(v + first, dim[axis], stride, kernel, reach, kernel + reach + 1);
        free(kernel);
    }
    return 0;
}
