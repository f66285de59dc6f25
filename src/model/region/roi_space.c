#include "model/region/roi_space.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool unknown(const char *space) { return !*space || !strcmp(space, "n/a"); }

static bool is_pair(const char *a, const char *b, const char *x, const char *y)
{
    return (!strcmp(a, x) && !strcmp(b, y)) || (!strcmp(a, y) && !strcmp(b, x));
}

static bool of_one_person(const char *space)
{
    static const char *const own[] = { "subject", "T1w", "T2w", "boldref", "func", "anat", "native", "individual", "orig", "scanner" };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcmp(space, own[i]))
            return true;
    return false;
}

enum nvc_space_verdict nvc_space_compare(const char *atlas, const char *run, double *moved_mm)
{
    *moved_mm = NAN;
    if (unknown(atlas) || unknown(run))
        return NVC_SPACE_UNKNOWN;
    if (!strcmp(atlas, run) || (of_one_person(atlas) && of_one_person(run)))
        return NVC_SPACE_SAME;
    if (is_pair(atlas, run, "MNI152NLin6Asym", "MNI152NLin2009cAsym")) {
        *moved_mm = 3.2;
        return NVC_SPACE_NEAR;
    }
    if (strncmp(atlas, "MNI", 3) != 0 || strncmp(run, "MNI", 3) != 0)
        return NVC_SPACE_OTHER;
    return !strcmp(run, "MNI152") || !strcmp(atlas, "MNI152") ? NVC_SPACE_UNKNOWN : NVC_SPACE_NEAR; /* which of them is not said */
}
