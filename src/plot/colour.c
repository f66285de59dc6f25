#include "plot/colour.h"

#include <math.h>

const struct nvc_colour nvc_palette[NVC_PALETTE_SIZE] = {
    { 0, 0, 0 },          { .902, .624, 0 },  { .337, .706, .914 }, { 0, .620, .451 },
    { .941, .894, .259 }, { 0, .447, .698 },  { .835, .369, 0 },    { .800, .475, .655 },
};

struct nvc_colour nvc_colour_of(size_t i)
{
    static const int order[] = { 5, 6, 3, 7, 1, 2, 0, 4 };
    return nvc_palette[order[i % NVC_PALETTE_SIZE]];
}

static double lab_inverse(double f) { return f > 6. / 29 ? f * f * f : 3 * (6. / 29) * (6. / 29) * (f - 4. / 29); }

static double srgb_gamma(double v)
{
    v = v <= .0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - .055;
    return fmin(1, fmax(0, v));
}

/* CIE 1976 L*a*b* under D65 to IEC 61966-2-1 sRGB; colours outside the gamut are clipped. */
struct nvc_colour nvc_colour_lab(double l, double a, double b)
{
    double fy = (l + 16) / 116;
    double x = .95047 * lab_inverse(fy + a / 500), y = lab_inverse(fy), z = 1.08883 * lab_inverse(fy - b / 200);
    return (struct nvc_colour){ srgb_gamma(3.2404542 * x - 1.5371385 * y - .4985314 * z),
                                srgb_gamma(-.9692660 * x + 1.8760108 * y + .0415560 * z),
                                srgb_gamma(.0556434 * x - .2040259 * y + 1.0572252 * z) };
}

struct nvc_colour nvc_map_grey(double t) { return nvc_colour_lab(100 * t, 0, 0); }

struct nvc_colour nvc_map_ink(double t) { return nvc_colour_lab(100 * (1 - t), 0, 0); }

/* Straight lines in CIELAB from one near-white to two ends of equal lightness. */
struct nvc_colour nvc_map_diverging(double t)
{
    double s = fabs(2 * t - 1);
    return t < .5 ? nvc_colour_lab(97 - 57 * s, 4 * s, -46 * s) : nvc_colour_lab(97 - 57 * s, 56 * s, 38 * s);
}

/* Lightness rises evenly while the hue turns from violet over red to yellow. */
struct nvc_colour nvc_map_heat(double t)
{
    double hue = (-70 + 165 * t) * acos(-1) / 180, chroma = 30 + 30 * sin(acos(-1) / 2 * fmin(1, t / .3));
    return nvc_colour_lab(12 + 78 * t, chroma * cos(hue), chroma * sin(hue));
}
