#include "model/region/series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nvc_series_release(struct nvc_series *s)
{
    free(s->Y);
    free(s->time_s);
    free(s->regions);
    *s = (struct nvc_series){ 0 };
}

void nvc_identity_half(struct nvc_identity *who, const char *half)
{
    char run[sizeof who->run];
    const bool known = strcmp(who->run, "n/a") != 0;
    (void)snprintf(run, sizeof run, "%.80s%s%s", known ? who->run : "", known ? "-" : "", half);
    memcpy(who->run, run, sizeof run);
}
