using Dray.Inference.Checkpoints;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Models;

/// <summary>The tokenizer that belongs to a checkpoint.</summary>
internal static class CheckpointTokenizer
{
    /// <exception cref="TokenizerException">tekken.json is missing or broken.</exception>
    /// <exception cref="CheckpointException">It has more tokens than the model has embeddings.</exception>
    public static TekkenTokenizer Load(string folder, ModelConfig config)
    {
        var tokenizer = TekkenTokenizer.Load(Path.Combine(folder, "tekken.json"));
        return tokenizer.VocabularySize <= config.Text.VocabSize ? tokenizer : throw new CheckpointException(
            $"{folder}: tekken.json has {tokenizer.VocabularySize} tokens, but the model has embeddings for {config.Text.VocabSize}; the two don't belong together.");
    }
}
