/* reliability_cover [STUDIES]: what the reliability from halves and g without the noise of measurement make of a planted truth (the table
 * of nvc-group(1)).  Two groups of N people; true values of variance 1 within groups, .8 apart; the run adds noise such that its
 * reliability is that of the row, its halves are the run plus and minus noise of the same variance (what nvc-habituation --halves makes).  Mean
 * of icc and median of g without noise, and how often their 95 % intervals hold the truth; where a tenth of the bootstrap has no icc above
 * 0 there is no interval: share of the studies that have one. */
#include "math/random.h"
#include "model/group/reliability.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZES = 3, LEVELS = 4, MOST = 80, REPLICATES = 1000 };
static const size_t sizes[SIZES] = { 12, 24, 40 };
static const double levels[LEVELS] = { 0.3, 0.5, 0.7, 0.9 }, true_g = 0.8;

static void check(int status, const struct nvc_error *err)
{
    if (status) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x > y ? 1 : x < y ? -1 : 0;
}

static struct nvc_participants people(void)
{
    struct nvc_participants who = { .ids = { .width = 1 }, .n = MOST };
    struct nvc_error err;
    for (size_t i = 0; i < MOST; i++) {
        char name[8];
        size_t number;
        (void)snprintf(name, sizeof name, "%02zu", i);
        const char *id = nvc_participants_id(&who, name, &err);
        check(id ? nvc_tuples_add(&who.ids, &id, &number, &err) : NVC_ESYS, &err);
    }
    return who;
}

static struct nvc_reliability_row study(const struct nvc_participants *who, size_t n, double reliability, uint64_t number)
{
    static double x[2 * MOST], whole[MOST], group[MOST];
    struct nvc_contrast_groups groups = { .group = { .name = "group", .numeric = true, .value = group } };
    struct nvc_repeats t = { .n = 2 * n, .k = 2, .ids = who->ids.items, .x = x, .whole = whole };
    struct nvc_reliability_row row = { .g = NAN, .average = NAN };
    struct nvc_error err;
    struct nvc_rng rng;
    const double noise = sqrt((1 - reliability) / reliability);
    nvc_rng_init(&rng, 3, number);
    for (size_t i = 0; i < 2 * n; i++) {
        group[i] = i < n;
        whole[i] = true_g * group[i] + nvc_rng_normal(&rng) + noise * nvc_rng_normal(&rng);
        const double half = noise * nvc_rng_normal(&rng);
        x[i] = whole[i] + half, x[i + 2 * n] = whole[i] - half;
    }
    check(nvc_reliability_disattenuate(&t, &row, who, &groups, REPLICATES, number, &err), &err);
    return row;
}

int main(int argc, char **argv)
{
    const size_t studies = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    struct nvc_participants who = people();
    double *g = malloc(studies * sizeof *g);
    printf("people  true icc  mean icc  covers  g without noise  covers  given\n");
    for (size_t s = 0; s < SIZES; s++)
        for (size_t l = 0; l < LEVELS && g; l++) {
            double icc = 0;
            size_t held = 0, g_held = 0, given = 0, intervals = 0;
            for (size_t i = 0; i < studies; i++) {
                const struct nvc_reliability_row row = study(&who, sizes[s], levels[l], i + studies * (l + LEVELS * s));
                icc += isnan(row.average) ? 0 : row.average;
                held += row.average_low <= levels[l] && levels[l] <= row.average_high;
                if (isnan(row.g_true))
                    continue;
                g[given++] = row.g_true;
                intervals += isnan(row.g_true_low) ? 0 : 1;
                g_held += row.g_true_low <= true_g && true_g <= row.g_true_high;
            }
            qsort(g, given, sizeof *g, ascending);
            const double n = (double)studies;
            printf("%2zu/%-2zu   %8.1f  %8.2f  %6.3f  %15.2f  %6.3f  %5.2f\n", sizes[s], sizes[s], levels[l], icc / n, (double)held / n, g[given / 2],
                   (double)g_held / (double)intervals, (double)intervals / n);
        }
    free(g);
    nvc_participants_release(&who);
    return 0;
}
