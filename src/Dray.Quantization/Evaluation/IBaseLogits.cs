namespace Dray.Quantization.Evaluation;

/// <summary>What a model is compared with: the logits after the tokens of a text's chunks, made now or saved before.</summary>
internal interface IBaseLogits
{
    /// <summary>Gets the width of a row.</summary>
    int Vocabulary { get; }

    /// <summary>Checks that there are logits for a text.</summary>
    /// <exception cref="ArgumentException">The text's chunks are longer than the model's context.</exception>
    /// <exception cref="EvaluationException">The saved logits are of another text.</exception>
    void Require(TextChunks text);

    /// <summary>Makes ready <paramref name="count"/> chunks from <paramref name="first"/>.</summary>
    void Run(TextChunks text, int first, int count);

    /// <summary>Makes ready the rows after <paramref name="count"/> positions of a chunk in its second half.</summary>
    void Take(int chunk, int position, int count);

    /// <summary>One of the rows taken last. Several threads may read different ones at once.</summary>
    ReadOnlySpan<float> Row(int row);
}
