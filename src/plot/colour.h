/* Colours that the colour-blind can tell apart and whose steps look equal (CIELAB, D65). */
#ifndef NVC_PLOT_COLOUR_H
#define NVC_PLOT_COLOUR_H

#include <stddef.h>

struct nvc_colour {
    double r, g, b; /* sRGB, 0..1 */
};

/* Okabe & Ito 2008: black, orange, sky blue, bluish green, yellow, blue, vermilion, reddish purple. */
enum { NVC_PALETTE_SIZE = 8 };
extern const struct nvc_colour nvc_palette[NVC_PALETTE_SIZE];
/* The palette in the order in which groups and conditions should take it (dark on white first). */
struct nvc_colour nvc_colour_of(size_t i);

/* t 0..1 in steps of equal lightness. */
typedef struct nvc_colour (*nvc_colour_map)(double t);
struct nvc_colour nvc_map_grey(double t);      /* black to white */
struct nvc_colour nvc_map_ink(double t);       /* white to black */
struct nvc_colour nvc_map_diverging(double t); /* blue, nearly white at 0.5, red */
struct nvc_colour nvc_map_heat(double t);      /* dark violet to yellow */
struct nvc_colour nvc_colour_lab(double l, double a, double b);

#endif
