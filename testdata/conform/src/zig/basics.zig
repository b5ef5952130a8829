//! basics: see ../../README.md. It uses the standard library alone.
const std = @import("std");
const Io = std.Io;
const eql = std.mem.eql;

var io: Io = undefined;
var gpa: std.mem.Allocator = undefined;
var preopens: std.process.Preopens = undefined;
var out: *Io.Writer = undefined;

/// A place is a path in a directory that was found open.
const Place = struct { dir: Io.Dir, path: []const u8 };

fn place(path: []const u8) !Place {
    var end: usize = path.len;
    while (true) {
        if (preopens.get(path[0..end])) |r| switch (r) {
            .dir => |d| return .{ .dir = d, .path = if (end == path.len) "." else path[end + 1 ..] },
            else => {},
        };
        end = std.mem.lastIndexOfScalar(u8, path[0..end], '/') orelse return error.FileNotFound;
    }
}

pub fn main(init: std.process.Init) !void {
    io = init.io;
    gpa = init.arena.allocator();
    preopens = init.preopens;
    var buffer: [4096]u8 = undefined;
    var stdout = Io.File.stdout().writerStreaming(io, &buffer);
    out = &stdout.interface;
    const args = try init.minimal.args.toSlice(gpa);
    const what: []const u8 = if (args.len > 1) args[1] else "";
    const arg: []const u8 = if (args.len > 2) args[2] else "";
    if (eql(u8, what, "args")) {
        for (args[2..]) |a| try out.print("[{s}]\n", .{a});
    } else if (eql(u8, what, "env")) {
        try out.print("{s}\n", .{init.environ_map.get(arg) orelse "(unset)"});
    } else if (eql(u8, what, "stderr")) {
        try Io.File.stderr().writeStreamingAll(io, try std.fmt.allocPrint(gpa, "{s}\n", .{arg}));
    } else if (eql(u8, what, "exit")) {
        std.process.exit(try std.fmt.parseInt(u8, arg, 10));
    } else if (eql(u8, what, "cat")) {
        try cat();
    } else if (eql(u8, what, "read")) {
        try show(arg);
    } else if (eql(u8, what, "write")) {
        const p = try place(arg);
        try p.dir.writeFile(io, .{ .sub_path = p.path, .data = if (args.len > 3) args[3] else "" });
    } else if (eql(u8, what, "list")) {
        try list(arg);
    } else if (eql(u8, what, "files")) {
        try files();
    } else if (eql(u8, what, "clocks")) {
        try clocks();
    } else if (eql(u8, what, "random")) {
        try random();
    } else {
        try Io.File.stderr().writeStreamingAll(io, "usage: basics args|env|stderr|exit|cat|read|write|list|files|clocks|random\n");
        std.process.exit(2);
    }
    try out.flush();
}

fn cat() !void {
    var buffer: [65536]u8 = undefined;
    var stdin = Io.File.stdin().readerStreaming(io, &buffer);
    while (try stdin.interface.takeDelimiter('\n')) |line| {
        try out.print("{s}\n", .{line});
        try out.flush();
    }
}

fn show(path: []const u8) !void {
    const p = try place(path);
    try out.writeAll(try p.dir.readFileAlloc(io, p.path, gpa, .limited(1 << 20)));
}

fn before(_: void, a: []const u8, b: []const u8) bool {
    return std.mem.lessThan(u8, a, b);
}

fn list(path: []const u8) !void {
    const p = try place(path);
    var dir = try p.dir.openDir(io, p.path, .{ .iterate = true });
    defer dir.close(io);
    var names: std.ArrayList([]const u8) = .empty;
    var all = dir.iterate();
    while (try all.next(io)) |e| {
        try names.append(gpa, try std.fmt.allocPrint(gpa, "{s}{s}", .{ e.name, if (e.kind == .directory) "/" else "" }));
    }
    std.mem.sort([]const u8, names.items, {}, before);
    for (names.items) |n| try out.print("{s}\n", .{n});
}

fn files() !void {
    const data = (try place("/data")).dir;
    try data.createDir(io, "sub", .default_dir);
    try data.writeFile(io, .{ .sub_path = "a.txt", .data = "hello" });
    const f = try data.createFile(io, "a.txt", .{ .truncate = false });
    try f.writePositionalAll(io, " again", try f.length(io));
    f.close(io);
    try show("/data/a.txt");
    try out.print("\n{d} bytes\n", .{(try data.statFile(io, "a.txt", .{})).size});
    try list("/data");
    try Io.Dir.rename(data, "a.txt", data, "sub/b.txt", io);
    try list("/data/sub");
    try data.deleteFile(io, "sub/b.txt");
    try data.deleteDir(io, "sub");
    if (data.statFile(io, "sub", .{})) |_| {
        try out.writeAll("still there\n");
    } else |_| {
        try out.writeAll("gone\n");
    }
}

fn clocks() !void {
    const began = Io.Clock.awake.now(io);
    try Io.sleep(io, .fromMilliseconds(20), .awake);
    const slept = began.untilNow(io, .awake).toNanoseconds();
    const now = Io.Clock.real.now(io).toNanoseconds();
    if (slept < 20_000_000 or slept > 10_000_000_000 or now < 1704067200_000_000_000) {
        try out.print("slept {d} ns, and it is {d}\n", .{ slept, now });
        try out.flush();
        std.process.exit(1);
    }
    try out.writeAll("ok\n");
}

fn random() !void {
    var a: [32]u8 = undefined;
    var b: [32]u8 = undefined;
    try io.randomSecure(&a);
    try io.randomSecure(&b);
    try out.writeAll(if (eql(u8, &a, &b) or std.mem.allEqual(u8, &a, 0)) "not random\n" else "ok\n");
}
