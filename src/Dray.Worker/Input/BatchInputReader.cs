using System.Runtime.CompilerServices;

namespace Dray.Worker.Input;

/// <summary>
/// Reads the lines of a JSONL stream one at a time: UTF-8, ends of <c>\n</c> or <c>\r\n</c>, a byte-order mark at the start is
/// skipped, and so are blank lines (unless longer than a line may be). Memory is bounded by the longest line allowed, whatever the stream
/// holds.
/// </summary>
/// <param name="maxLineBytes">The longest line whose content is kept.</param>
internal sealed class BatchInputReader(int maxLineBytes)
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>Gets a reader of files that the worker wrote itself, with lines as long as they are.</summary>
    public static BatchInputReader OfOwnFiles { get; } = new(int.MaxValue / 4);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Reads <paramref name="stream"/>, which begins at byte <paramref name="offset"/> of the input with line <paramref name="firstLine"/>.
    /// </summary>
    public async IAsyncEnumerable<InputLine> ReadAsync(
        Stream stream, long offset = 0, long firstLine = 1, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var buffer = new byte[BlockBytes];
        int begin = 0, end = 0, searched = 0;
        long lineOffset = offset, lineNumber = firstLine, dropped = 0;
        while (true)
        {
            var newline = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var stop = searched + newline;
                if (Take(buffer.AsSpan(begin, stop - begin), lineNumber, lineOffset, dropped) is { } line) yield return line;
                lineOffset += dropped + stop - begin + 1;
                lineNumber++;
                dropped = 0;
                begin = searched = stop + 1;
                continue;
            }

            if (end - begin > maxLineBytes)
            {
                // Too long already: what is here is counted and let go.
                dropped += end - begin;
                begin = end;
            }

            searched = end;
            MakeRoom(ref buffer, ref begin, ref end, ref searched);
            var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (read == 0) break;
            end += read;
        }

        if (Take(buffer.AsSpan(begin, end - begin), lineNumber, lineOffset, dropped) is { } last) yield return last;
    }

    private static void MakeRoom(ref byte[] buffer, ref int begin, ref int end, ref int searched)
    {
        if (begin == end)
        {
            begin = end = searched = 0;
            if (buffer.Length > BlockBytes) buffer = new byte[BlockBytes];
        }
        else if (end == buffer.Length)
        {
            var target = begin > buffer.Length / 2 ? buffer : new byte[buffer.Length * 2];
            Buffer.BlockCopy(buffer, begin, target, 0, end - begin);
            buffer = target;
            end -= begin;
            begin = 0;
            searched = end;
        }
    }

    private InputLine? Take(ReadOnlySpan<byte> line, long number, long offset, long dropped)
    {
        // First, and by the bytes as they stand: the answer may not depend on how the stream was cut into reads.
        if (dropped + line.Length > maxLineBytes) return new InputLine(number, offset, dropped + line.Length, default);
        if (number == 1 && line.StartsWith(ByteOrderMark))
        {
            line = line[ByteOrderMark.Length..];
            offset += ByteOrderMark.Length;
        }

        if (line.EndsWith("\r"u8)) line = line[..^1];
        if (line.Trim(" \t\r"u8).IsEmpty) return null;
        return new InputLine(number, offset, line.Length, line.ToArray());
    }
}
