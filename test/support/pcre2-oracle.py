"""What PCRE2 itself makes of patterns: libpcre2-8 through ctypes, without PCRE2_UTF, as nginx calls it.

Input and output are one line of JSON each: a list of {"pattern", "caseless", "subjects"}, and for each of them
{"error"} or {"matches": one list of groups, or null, per subject}. Strings are Latin-1.
"""
import ctypes
import json
import sys

CASELESS = 0x8
# Without its optimisations (NO_AUTO_POSSESS, NO_START_OPTIMIZE): in release 10.42 some of them change what matches,
# such as `.+\R` before CR and `(?=a)[ab]{0,2}a` on "a", against its manual and against Perl.
PLAIN = 0x4000 | 0x10000
UNSET = ctypes.c_size_t(-1).value

lib = ctypes.CDLL("libpcre2-8.so.0")
for name in ("compile", "match_data_create_from_pattern", "get_ovector_pointer"):
    getattr(lib, f"pcre2_{name}_8").restype = ctypes.c_void_p
lib.pcre2_get_ovector_pointer_8.restype = ctypes.POINTER(ctypes.c_size_t)


def compile_pattern(pattern, caseless):
    code, offset = ctypes.c_int(), ctypes.c_size_t()
    options = PLAIN | (CASELESS if caseless else 0)
    regex = lib.pcre2_compile_8(
        pattern, ctypes.c_size_t(len(pattern)), options, ctypes.byref(code), ctypes.byref(offset), None
    )
    if regex:
        return ctypes.c_void_p(regex), None
    text = ctypes.create_string_buffer(256)
    lib.pcre2_get_error_message_8(code, text, ctypes.c_size_t(256))
    return None, {"error": text.value.decode("latin-1"), "offset": offset.value}


def groups_of(regex, subject):
    data = ctypes.c_void_p(lib.pcre2_match_data_create_from_pattern_8(regex, None))
    try:
        found = lib.pcre2_match_8(
            regex, subject, ctypes.c_size_t(len(subject)), ctypes.c_size_t(0), 0, data, None
        )
        if found < 0:
            return None if found == -1 else f"error {found}"
        ovector = lib.pcre2_get_ovector_pointer_8(data)
        count = lib.pcre2_get_ovector_count_8(data)
        spans = [(ovector[2 * n], ovector[2 * n + 1]) for n in range(count)]
        return [None if a == UNSET else subject[a:b].decode("latin-1") for a, b in spans]
    finally:
        lib.pcre2_match_data_free_8(data)


def answer(case):
    regex, error = compile_pattern(case["pattern"].encode("latin-1"), case["caseless"])
    if error:
        return error
    matches = [groups_of(regex, subject.encode("latin-1")) for subject in case["subjects"]]
    lib.pcre2_code_free_8(regex)
    return {"matches": matches}


if __name__ == "__main__":
    json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
