#include "model/region/series.h"

#include <stdlib.h>

void nvc_series_release(struct nvc_series *s)
{
    free(s->Y);
    free(s->time_s);
    free(s->regions);
    *s = (struct nvc_series){ 0 };
}
