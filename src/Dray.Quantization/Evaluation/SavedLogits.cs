using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Dray.Quantization.Evaluation;

/// <summary>A base's logits that <see cref="SavedLogitsWriter"/> saved. Reads some rows at a time, never the whole file.</summary>
public sealed class SavedLogits : IBaseLogits, IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly SavedLogitsLayout _layout;
    private readonly byte[] _table;
    private byte[] _bytes = [];
    private float[] _rows = [];

    private SavedLogits(string path, SafeFileHandle file, SavedLogitsLayout layout, byte[] table) => (_path, _file, _layout, _table) = (path, file, layout, table);

    /// <summary>Gets the logits of a row.</summary>
    public int Vocabulary => _layout.Vocabulary;

    /// <summary>Gets the tokens of a chunk.</summary>
    public int Context => _layout.Context;

    /// <summary>Gets the number of chunks.</summary>
    public int Chunks => _layout.Chunks;

    /// <summary>Opens a file.</summary>
    /// <exception cref="EvaluationException">It isn't one of saved logits, or not whole.</exception>
    public static SavedLogits Open(string path)
    {
        var file = File.OpenHandle(path);
        try
        {
            Span<byte> header = stackalloc byte[SavedLogitsLayout.HeaderBytes];
            if (RandomAccess.Read(file, header, 0) < header.Length || SavedLogitsLayout.Read(header) is not { } layout)
                throw new EvaluationException($"{path} is no file of saved logits that this version reads; make one with 'dray eval logits'.");
            var length = RandomAccess.GetLength(file);
            if (length != layout.FileBytes)
            {
                throw new EvaluationException(
                    $"{path} has {length} bytes where {layout.Chunks} chunks of {layout.Context} tokens and {layout.Vocabulary} logits take {layout.FileBytes}; make it again.");
            }

            // Not longer than the file, whose length has just been found to be right.
            var table = new byte[checked((int)SavedLogitsLayout.EntryAt(layout.Chunks))];
            ReadExactly(path, file, table, 0);
            return new SavedLogits(path, file, layout, table);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The base's perplexity over as many chunks as a text has, which must be the file's text.</summary>
    /// <exception cref="EvaluationException">The saved logits are of another text.</exception>
    public PerplexityReport PerplexityOf(TextChunks text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Require(text);
        var chunks = new ChunkLikelihood[text.Count];
        for (var i = 0; i < chunks.Length; i++)
        {
            var sums = Entry(i)[SHA256.HashSizeInBytes..];
            chunks[i] = new ChunkLikelihood(BinaryPrimitives.ReadDoubleLittleEndian(sums), BinaryPrimitives.ReadDoubleLittleEndian(sums[sizeof(double)..]));
        }

        return new PerplexityReport(chunks, Context);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    void IBaseLogits.Require(TextChunks text) => Require(text);

    void IBaseLogits.Run(TextChunks text, int first, int count)
    {
    }

    void IBaseLogits.Take(int chunk, int position, int count)
    {
        if (_bytes.Length < count * _layout.RowBytes) (_bytes, _rows) = (new byte[count * _layout.RowBytes], new float[count * Vocabulary]);
        ReadExactly(_path, _file, _bytes.AsSpan(0, count * _layout.RowBytes), _layout.RowAt(chunk, position));
    }

    ReadOnlySpan<float> IBaseLogits.Row(int row)
    {
        var logits = _rows.AsSpan(row * Vocabulary, Vocabulary);
        SavedRow.Decode(_bytes.AsSpan(row * _layout.RowBytes, _layout.RowBytes), logits);
        return logits;
    }

    private void Require(TextChunks text)
    {
        if (text.Context != Context)
            throw new EvaluationException($"{_path} has logits for chunks of {Context} tokens, but chunks of {text.Context} are asked for; give --ctx {Context}, or save them again.");
        if (text.Count > Chunks)
            throw new EvaluationException($"{_path} has logits for {Chunks} chunks, but {text.Count} are asked for; give --chunks {Chunks}, or save them again.");
        for (var chunk = 0; chunk < text.Count; chunk++)
        {
            if (!Entry(chunk).StartsWith(SavedLogitsLayout.DigestOf(text.Of(chunk))))
            {
                throw new EvaluationException(
                    $"{_path} was made of other tokens than the text's, from chunk {chunk} on: another text, or a tokenizer that divides it differently; save the logits again.");
            }
        }
    }

    private ReadOnlySpan<byte> Entry(int chunk) => _table.AsSpan((int)SavedLogitsLayout.EntryAt(chunk), SavedLogitsLayout.EntryBytes);

    private static void ReadExactly(string path, SafeFileHandle file, Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(file, target, offset);
            if (read == 0) throw new EvaluationException($"{path} has become shorter while it was read; make it again.");
            target = target[read..];
            offset += read;
        }
    }
}
