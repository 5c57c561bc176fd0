using System.Text;
using BenchmarkDotNet.Attributes;
using Dray.Inference.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Dray.Benchmarks.Tokenization;

/// <summary>
/// The 131,072-token Tekken on WikiText-2's test split (1,290,590 bytes), on one core. MB/s = 1.29 / seconds. Needs
/// <c>DRAY_SHARED</c>. <c>Library</c> is Microsoft.ML.Tokenizers alone, with the same pattern as a compiled regular expression.
/// </summary>
[MemoryDiagnoser]
public class TekkenBenchmarks
{
    private readonly List<int> ids = new(400_000);
    private string tekkenPath = "";
    private TekkenTokenizer tokenizer = null!;
    private TiktokenTokenizer library = null!;
    private string text = "";
    private string longPiece = "";
    private int[] encoded = [];

    /// <summary>Loads the tokenizers and the text.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var shared = Environment.GetEnvironmentVariable("DRAY_SHARED")
            ?? throw new InvalidOperationException("Set DRAY_SHARED to the folder with goldens/.");
        tekkenPath = Path.Combine(shared, "goldens", "tekken", "tekken.json");
        tokenizer = TekkenTokenizer.Load(tekkenPath);
        text = File.ReadAllText(Path.Combine(shared, "goldens", "eval", "wiki.test.raw"));
        longPiece = new string('語', 20_000);
        encoded = tokenizer.Encode(text);
        var ranks = new StringBuilder();
        for (var id = tokenizer.SpecialCount; id < tokenizer.VocabularySize; id++)
            ranks.Append(Convert.ToBase64String(tokenizer.TokenBytes(id).Span)).Append(' ').Append(id - tokenizer.SpecialCount).Append('\n');
        library = TiktokenTokenizer.Create(
            new MemoryStream(Encoding.UTF8.GetBytes(ranks.ToString())),
            new RegexPreTokenizer(new(TekkenSplitter.Pattern, System.Text.RegularExpressions.RegexOptions.Compiled), null),
            null);
    }

    /// <summary>Reads the 10 MB tekken.json.</summary>
    [Benchmark]
    public TekkenTokenizer Load() => TekkenTokenizer.Load(tekkenPath);

    /// <summary>Encodes the text.</summary>
    [Benchmark]
    public int Encode()
    {
        ids.Clear();
        tokenizer.Encode(text, ids);
        return ids.Count;
    }

    /// <summary>Encodes the text with the library alone.</summary>
    [Benchmark]
    public int EncodeLibrary() => library.EncodeToIds(text).Count;

    /// <summary>Encodes 60 kB without a blank.</summary>
    [Benchmark]
    public int EncodeLongPiece()
    {
        ids.Clear();
        tokenizer.Encode(longPiece, ids);
        return ids.Count;
    }

    /// <summary>Encodes 60 kB without a blank with the library alone.</summary>
    [Benchmark]
    public int EncodeLongPieceLibrary() => library.EncodeToIds(longPiece).Count;

    /// <summary>Decodes the text's ids at once.</summary>
    [Benchmark]
    public int Decode() => tokenizer.Decode(encoded).Length;

    /// <summary>Decodes the text's ids one by one.</summary>
    [Benchmark]
    public int DecodeIncrementally()
    {
        var detokenizer = new IncrementalDetokenizer(tokenizer);
        var length = 0;
        foreach (var id in encoded) length += detokenizer.Append(id).Length;
        return length + detokenizer.Flush().Length;
    }
}
