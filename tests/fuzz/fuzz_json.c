/* JSON: what is written reads back and is written as the same bytes again. */
#include "fuzz.h"

#include "nvc.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct nvc_error err;
    json_t *root, *again;
    if (nvc_json_parse(&root, (const char *)data, n, "input", &err)) {
        FUZZ_CHECK(err.status == NVC_EDATA && !root);
        return 0;
    }
    for (int indent = 0; indent <= 2; indent += 2) {
        struct nvc_text first = { 0 }, second = { 0 };
        FUZZ_CHECK(!nvc_json_write(&first, root, indent, &err));
        FUZZ_CHECK(!nvc_json_parse(&again, first.data, first.len, "output", &err));
        FUZZ_CHECK(!nvc_json_write(&second, again, indent, &err));
        FUZZ_CHECK(first.len == second.len && !memcmp(first.data, second.data, first.len));
        nvc_text_release(&first);
        nvc_text_release(&second);
        json_decref(again);
    }
    json_decref(root);
    return 0;
}
