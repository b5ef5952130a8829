// hello-zig: a command in Zig, for preview 1, made a component by the adapter. The argument "trap" panics.
const std = @import("std");

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var file = std.Io.File.stdout().writer(init.io, &buffer);
    const out = &file.interface;
    try out.writeAll("hello from Zig\n");

    const args = try init.minimal.args.toSlice(init.arena.allocator());
    for (args, 0..) |arg, i| try out.print("arg {d} {s}\n", .{ i, arg });
    try out.flush();
    if (args.len > 1 and std.mem.eql(u8, args[1], "trap")) @panic("asked to");
    if (args.len > 1 and std.mem.eql(u8, args[1], "error")) return error.AskedTo;
}
