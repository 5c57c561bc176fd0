using System.Buffers;
using System.Buffers.Binary;
using Dray.Inference.Models;
using Microsoft.Win32.SafeHandles;

namespace Dray.Quantization.Evaluation;

/// <summary>Saves the logits of a base at the second half of each chunk of a text, so that a model can be compared with it when it isn't loaded.</summary>
/// <param name="model">The base.</param>
public sealed class SavedLogitsWriter(LanguageModel model)
{
    /// <summary>Runs the text and writes the file, under another name until it is whole. Returns the base's perplexity, which the file holds too.</summary>
    /// <param name="path">The file, which is replaced if it exists.</param>
    /// <param name="text">The text.</param>
    /// <param name="progress">Told the chunks done.</param>
    /// <param name="cancellationToken">Stops between passes; then nothing is left behind.</param>
    /// <exception cref="ArgumentException">A chunk is longer than the model's context.</exception>
    /// <exception cref="EvaluationException">The model's logits aren't numbers.</exception>
    /// <exception cref="IOException">The file can't be written, or the disk has no room for it.</exception>
    public PerplexityReport Write(string path, TextChunks text, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.RequireContext(model.ContextLength);
        var layout = new SavedLogitsLayout(model.Vocabulary, text.Context, text.Count);
        if (!layout.IsPossible)
            throw new ArgumentException($"Logits of {text.Count} chunks are to be saved, but a file holds those of {SavedLogitsLayout.LargestDimension} at most; give --chunks.");
        var partial = path + ".partial";
        try
        {
            PerplexityReport report;
            using (var file = File.OpenHandle(partial, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None, layout.FileBytes))
            {
                report = new PerplexityEvaluator(model).Evaluate(text, Save, progress, cancellationToken);
                WriteTable(file, layout, text, report);

                void Save(int chunk, int position, ReadOnlySpan<float> logits)
                {
                    if (position < text.SecondHalf) return;
                    var row = ArrayPool<byte>.Shared.Rent(layout.RowBytes);
                    SavedRow.Encode(logits, row.AsSpan(0, layout.RowBytes));
                    RandomAccess.Write(file, row.AsSpan(0, layout.RowBytes), layout.RowAt(chunk, position));
                    ArrayPool<byte>.Shared.Return(row);
                }
            }

            File.Move(partial, path, overwrite: true);
            return report;
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private static void WriteTable(SafeFileHandle file, SavedLogitsLayout layout, TextChunks text, PerplexityReport report)
    {
        var table = new byte[SavedLogitsLayout.EntryAt(text.Count)];
        layout.Write(table.AsSpan(0, SavedLogitsLayout.HeaderBytes));
        for (var chunk = 0; chunk < text.Count; chunk++)
        {
            var entry = table.AsSpan((int)SavedLogitsLayout.EntryAt(chunk), SavedLogitsLayout.EntryBytes);
            var digest = SavedLogitsLayout.DigestOf(text.Of(chunk));
            digest.CopyTo(entry);
            BinaryPrimitives.WriteDoubleLittleEndian(entry[digest.Length..], report.Chunks[chunk].SecondHalf);
            BinaryPrimitives.WriteDoubleLittleEndian(entry[(digest.Length + sizeof(double))..], report.Chunks[chunk].All);
        }

        RandomAccess.Write(file, table, 0);
    }
}
