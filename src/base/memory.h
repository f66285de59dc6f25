/* Checked allocation.  Everything returned is released with free(). */
#ifndef NVC_BASE_MEMORY_H
#define NVC_BASE_MEMORY_H

#include "base/status.h"

#include <stddef.h>

/* n zeroed elements of `size` bytes (one when n is 0), or NULL with err set (NVC_ESYS; also when
 * n * size overflows). */
void *nvc_array(size_t n, size_t size, struct nvc_error *err) NVC_CHECKED;

/* Make *array hold at least `need` elements, doubling *cap.  *array is a pointer to any object type,
 * passed as its address.  New elements are not zeroed.  Returns 0 or NVC_ESYS; on failure *array is
 * as it was. */
int nvc_grow(void *array, size_t *cap, size_t need, size_t size, struct nvc_error *err) NVC_CHECKED;

/* Copies of text; NULL with err set when memory is out. */
char *nvc_strdup(const char *s, struct nvc_error *err) NVC_CHECKED;
char *nvc_strndup(const char *s, size_t n, struct nvc_error *err) NVC_CHECKED;

/* Formatted text of any length, or NULL with err set. */
char *nvc_sprintf(struct nvc_error *err, const char *fmt, ...) NVC_PRINTF(2, 3) NVC_CHECKED;

#endif
