namespace Dray.Quantization.Evaluation;

/// <summary>What a benchmark of layers runs.</summary>
public sealed record LayersOptions
{
    /// <summary>The most tokens of a batch of prompts.</summary>
    public const int MaxPrefillTokens = 65_536;

    /// <summary>The most sequences that decode together.</summary>
    public const int MaxSequences = 1024;

    /// <summary>The most repeats of a figure.</summary>
    public const int MaxRepeats = 1000;

    /// <summary>Gets the shape, one of <see cref="BenchmarkShapes.Names"/>. <value>The default value is 24b.</value></summary>
    public string Shape { get; init; } = "24b";

    /// <summary>Gets the layers. <value>The default value is 2 layers.</value></summary>
    public int Layers { get; init; } = 2;

    /// <summary>Gets the tokens of a prompt. <value>The default value is 512 tokens.</value></summary>
    public int PromptTokens { get; init; } = 512;

    /// <summary>Gets the steps of decoding. <value>The default value is 16 tokens of each sequence.</value></summary>
    public int DecodeTokens { get; init; } = 16;

    /// <summary>Gets how many sequences decode together, figure by figure. <value>The default value is 1, 4, 8, 16 and 32 sequences.</value></summary>
    public IReadOnlyList<int> Parallel { get; init; } = [1, 4, 8, 16, 32];

    /// <summary>Gets the tokens of the batch of many prompts, or 0 for none. <value>The default value is 8192 tokens.</value></summary>
    public int PrefillTokens { get; init; } = 8192;

    /// <summary>Gets how often a figure is measured. <value>The default value is 5 times.</value></summary>
    public int Repeats { get; init; } = 5;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        var shape = BenchmarkShapes.Of(Shape);
        Require(Layers, 1, shape.Layers, $"number of layers of the shape {Shape}");
        Require(PromptTokens, 1, shape.ContextLength, "number of tokens of a prompt");
        Require(DecodeTokens, 1, shape.ContextLength / 2, "number of tokens to decode");
        Require(PrefillTokens, 0, MaxPrefillTokens, "number of tokens of the batch of prompts");
        Require(Repeats, 1, MaxRepeats, "number of repeats");
        if (Parallel.Any(sequences => sequences is < 1 or > MaxSequences))
            throw new ArgumentException($"The sequences that decode together are '{string.Join(',', Parallel)}', but they must be numbers from 1 to {MaxSequences}.");
    }

    private static void Require(int value, int least, int most, string name)
    {
        if (value < least || value > most) throw new ArgumentException($"The {name} is {value}, but it must be from {least} to {most}.");
    }
}
