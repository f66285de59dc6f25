#include "plot/mask_plot.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 101, MOST_REGIONS = 8 }; /* samples a panel side */
static const double field_mm = 70, panel = 104, gap = 6, left_margin = 118, top_margin = 62;
static const double tsnr_top = 100;

struct plane {
    int u, v, w;       /* world axes: right, up, through */
    const char *name, *low, *high;
};
static const struct plane planes[3] = { { 1, 2, 0, "sagittal", "P", "A" }, { 0, 2, 1, "coronal", "L", "R" }, { 0, 1, 2, "axial", "L", "R" } };

struct scene {
    const struct nvc_mask_picture *p;
    struct nvc_canvas *c;
    double to_voxel[3][4];
    double *cells, *weights; /* SIDE x SIDE */
    float *region;           /* weights of the current region as a volume */
    double level;
};

static const struct nvc_colour black = { 0, 0, 0 }, grey = { 0.35, 0.35, 0.35 }, outline = { 0.9, 0.35, 0 }, outline_dark = { 0, 0.62, 0.95 };

/* Trilinear value at a world point; voxels that are NaN or outside are left out, NaN when all are. */
static double value_at(const struct scene *s, const float *volume, const double mm[3])
{
    const size_t *n = s->p->mask->grid.dim;
    double p[3], f[3], sum = 0, weight = 0;
    long base[3];
    nvc_affine_apply(s->to_voxel, mm, p);
    for (int d = 0; d < 3; d++) {
        if (!(p[d] > -1 && p[d] < (double)n[d]))
            return NAN;
        base[d] = lrint(floor(p[d]));
        f[d] = p[d] - floor(p[d]);
    }
    for (int corner = 0; corner < 8; corner++) {
        long at[3];
        double w = 1;
        bool inside = true;
        for (int d = 0; d < 3; d++) {
            int up = corner >> d & 1;
            at[d] = base[d] + up;
            w *= up ? f[d] : 1 - f[d];
            inside = inside && at[d] >= 0 && (size_t)at[d] < n[d];
        }
        double x = inside ? (double)volume[(size_t)at[0] + n[0] * ((size_t)at[1] + n[1] * (size_t)at[2])] : NAN;
        if (!isnan(x) && w > 0)
            sum += w * x, weight += w;
    }
    return weight >= 0.5 ? sum / weight : NAN;
}

/* Sample a plane through centre: row 0 on top. */
static void sample(const struct scene *s, const float *volume, const struct plane *pl, const double centre[3], double *out)
{
    for (int j = 0; j < SIDE; j++)
        for (int i = 0; i < SIDE; i++) {
            double mm[3];
            mm[pl->w] = centre[pl->w];
            mm[pl->u] = centre[pl->u] + field_mm * ((double)i / (SIDE - 1) - 0.5);
            mm[pl->v] = centre[pl->v] - field_mm * ((double)j / (SIDE - 1) - 0.5);
            out[i + SIDE * j] = value_at(s, volume, mm);
        }
}

/* Where the edge between two samples crosses 0.5. */
static double crossing(double a, double b) { return (0.5 - a) / (b - a); }

/* Marching squares at 0.5: one or two segments a cell. */
static void draw_outline(const struct scene *s, double x, double y, struct nvc_colour colour)
{
    struct nvc_pen pen = { .colour = colour, .width = 1.1 };
    double step = panel / (SIDE - 1);
    for (int j = 0; j + 1 < SIDE; j++)
        for (int i = 0; i + 1 < SIDE; i++) {
            const double *w = s->weights + i + SIDE * j, c[4] = { w[0], w[1], w[SIDE + 1], w[SIDE] };
            double px[4], py[4];
            int n = 0;
            for (int e = 0; e < 4; e++) { /* corners clockwise from the upper left */
                double a = isnan(c[e]) ? 0 : c[e], b = isnan(c[(e + 1) % 4]) ? 0 : c[(e + 1) % 4];
                if ((a >= 0.5) == (b >= 0.5))
                    continue;
                double t = crossing(a, b);
                px[n] = x + step * (i + (e == 0 ? t : e == 1 ? 1 : e == 2 ? 1 - t : 0));
                py[n++] = y + step * (j + (e == 0 ? 0 : e == 1 ? t : e == 2 ? 1 : 1 - t));
            }
            for (int k = 0; k + 1 < n; k += 2)
                nvc_canvas_line(s->c, px[k], py[k], px[k + 1], py[k + 1], &pen);
        }
}

/* White on a dark patch: readable on any image. */
static void label(const struct scene *s, double x, double y, double h, double v, const char *text)
{
    struct nvc_font font = { .size = 6.5, .h = h, .v = v, .bold = 1, .colour = { 1, 1, 1 } };
    double width = nvc_canvas_text_width(s->c, text, &font) + 3, height = 8.5;
    nvc_canvas_rect(s->c, x - h * width, v > 0 ? y : y - height, width, height, black, 0.55);
    nvc_canvas_text(s->c, h > 0 ? x - 1.5 : x + 1.5, v > 0 ? y + 1 : y - 1.8, text, &font);
}

static void draw_panel(const struct scene *s, const struct nvc_region *r, const struct plane *pl, bool tsnr, double x, double y)
{
    char where[32];
    sample(s, tsnr ? s->p->tsnr : s->p->mean, pl, r->centre_mm, s->cells);
    nvc_canvas_cells(s->c, x, y, panel, panel, s->cells, SIDE, SIDE, 0, tsnr ? tsnr_top : 1.6 * s->level, tsnr ? nvc_map_heat : nvc_map_grey);
    sample(s, s->region, pl, r->centre_mm, s->weights);
    draw_outline(s, x, y, tsnr ? outline_dark : outline);
    label(s, x, y, 0, 1, pl->low);
    label(s, x + panel, y, 1, 1, pl->high);
    (void)snprintf(where, sizeof where, "%c %.1f mm", "xyz"[pl->w], r->centre_mm[pl->w]);
    label(s, x + panel, y + panel, 1, 0, where);
}

static void draw_region(const struct scene *s, size_t k, double y)
{
    const struct nvc_region *r = &s->p->mask->regions[k];
    struct nvc_font name = { .size = 11, .v = 1, .bold = 1, .colour = black }, text = { .size = 7.5, .v = 1, .colour = grey };
    nvc_canvas_text_within(s->c, 12, y + 6, r->column, &name, left_margin - 18);
    const char *line = s->p->captions ? s->p->captions[k] : "";
    for (int row = 0; *line && row < 8; row++) { /* lines parted by '\n' */
        char piece[64];
        int n = 0;
        while (line[n] && line[n] != '\n' && n < 63)
            n++;
        (void)snprintf(piece, sizeof piece, "%.*s", n, line);
        nvc_canvas_text(s->c, 12, y + 24 + 10.5 * row, piece, &text);
        line += n + (line[n] == '\n');
    }
    nvc_region_fill(r, &s->p->mask->grid, s->region);
    for (int i = 0; i < 6 && r->n; i++)
        draw_panel(s, r, &planes[i % 3], i >= 3, left_margin + (panel + gap) * i + (i >= 3 ? 2 * gap : 0), y);
}

static void draw_heads(const struct scene *s, double width)
{
    struct nvc_font title = { .size = 12, .v = 1, .bold = 1, .colour = black }, head = { .size = 8.5, .h = 0.5, .colour = black };
    nvc_canvas_text_within(s->c, 12, 12, s->p->title, &title, width - 260);
    for (int i = 0; i < 6; i++) {
        char text[48];
        (void)snprintf(text, sizeof text, "%s, %s", i < 3 ? "mean" : "tSNR", planes[i % 3].name);
        nvc_canvas_text(s->c, left_margin + (panel + gap) * i + (i >= 3 ? 2 * gap : 0) + panel / 2, top_margin - 6, text, &head);
    }
    double bar = 120, x = width - bar - 40, y = 16, ramp[64];
    for (int i = 0; i < 64; i++)
        ramp[i] = i;
    nvc_canvas_cells(s->c, x, y, bar, 9, ramp, 64, 1, 0, 63, nvc_map_heat);
    struct nvc_font small = { .size = 7.5, .h = 1, .v = 0.5, .colour = black };
    nvc_canvas_text(s->c, x - 4, y + 4.5, "tSNR 0", &small);
    small.h = 0;
    nvc_canvas_text(s->c, x + bar + 4, y + 4.5, "100", &small);
}

/* Without a known level, the mean of what is above 0. */
static double level_of(const struct nvc_mask_picture *p)
{
    double sum = 0;
    size_t n = 0;
    for (size_t v = 0; v < nvc_grid_voxels(&p->mask->grid); v++)
        if (p->mean[v] > 0)
            sum += (double)p->mean[v], n++;
    return n ? sum / (double)n : 1;
}

int nvc_mask_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_mask_picture *p, struct nvc_error *err)
{
    size_t n = p->n_regions < MOST_REGIONS ? p->n_regions : MOST_REGIONS;
    double width = left_margin + 6 * (panel + gap) + 2 * gap + 6, height = top_margin + (double)n * (panel + 12) + 4;
    struct scene s = { .p = p, .level = p->level > 0 ? p->level : level_of(p) };
    int status = nvc_grid_inverse(&p->mask->grid, s.to_voxel, err);
    if (status)
        return status;
    s.cells = nvc_array(SIDE * SIDE, sizeof *s.cells, err);
    s.weights = s.cells ? nvc_array(SIDE * SIDE, sizeof *s.weights, err) : NULL;
    s.region = s.weights ? nvc_array(nvc_grid_voxels(&p->mask->grid), sizeof *s.region, err) : NULL;
    status = s.region ? nvc_canvas_new(&s.c, kind, width, height, err) : (int)err->status;
    if (!status) {
        draw_heads(&s, width);
        for (size_t k = 0; k < n; k++)
            draw_region(&s, k, top_margin + (double)k * (panel + 12));
        nvc_canvas_describe(s.c, "The mask on the run: its outline in three planes through the centre of each region, on the mean image and on the map of the "
                                 "temporal signal-to-noise ratio (tSNR), with the verdicts on its quality.");
        status = nvc_canvas_finish(s.c, out, err);
    }
    nvc_canvas_free(s.c);
    free(s.cells);
    free(s.weights);
    free(s.region);
    return status;
}
