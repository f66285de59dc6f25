/* Label tables in all dialects: every label has a name and a value of its own. */
#include "fuzz.h"

#include "nvc.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct nvc_error err;
    struct nvc_labels l;
    if (nvc_labels_read(&l, fuzz_file(0, data, n), &err)) {
        FUZZ_CHECK(err.status != NVC_EBUG && strlen(err.text) > 0 && !l.items);
        return 0;
    }
    FUZZ_CHECK(l.n > 0);
    for (size_t i = 0; i < l.n; i++) {
        FUZZ_CHECK(*l.items[i].name);
        for (size_t k = 0; k < i && i < 100; k++)
            FUZZ_CHECK(l.items[k].value != l.items[i].value);
    }
    nvc_labels_release(&l);
    return 0;
}
