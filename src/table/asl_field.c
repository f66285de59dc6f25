#include "table/asl_field.h"

#include <math.h>

int nvc_asl_check(double *value, const json_t *number, const struct asl_fields *f, const struct asl_range *r, struct nvc_error *err)
{
    *value = json_is_number(number) ? json_number_value(number) : NAN;
    if (isnan(*value))
        return nvc_fail(err, NVC_EDATA, "%s: %s is not a number (%s)", f->what, r->name, r->option);
    if (*value >= r->low && *value <= r->high)
        return 0;
    if (*value / 1000 >= r->low && *value / 1000 <= r->high && *value >= 50 && r->high <= 100)
        return nvc_fail(err, NVC_EDATA, "%s: %s is %g, which looks like milliseconds; BIDS wants seconds: write %g", f->what, r->name, *value,
                        *value / 1000);
    return nvc_fail(err, NVC_EDATA, "%s: %s is %g; %g to %g is plausible (%s)", f->what, r->name, *value, r->low, r->high, r->option);
}

static int missing(double *value, const struct asl_fields *f, const struct asl_range *r, bool needed, struct nvc_error *err)
{
    *value = NAN;
    return needed ? nvc_fail(err, NVC_EDATA, "%s: no %s; add it, or give %s", f->what, r->name, r->option) : 0;
}

static int check_length(const json_t *field, const struct asl_fields *f, const struct asl_range *r, struct nvc_error *err)
{
    if (!json_is_array(field) || json_array_size(field) == f->n_volumes)
        return 0;
    return nvc_fail(err, NVC_EDATA, "%s: %s has %zu values, the image %zu volumes; give one number or one for each volume", f->what, r->name,
                    json_array_size(field), f->n_volumes);
}

int nvc_asl_field_at(double *value, const struct asl_fields *f, const struct asl_range *r, size_t t, bool needed, struct nvc_error *err)
{
    const json_t *field = json_object_get(f->meta, r->name);
    if (!field || json_is_null(field) || (json_is_array(field) && t >= json_array_size(field) && t >= f->n_volumes))
        return missing(value, f, r, needed, err);
    int status = check_length(field, f, r, err);
    return status ? status : nvc_asl_check(value, json_is_array(field) ? json_array_get(field, t) : field, f, r, err);
}

int nvc_asl_field_same(double *value, const struct asl_fields *f, const struct asl_range *r, bool needed, struct nvc_error *err)
{
    const json_t *field = json_object_get(f->meta, r->name);
    double next;
    *value = NAN;
    if (!field || json_is_null(field))
        return missing(value, f, r, needed, err);
    if (!json_is_array(field))
        return nvc_asl_check(value, field, f, r, err);
    int status = check_length(field, f, r, err);
    for (size_t t = 0; t < f->n_volumes && !status; t++) {
        const json_t *number = json_array_get(field, t);
        if (json_is_number(number) && json_number_value(number) == 0)
            continue;
        status = nvc_asl_check(&next, number, f, r, err);
        if (!status && fabs(next - *value) > 1e-4)
            return nvc_fail(err, NVC_EDATA, "%s: %s varies (%g and %g); one for all volumes is supported", f->what, r->name, *value, next);
        *value = next;
    }
    return status || !isnan(*value) ? status : missing(value, f, r, needed, err);
}

int nvc_asl_field_first(double *value, const struct asl_fields *f, const struct asl_range *r, struct nvc_error *err)
{
    const json_t *field = json_object_get(f->meta, r->name);
    if (json_is_array(field))
        field = json_array_get(field, 0);
    if (!field || json_is_null(field))
        return missing(value, f, r, false, err);
    return nvc_asl_check(value, field, f, r, err);
}
