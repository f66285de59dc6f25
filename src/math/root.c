#include "math/root.h"

#include <math.h>

double nvc_root(double (*f)(double x, const void *with), const void *with, double lo, double hi)
{
    double flo = f(lo, with), fhi = f(hi, with), best = NAN;
    if (flo == 0)
        return lo;
    if (fhi == 0)
        return hi;
    if (!(flo * fhi < 0) && !(signbit(flo) != signbit(fhi) && !isnan(flo) && !isnan(fhi)))
        return NAN;
    for (int i = 0; i < 200; i++) {
        double mid = lo + 0.5 * (hi - lo), fmid = f(mid, with);
        double scale = sqrt(fmid * fmid - flo * fhi);
        if (fmid == 0 || isnan(fmid))
            return isnan(fmid) ? NAN : mid;
        double x = isfinite(scale) && scale > 0 ? mid + (mid - lo) * copysign(fmid / scale, (flo - fhi) * fmid) : mid;
        double fx = f(x, with);
        if (fx == 0 || fabs(x - best) <= 1e-15 * fabs(x) || fabs(hi - lo) <= 2e-16 * fabs(x))
            return x;
        best = x;
        if (signbit(fmid) != signbit(fx))
            lo = mid, flo = fmid, hi = x, fhi = fx;
        else if (signbit(flo) != signbit(fx))
            hi = x, fhi = fx;
        else
            lo = x, flo = fx;
    }
    return best;
}

double nvc_root_beyond(double (*f)(double x, const void *with), const void *with, double lo, double hi)
{
    double flo = f(lo, with);
    for (int i = 0; i < 60; i++) {
        double fhi = f(hi, with);
        if (isnan(fhi) || fhi == 0 || signbit(flo) != signbit(fhi))
            return nvc_root(f, with, lo, hi);
        double step = 2 * (hi - lo);
        lo = hi, flo = fhi;
        hi += step;
    }
    return NAN;
}
