using System.Text;
using CsCheck;
using Dray.Worker.Input;

namespace Dray.Worker.Tests.Input;

public sealed class BatchInputReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_MarkBlankLinesAndEnds_AreNotPartOfLines()
    {
        var lines = await ReadAsync("\uFEFFone\r\n\n  \t\r\ntwo\nthree");

        lines.Select(line => (line.Number, line.Offset, line.Length, Text(line))).ShouldBe([(1L, 3L, 3L, "one"), (4L, 14L, 3L, "two"), (5L, 18L, 5L, "three")]);
    }

    [Fact]
    public async Task ReadAsync_LineLongerThanAllowed_IsNamedButNotKept()
    {
        var lines = await ReadAsync("short\n" + new string('x', 300_000) + "\nnext\n" + new string('y', 11), maxLineBytes: 10);

        lines.Select(line => (line.Number, line.Offset, line.Length, line.IsTooLong)).ShouldBe(
            [(1L, 0L, 5L, false), (2L, 6L, 300_000L, true), (3L, 300_007L, 4L, false), (4L, 300_012L, 11L, true)]);
    }

    [Fact]
    public async Task ReadAsync_LongestLineAllowed_IsKept()
    {
        var longest = new string('x', 200_000);

        var lines = await ReadAsync($"a\n{longest}\n{longest}y\nb\n", maxLineBytes: 200_000);

        lines.Select(line => line.IsTooLong).ShouldBe([false, false, true, false]);
        Text(lines[1]).ShouldBe(longest);
    }

    [Fact]
    public void ReadAsync_AnyTextInAnyPortions_GivesTheLinesThatSplittingGives()
    {
        var text = Gen.String[Gen.Char["ab \r\n\t{}é"], 0, 200];
        Gen.Select(text, Gen.Int[1, 7], Gen.Int[1, 12]).Sample((content, portion, limit) =>
        {
            var expected = new List<(long, long, long, string?)>();
            long offset = 0, number = 1;
            foreach (var raw in content.Split('\n'))
            {
                var line = raw.EndsWith('\r') ? raw[..^1] : raw;
                long bytes = Encoding.UTF8.GetByteCount(raw);
                if (bytes > limit) expected.Add((number, offset, bytes, null));
                else if (line.Trim(' ', '\t', '\r').Length > 0) expected.Add((number, offset, Encoding.UTF8.GetByteCount(line), line));
                offset += bytes + 1;
                number++;
            }

            ReadAsync(new PortionStream(Encoding.UTF8.GetBytes(content), portion), limit).GetAwaiter().GetResult()
                .Select(line => (line.Number, line.Offset, line.Length, line.IsTooLong ? null : Text(line))).ShouldBe(expected);
        });
    }

    private static string Text(InputLine line) => Encoding.UTF8.GetString(line.Bytes.Span);

    private static Task<List<InputLine>> ReadAsync(string content, int maxLineBytes = 1 << 20) =>
        ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(content)), maxLineBytes);

    private static async Task<List<InputLine>> ReadAsync(Stream stream, int maxLineBytes) =>
        await new BatchInputReader(maxLineBytes).ReadAsync(stream, cancellationToken: Token).ToListAsync(Token);

    private sealed class PortionStream(byte[] bytes, int portion) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(portion, buffer.Length)], cancellationToken);
    }
}
