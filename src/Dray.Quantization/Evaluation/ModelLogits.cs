using Dray.Inference.Models;

namespace Dray.Quantization.Evaluation;

/// <summary>The logits of a base that is loaded.</summary>
internal sealed class ModelLogits(LanguageModel model) : IBaseLogits
{
    private LogitRows? _rows;
    private int _firstChunk;
    private int _context;

    public int Vocabulary => model.Vocabulary;

    public void Require(TextChunks text) => text.RequireContext(model.ContextLength);

    public void Run(TextChunks text, int first, int count)
    {
        (_firstChunk, _context) = (first, text.Context);
        model.Run(text.Of(first, count), count);
    }

    public void Take(int chunk, int position, int count) => _rows = model.Logits(((chunk - _firstChunk) * _context) + position, count);

    public ReadOnlySpan<float> Row(int row) => _rows![row];
}
