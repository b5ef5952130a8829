#!/usr/bin/env python3
"""Fresh questions about the canonical ABI, with the answers of its executable model.

    fresh.py MODEL OUT --seed N [--count N] [--corpus]

MODEL is definitions.py of the component model's specification, which is imported
and not part of this repository. OUT is written as gzipped JSON lines, in the
format that README.md here describes. A seed gives the same file every time.
"""

import argparse
import collections
import gzip
import importlib.util
import json
import linecache
import math
import random
import struct
import sys

PAGE = 65536
ENCODINGS = ["utf8", "utf16", "latin1+utf16"]
SOURCES = ["utf8", "utf16", "latin1+utf16", "latin1+utf16-tagged"]
TAG = 1 << 31

m = None  # the model
rnd = random.Random()


def load_model(path):
    global m
    spec = importlib.util.spec_from_file_location("definitions", path)
    m = importlib.util.module_from_spec(spec)
    sys.modules["definitions"] = m
    spec.loader.exec_module(m)
    m.DETERMINISTIC_PROFILE = True


class Unwanted(Exception):
    """What came out is too large, or no question: another is made."""


def chance(p):
    return rnd.random() < p


# Types. They are the model's own; text spells them as inline WIT.

WORDS = ("a b x left right tail head size mode-a key path port host item val count quote stamp "
         "http2 ipv4 utf8 x1 is has get set value err ok some none load store").split()
ACRONYMS = "HTTP ID OK URL X2 TCP".split()


def names(n):
    """n names that differ without regard to case, some only by their hyphens."""
    if n > 12:
        return ["e%d" % i for i in range(n)]
    out, seen = [], set()
    while len(out) < n:
        words = [rnd.choice(ACRONYMS if chance(0.15) else WORDS) for _ in range(rnd.choice([1, 1, 2, 3]))]
        name = "-".join(words)
        if chance(0.05) and out:
            name = out[-1].replace("-", "").lower()
        if name.lower() not in seen and name not in KEYWORDS:
            seen.add(name.lower())
            out.append(name)
    return out


KEYWORDS = set("""as async bool borrow char constructor enum export f32 f64 flags from func future import include
    interface list map option own package record resource result s16 s32 s64 s8 static stream string tuple
    type u16 u32 u64 u8 use variant with world""".split())


def prims():
    return [m.BoolType, m.U8Type, m.S8Type, m.U16Type, m.S16Type, m.U32Type, m.S32Type, m.U64Type, m.S64Type,
            m.F32Type, m.F64Type, m.CharType, m.StringType]


def prim():
    if chance(0.2):
        return m.StringType()
    return rnd.choice(prims())()


def new_type(depth):
    if depth == 0 or chance(0.15):
        if chance(0.15):
            return labels_type()
        return prim()
    sub = lambda: new_type(depth - 1)
    maybe = lambda p: sub() if chance(p) else None
    few = rnd.choice([1, 2, 2, 3, 3, 4, 5])
    match rnd.choice(["list", "list", "option", "tuple", "result", "record", "record", "variant", "variant", "prim"]):
        case "list":
            return m.ListType(m.U8Type() if chance(0.15) else sub())
        case "option":
            return m.OptionType(sub())
        case "tuple":
            if chance(0.15):
                t = sub()
                return m.TupleType([t] * few)
            return m.TupleType([prim() for _ in range(rnd.randint(9, 20))] if chance(0.1) else [sub() for _ in range(few)])
        case "result":
            return m.ResultType(maybe(0.7), maybe(0.6))
        case "record":
            if chance(0.1):
                return m.RecordType([m.FieldType(n, prim()) for n in names(rnd.randint(8, 12))])
            return m.RecordType([m.FieldType(n, sub()) for n in names(few)])
        case "variant":
            if chance(0.05):
                n = rnd.choice([13, 255, 256, 257, 300])
                some = rnd.sample(range(n), 2)
                return m.VariantType([m.CaseType(l, sub() if i in some else None) for i, l in enumerate(names(n))])
            return m.VariantType([m.CaseType(n, maybe(0.7)) for n in names(few)])
        case "prim":
            return prim()


def labels_type():
    if chance(0.5):
        return m.EnumType(names(rnd.choice([1, 2, 3, 7, 12, 255, 256, 257, 300])))
    return m.FlagsType(names(rnd.choice([1, 2, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32])))


def text(t):
    if t is None:
        return "_"
    for p in prims():
        if type(t) is p:
            return p.__name__[:-4].lower()
    match t:
        case m.ListType(e, None):
            return "list<%s>" % text(e)
        case m.OptionType(e):
            return "option<%s>" % text(e)
        case m.TupleType(ts):
            return "tuple<%s>" % ", ".join(map(text, ts))
        case m.ResultType(None, None):
            return "result"
        case m.ResultType(ok, None):
            return "result<%s>" % text(ok)
        case m.ResultType(ok, err):
            return "result<%s, %s>" % (text(ok), text(err))
        case m.RecordType(fields):
            return "record{%s}" % ", ".join("%s: %s" % (f.label, text(f.t)) for f in fields)
        case m.VariantType(cases):
            return "variant{%s}" % ", ".join(c.label + ("(%s)" % text(c.t) if c.t else "") for c in cases)
        case m.EnumType(labels):
            return "enum{%s}" % ", ".join(labels)
        case m.FlagsType(labels):
            return "flags{%s}" % ", ".join(labels)
    raise AssertionError(t)


def size(t):
    return m.elem_size(t, "i32")


def align(t):
    return m.alignment(t, "i32")


def align_up(n, a):
    return (n + a - 1) // a * a


LAYOUT = None  # options for what needs only a pointer size


def flat_types(ts):
    return m.flatten_types(ts, LAYOUT)


forced = []  # types that are asked for first


def some_type(most=4):
    if forced:
        return forced[-1]
    while True:
        t = new_type(rnd.choice([0, 1, 2, 3, most, most]))
        if size(t) <= 4096 and len(text(t)) <= limits.type_text:
            return t


# Values, as JSON. The model's are made from them, so that a vector's answer is
# the answer to the JSON alone.

CHARS = [0, 1, 0x20, 0x41, 0x61, 0x7e, 0x7f, 0x80, 0xa0, 0xe9, 0xff, 0x100, 0x3bb, 0x7ff, 0x800, 0x20ac, 0xd7ff, 0xe000,
         0xfeff, 0xfffd, 0xffff, 0x10000, 0x1f600, 0x10ffff]


def new_char():
    if chance(0.4):
        c = rnd.choice([rnd.randrange(0x80), rnd.randrange(0x100), rnd.randrange(0x110000)])
        return c if not 0xd800 <= c <= 0xdfff else 0xe000
    return rnd.choice(CHARS)


def new_string():
    n = rnd.choice([0, 0, 1, 2, 3, 5, 8, 20, 40])
    match rnd.randrange(5):
        case 0:
            return "".join(chr(rnd.randrange(0x20, 0x7f)) for _ in range(n))
        case 1:
            return "".join(chr(rnd.choice([0x41, 0x7a, 0xe9, 0xff])) for _ in range(n))
        case 2:  # Latin-1, and beyond at the end
            return "".join(chr(rnd.randrange(0x100)) for _ in range(n)) + chr(rnd.choice([0x100, 0x20ac, 0x1f600]))
    return "".join(chr(new_char()) for _ in range(n))


def new_int(bits, signed):
    lo, hi = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    n = rnd.choice([0, 1, 2, lo, lo + 1, hi, hi - 1, rnd.randint(lo, hi), rnd.randrange(100)])
    if signed and chance(0.2):
        n = -1
    return n


F32 = [0, 0x80000000, 0x3f800000, 0xbf800000, 1, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0x7fffffff]
F64 = [0, 1 << 63, 0x3ff0 << 48, 0xbff0 << 48, 1, 0x7ff0 << 48, 0xfff0 << 48, 0x7ff8 << 48, 0xfff8 << 48, (0x7ff0 << 48) + 1]


def new_value(t):
    match t:
        case m.BoolType():
            return chance(0.5)
        case m.U8Type():
            return new_int(8, False)
        case m.S8Type():
            return new_int(8, True)
        case m.U16Type():
            return new_int(16, False)
        case m.S16Type():
            return new_int(16, True)
        case m.U32Type():
            return new_int(32, False)
        case m.S32Type():
            return new_int(32, True)
        case m.U64Type():
            return str(new_int(64, False))
        case m.S64Type():
            return str(new_int(64, True))
        case m.F32Type():
            return "0x%08x" % rnd.choice(F32 + [rnd.getrandbits(32)] * 5)
        case m.F64Type():
            return "0x%016x" % rnd.choice(F64 + [rnd.getrandbits(64)] * 5)
        case m.CharType():
            return new_char()
        case m.StringType():
            return new_string()
        case m.ListType(e, None):
            return [new_value(e) for _ in range(rnd.choice([0, 0, 1, 1, 2, 3, 5]))]
        case m.OptionType(e):
            return {"some": new_value(e)} if chance(0.7) else None
        case m.TupleType(ts):
            return [new_value(e) for e in ts]
        case m.ResultType(ok, err):
            key, side = rnd.choice([("ok", ok), ("err", err)])
            return {key: new_value(side) if side else None}
        case m.RecordType(fields):
            return {f.label: new_value(f.t) for f in fields}
        case m.VariantType(cases):
            c = rnd.choice(cases)
            with_value = [c for c in cases if c.t]
            if with_value and chance(0.5):
                c = rnd.choice(with_value)
            return {"case": c.label, "value": new_value(c.t)} if c.t else {"case": c.label}
        case m.EnumType(labels):
            return rnd.choice([labels[0], labels[-1], rnd.choice(labels)])
        case m.FlagsType(labels):
            p = rnd.choice([0, 0.5, 1])
            return [l for l in labels if chance(p)]
    raise AssertionError(t)


def to_string(s, src):
    if src == "utf8":
        return (s, "utf8", len(s.encode()))
    units = len(s.encode("utf-16-le")) // 2
    if src == "utf16":
        return (s, "utf16", units)
    if src == "latin1+utf16" and all(ord(c) < 0x100 for c in s):
        return (s, "latin1+utf16", len(s))
    return (s, "latin1+utf16", units | TAG)


def to_model(t, j, src):
    sub = lambda t, j: to_model(t, j, src)
    match t:
        case m.U64Type() | m.S64Type():
            return int(j)
        case m.F32Type():
            return struct.unpack("<f", struct.pack("<I", int(j, 16)))[0]
        case m.F64Type():
            return struct.unpack("<d", struct.pack("<Q", int(j, 16)))[0]
        case m.CharType():
            return chr(j)
        case m.StringType():
            return to_string(j, src)
        case m.ListType(e, None):
            return [sub(e, x) for x in j]
        case m.OptionType(e):
            return {"none": None} if j is None else {"some": sub(e, j["some"])}
        case m.TupleType(ts):
            return {str(i): sub(e, x) for i, (e, x) in enumerate(zip(ts, j))}
        case m.ResultType(ok, err):
            if "ok" in j:
                return {"ok": sub(ok, j["ok"]) if ok else None}
            return {"error": sub(err, j["err"]) if err else None}
        case m.RecordType(fields):
            return {f.label: sub(f.t, j[f.label]) for f in fields}
        case m.VariantType(cases):
            [c] = [c for c in cases if c.label == j["case"]]
            return {c.label: sub(c.t, j["value"]) if c.t else None}
        case m.EnumType():
            return {j: None}
        case m.FlagsType(labels):
            return {l: l in j for l in labels}
    return j


def to_json(t, v):
    match t:
        case m.U64Type() | m.S64Type():
            return str(v)
        case m.F32Type():
            return "0x%08x" % bits32(v)
        case m.F64Type():
            return "0x%016x" % bits64(v)
        case m.CharType():
            return ord(v)
        case m.StringType():
            return v[0]
        case m.ListType(e, None):
            return [to_json(e, x) for x in v]
        case m.OptionType(e):
            return {"some": to_json(e, v["some"])} if "some" in v else None
        case m.TupleType(ts):
            return [to_json(e, v[str(i)]) for i, e in enumerate(ts)]
        case m.ResultType(ok, err):
            key, side = ("ok", ok) if "ok" in v else ("error", err)
            return {key[:3]: to_json(side, v[key]) if side else None}
        case m.RecordType(fields):
            return {f.label: to_json(f.t, v[f.label]) for f in fields}
        case m.VariantType(cases):
            [(label, x)] = v.items()
            [c] = [c for c in cases if c.label == label]
            return {"case": label, "value": to_json(c.t, x)} if c.t else {"case": label}
        case m.EnumType():
            [label] = v
            return label
        case m.FlagsType(labels):
            return [l for l in labels if v[l]]
    return v


def bits32(f):
    return 0x7fc00000 if math.isnan(f) else struct.unpack("<I", struct.pack("<f", f))[0]


def bits64(f):
    return 0x7ff8 << 48 if math.isnan(f) else struct.unpack("<Q", struct.pack("<d", f))[0]


def one_nan(t, j):
    """j with the NaN that lifting gives."""
    return to_json(t, to_model(t, j, "utf8"))


def flat_json(types, values):
    out = []
    for t, v in zip(types, values, strict=True):
        v = bits32(v) if t == "f32" else bits64(v) if t == "f64" else v
        out.append({"t": t, "v": str(v)})
    return out


def flat_model(types, bits):
    """Core values as the model has them, of their bits."""
    out = []
    for t, v in zip(types, bits, strict=True):
        if t == "f32":
            v = struct.unpack("<f", struct.pack("<I", v))[0]
        elif t == "f64":
            v = struct.unpack("<d", struct.pack("<Q", v))[0]
        out.append(v)
    return out


# The guest: its memory, which notes what is read, and its allocator.

def make_guest(encoding, mem, alloc):
    class Memory(m.MemInst):
        read = None  # addresses, while they are noted
        fuel = None

        def __getitem__(self, i):
            if self.fuel is not None:
                self.fuel -= 1
                if self.fuel < 0:
                    raise Unwanted
            if self.read is not None and isinstance(i, slice):
                self.read.update(range(i.start, i.stop))
            return self.bytes[i]

    class Guest(m.LiftLowerContext):
        def __init__(self):
            super().__init__(m.LiftLowerOptions(encoding, Memory(mem, "i32"), None), None)
            self.calls, self.next = [], (alloc or {}).get("base", 0)

        # The model calls the guest's function in a thread of its own; what comes
        # of it is the address alone.
        def reallocate(self, old, old_size, alignment, new_size):
            r = self.block(old, old_size, alignment, new_size)
            self.calls.append([old, old_size, alignment, new_size, r])
            return r

        def block(self, old, old_size, alignment, new_size):
            mem = self.opts.memory.bytes
            if alloc["mode"] == "fixed":
                return alloc["result"]
            if alloc["shrink"] == "in-place" and old != 0 and new_size <= old_size:
                return old
            r = align_up(self.next, alignment) + alloc["skew"]
            self.next = r + new_size
            if r + new_size > len(mem):
                if not alloc["grow"]:
                    return r
                mem.extend(bytes(align_up(r + new_size, PAGE) - len(mem)))
            n = min(old_size, new_size)
            mem[r:r + n] = mem[old:old + n]
            return r

    return Guest()


def reason(trap):
    """The check that fired, by the line of the model that it stands in."""
    tb, line = trap.__traceback__, ""
    while tb:
        code = tb.tb_frame.f_code
        if code.co_name not in ("trap", "trap_if"):
            line = linecache.getline(code.co_filename, tb.tb_lineno)
        tb = tb.tb_next
    for mark, name in [("MAX_", "too-long"), ("align_to", "unaligned"), ("len(cx.opts.memory)", "out-of-bounds"),
                       ("case_index", "bad-discriminant"), ("0x110000", "bad-char"), ("0xD800", "bad-char"),
                       ("trap()", "bad-encoding")]:
        if mark in line:
            return name
    raise AssertionError(line)


def new_alloc(base=None):
    if chance(0.1):
        return {"mode": "fixed", "result": rnd.choice([0, 1, 2, 4, 8, 1000, 4096, PAGE - 8, PAGE - 1, PAGE, PAGE + 1,
                                                       2**31, 2**32 - 16, 2**32 - 1, rnd.getrandbits(32)])}
    if base is None:
        base = rnd.choice([8, 64, 4096, 4097, 5003])
        if chance(0.35):
            base = PAGE - rnd.choice([0, 1, 4, 8, 16, 30, 64, 200, 1000])
    return {"mode": "bump", "base": base, "shrink": rnd.choice(["in-place", "move"]), "grow": chance(0.35),
            "skew": rnd.choice([1, 2, 3, 4, 6]) if chance(0.15) else 0}


def runs(addresses, mem):
    out = []
    for a in sorted(addresses):
        if out and a == out[-1][0] + len(out[-1][1]):
            out[-1][1].append(mem[a])
        else:
            out.append([a, bytearray([mem[a]])])
    return [[a, b.hex()] for a, b in out]


def nonzero(mem):
    """All of mem that is not zero, short gaps included."""
    keep, last = set(), None
    for a in range(len(mem)):
        if mem[a]:
            if last is not None and a - last <= 8:
                keep.update(range(last + 1, a))
            keep.add(a)
            last = a
    return runs(keep, mem)


# Questions that lower. ask(cx) lowers and gives the flat values; back(cx, flat)
# lifts the values again.

def lowering(q, ts, js, ask, back):
    q["src"] = rnd.choice(SOURCES) if chance(0.45) else "utf8"
    mem = bytearray(b"\xa5" * q["mem_size"])
    cx = make_guest(q["encoding"], mem, q["alloc"])
    values = [to_model(t, j, q["src"]) for t, j in zip(ts, js)]
    try:
        flat, types = ask(cx, values)
    except m.Trap as trap:
        return {"trap": True, "reason": reason(trap), "realloc": cx.calls}
    answer = {}
    if types is not None:
        answer["flat"] = flat_json(types, flat)
    memory = cx.opts.memory
    memory.read, memory.fuel = set(), 20000
    try:
        lifted = back(cx, flat)
    except m.Trap:
        raise Unwanted  # blocks that are not aligned, or that lie upon each other
    if [to_json(t, v) for t, v in zip(ts, lifted)] != [one_nan(t, j) for t, j in zip(ts, js)]:
        raise Unwanted
    answer["mem"] = runs(memory.read, mem)
    answer["realloc"] = cx.calls
    if len(mem) != q["mem_size"]:
        answer["mem_size_after"] = len(mem)
    return answer


def guest_fields(base=None):
    size = rnd.choice([PAGE] * 12 + [2 * PAGE, 0])
    return {"encoding": rnd.choice(ENCODINGS), "mem_size": size, "alloc": new_alloc(base)}


def lower():
    t = some_type()
    q = {"type": text(t), **guest_fields(), "value": new_value(t)}
    types = flat_types([t])
    a = lowering(q, [t], [q["value"]], lambda cx, vs: (m.lower_flat(cx, vs[0], t), types),
                 lambda cx, flat: [m.lift_flat(cx, m.CoreValueIter(flat), t)])
    return q | a


def place(t, q):
    """An aligned address below the allocator's."""
    q["mem_size"] = max(q["mem_size"], PAGE)
    at = align_up(rnd.randrange(16, 2048), align(t))
    base = align_up(at + size(t), 8) + rnd.choice([0, 8, 100])
    if q["alloc"]["mode"] == "fixed":
        if at <= q["alloc"]["result"] + 4096 and q["alloc"]["result"] <= at + size(t):
            raise Unwanted
    else:
        q["alloc"]["base"] = max(base, q["alloc"]["base"])
    return at


def store():
    t = some_type()
    q = {"type": text(t), **guest_fields(), "value": new_value(t)}
    q["ptr"] = place(t, q)
    a = lowering(q, [t], [q["value"]], lambda cx, vs: (m.store(cx, vs[0], t, q["ptr"]), None),
                 lambda cx, _: [m.load(cx, q["ptr"], t)])
    return q | a


def some_types():
    n = rnd.choice([0, 1, 1, 2, 2, 3, 4, 5, 8, 17])
    while True:
        ts = [some_type(4 if n < 4 else 1) for _ in range(n)]
        if sum(len(text(t)) for t in ts) <= limits.type_text:
            return ts


def lower_params():
    ts = some_types()
    q = {"dir": "lower", "types": [text(t) for t in ts], **guest_fields(), "values": [new_value(t) for t in ts]}
    types = flat_types(ts)
    shown = types if len(types) <= 16 else ["i32"]
    a = lowering(q, ts, q["values"], lambda cx, vs: (m.lower_flat_values(cx, 16, vs, ts), shown),
                 lambda cx, flat: m.lift_flat_values(cx, 16, m.CoreValueIter(flat), ts))
    return q | a


def lower_results():
    ts = [some_type()] if chance(0.95) else []
    q = {"dir": "lower", "types": [text(t) for t in ts], **guest_fields(), "values": [new_value(t) for t in ts]}
    types, out = flat_types(ts), None
    if len(types) > 1:
        q["out_ptr"] = out = place(ts[0], q)
        if chance(0.15):
            q["out_ptr"] = out = rnd.choice([out + 1, q["mem_size"] - 1, q["mem_size"], q["mem_size"] - size(ts[0]) // 2,
                                             2**32 - 1, 2**32 - 8, 2**31])
        # A good address by accident must be clear of the allocator as well.
        if out % align(ts[0]) == 0 and 2048 + 4096 < out <= q["mem_size"] - size(ts[0]):
            raise Unwanted

    def ask(cx, vs):
        if out is None:
            return m.lower_flat_values(cx, 1, vs, ts), types
        m.lower_flat_values(cx, 1, vs, ts, m.CoreValueIter([out]))
        return [], []

    a = lowering(q, ts, q["values"], ask,
                 lambda cx, flat: m.lift_flat_values(cx, 1, m.CoreValueIter(flat if out is None else [out]), ts))
    return q | a


# Questions that lift: from a memory that a good guest left, from one with a few
# changes, or from random bytes.

BAD = [0, 1, 2, 3, 255, 256, PAGE - 8, PAGE - 4, PAGE - 1, PAGE, PAGE + 1, 2**24, 2**28 - 1, 2**28, 2**28 + 1, 2**29, 2**30,
       2**31 - 1, 2**31, 2**31 + 1, 2**31 + 2**27, 2**32 - 1, 2**32 - 2, 2**32 - 4, 2**32 - 8, 0xd800, 0xdfff, 0x110000]


def bad_word():
    # 2^32/size and a little makes a length whose product with the size wraps.
    if chance(0.15):
        return rnd.choice([0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0x10ffff, 0x110000, 0x200041, 0x80000041])
    wrapped = 2**32 // rnd.choice([2, 4, 8, 12, 16, 24, 40]) + rnd.randrange(3)
    return rnd.choice(BAD + [wrapped] * 3 + [rnd.getrandbits(32), rnd.randrange(PAGE)])


def bad_text():
    return rnd.choice([b"\x80", b"\xc0\x80", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80",
                       b"\xff", b"\xf8\x88\x80\x80\x80", b"\x00\xd8", b"\x00\xdc", b"\x00\xdc\x00\xd8", b"\x00\xd8\x00\xd8"])


def mutate(cx, mem, at, n, types, flat):
    """Changes flat values, the n bytes at at, or bytes that lifting reads."""
    places = sorted(a for a in cx.opts.memory.read if a < len(mem))
    for _ in range(rnd.choice([1, 1, 2, 3])):
        kind = rnd.randrange(5)
        if flat and (kind == 0 or not places):
            i = rnd.randrange(len(flat))
            wide = types[i] in ("i64", "f64")
            flat[i] = rnd.choice([bad_word(), flat[i] + rnd.choice([1, 2, 4, 256]), flat[i] ^ 1 << rnd.randrange(64 if wide else 32)])
            if wide and chance(0.5):
                flat[i] |= rnd.getrandbits(32) << 32  # what an i32 in an i64 must not be asked for
            flat[i] %= 2**64 if wide else 2**32
        elif places:
            a = rnd.choice(places)
            if n and chance(0.3):
                a = at + rnd.randrange(n)
            match kind:
                case 1:
                    mem[a] = rnd.randrange(256)
                case 2:
                    mem[a] ^= 1 << rnd.randrange(8)
                case 3:
                    a = a // 4 * 4
                    mem[a:a + 4] = bad_word().to_bytes(4, "little")
                case _:
                    b = bad_text()[:len(mem) - a]
                    mem[a:a + len(b)] = b


def random_memory(mem):
    for _ in range(rnd.choice([1, 1, 2, 4])):
        n = rnd.choice([16, 64, 256])
        at = rnd.choice([0, 8, 64, 1024, len(mem) - n])
        match rnd.randrange(4):
            case 0:
                b = rnd.randbytes(n)
            case 1:
                b = b"".join(rnd.choice([rnd.randrange(4), rnd.randrange(1024), bad_word()]).to_bytes(4, "little") for _ in range(n // 4))
            case 2:
                b = bytes(rnd.choice([0, 0, 0, 1, 1, 2, 3, 8, 0x20, 0x41]) for _ in range(n))
            case _:
                b = bytes(rnd.randrange(0x20, 0x80) for _ in range(n))
        mem[at:at + n] = b


def random_flat(types):
    def one(t):
        if t in ("f32", "f64") and chance(0.7):
            return rnd.choice(F32) if t == "f32" else rnd.choice(F64)
        v = rnd.choice([0, 0, 1, 1, 2, 3, rnd.randrange(16), 8 * rnd.randrange(32), rnd.randrange(1100), bad_word(), rnd.getrandbits(64)])
        return v % (2**64 if t in ("i64", "f64") else 2**32)
    return [one(t) for t in types]


def lifting(q, ts, most, at=None):
    """Lifts ts from flat values, at most `most` of them, or from the address at."""
    size_ = rnd.choice([PAGE] * 15 + [2 * PAGE, 0])
    if at is not None:
        size_ = max(size_, PAGE)
    q |= {"encoding": rnd.choice(ENCODINGS), "mem_size": size_}
    mem = bytearray(size_)
    types = flat_types(ts)
    block = m.TupleType(ts) if ts else None
    if len(types) > most:
        types = ["i32"]
    ask = lambda cx, flat: m.lift_flat_values(cx, most, m.CoreValueIter(flat_model(types, flat)), ts)
    if at is not None:
        types = []
        ask = lambda cx, flat: [m.load(cx, at, ts[0])]
    flat = random_flat(types)
    how = rnd.choice(["good", "good", "changed", "changed", "changed", "changed", "changed", "random"]) if size_ else "random"
    if how == "random":
        if size_:
            random_memory(mem)
    else:
        base = rnd.choice([64, 1024, 4096, PAGE - 300, PAGE - 1000])
        if at is not None:
            base = align_up(at + size(ts[0]), 8)
        cx = make_guest(q["encoding"], mem, {"mode": "bump", "base": base, "shrink": "in-place", "grow": False, "skew": 0})
        vs = [to_model(t, new_value(t), rnd.choice(SOURCES)) for t in ts]
        try:
            if at is not None:
                m.store(cx, vs[0], ts[0], at)
            elif len(flat_types(ts)) > most:
                p = cx.allocate(align(block), size(block))
                m.store(cx, {str(i): v for i, v in enumerate(vs)}, block, m.align_to(p, align(block)))
                flat = [p]
            else:
                flat = [v if type(v) is not float else bits32(v) if t == "f32" else bits64(v)
                        for t, v in zip(types, m.lower_flat_values(cx, most, vs, ts), strict=True)]
        except (m.Trap, AssertionError):
            raise Unwanted
        if how == "changed":
            cx.opts.memory.read, cx.opts.memory.fuel = set(), 20000
            try:
                ask(cx, flat)
            except m.Trap:
                pass
            n = size(ts[0]) if at is not None else 0
            mutate(cx, mem, at, n, types, flat)
    cx = make_guest(q["encoding"], mem, None)
    cx.opts.memory.fuel = 5000
    if at is None:
        q["flat"] = [{"t": t, "v": str(v)} for t, v in zip(types, flat, strict=True)]
    q["mem"] = nonzero(mem)
    try:
        vs = ask(cx, flat)
    except m.Trap as trap:
        return q | {"trap": True, "reason": reason(trap)}
    vs = [to_json(t, v) for t, v in zip(ts, vs)]
    return q | ({"values": vs} if "dir" in q else {"value": vs[0]})


def lift():
    t = some_type()
    return lifting({"type": text(t)}, [t], 1 << 16)


def load():
    t = some_type()
    at = align_up(rnd.choice([0, 8, 100, 1000]), align(t))
    if chance(0.2):
        at = (PAGE - size(t)) // align(t) * align(t)
    return lifting({"type": text(t), "ptr": at}, [t], 0, at)


def lift_params():
    ts = some_types()
    return lifting({"dir": "lift", "types": [text(t) for t in ts]}, ts, 16)


def lift_results():
    ts = [some_type()] if chance(0.95) else []
    return lifting({"dir": "lift", "types": [text(t) for t in ts]}, ts, 1)


# Questions without a guest.

def layout():
    t = some_type()
    q = {"type": text(t), "size": size(t), "align": align(t), "flat": flat_types([t])}
    match m.despecialize(t):
        case m.RecordType(fields):
            q["offsets"], at = [], 0
            for f in fields:
                at = align_up(at, align(f.t))
                q["offsets"].append(at)
                at += size(f.t)
        case m.VariantType(cases):
            q["disc_size"] = size(m.discriminant_type(cases))
            q["payload_offset"] = align_up(q["disc_size"], m.max_case_alignment(cases, "i32"))
    return q


def func():
    ps, rs = some_types(), [some_type()] if chance(0.8) else []
    q = {"params": [text(t) for t in ps], "results": [text(t) for t in rs]}
    for way in "lift", "lower":
        core = m.flatten_functype(LAYOUT, m.FuncType(ps, rs), way)
        q[way] = {"params": core.params, "results": core.results}
    return q


KINDS = [("layout", layout, 6), ("func", func, 4), ("lower", lower, 22), ("store", store, 11), ("lift", lift, 22),
         ("load", load, 13), ("params", lower_params, 5), ("params", lift_params, 6), ("results", lower_results, 5),
         ("results", lift_results, 6)]


class limits:
    type_text = 3000
    line = 24000


def question():
    return attempt(*rnd.choices(KINDS, [w for _, _, w in KINDS])[0])


def attempt(kind, make, _):
    while True:
        try:
            v = {"kind": kind} | make()
        except Unwanted:
            continue
        if len(json.dumps(v)) <= limits.line:
            return v


def sort_of(v):
    """What a corpus has few of each."""
    return (v["kind"], v.get("dir"), v.get("encoding"), v.get("src"), v.get("reason"), "mem_size_after" in v)


def few(v):
    if "encoding" not in v:
        return 24
    if "src" in v:
        return 1 if "trap" in v else 2
    return 2 if "trap" in v else 8


def main():
    global LAYOUT
    args = argparse.ArgumentParser()
    args.add_argument("model")
    args.add_argument("out")
    args.add_argument("--seed", type=int, required=True)
    args.add_argument("--count", type=int, default=4000)
    args.add_argument("--corpus", action="store_true", help="small questions, as many of every sort")
    args = args.parse_args()
    load_model(args.model)
    LAYOUT = m.CanonicalOptions(memory=m.MemInst(bytearray(), "i32"))
    rnd.seed(args.seed)
    if args.corpus:
        limits.type_text, limits.line = 400, 2000
    sorts = collections.Counter()
    # No name and no time in the file: the same seed gives the same bytes.
    with open(args.out, "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z:
        n = tries = 0

        def write(v):
            nonlocal n
            n += 1
            z.write(json.dumps({"id": "%d-%05d" % (args.seed, n)} | v, separators=(",", ":")).encode() + b"\n")

        for t in prims() if args.corpus else []:
            forced.append(t())
            for k in [k for k in KINDS if k[1] in (lower, lift)] * 3:
                write(attempt(*k))
            forced.pop()
        while n < args.count and tries < 60 * args.count:
            v, tries = question(), tries + 1
            sort = sort_of(v)
            if args.corpus and sorts[sort] >= few(v):
                continue
            sorts[sort] += 1
            write(v)
    print(f"{n} vectors, {len(sorts)} sorts", file=sys.stderr)


if __name__ == "__main__":
    main()
