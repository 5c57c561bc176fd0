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
    private readonly List<int> _ids = new(400_000);
    private string _tekkenPath = "";
    private TekkenTokenizer _tokenizer = null!;
    private TiktokenTokenizer _library = null!;
    private string _text = "";
    private string _longPiece = "";
    private int[] _encoded = [];

    /// <summary>Loads the tokenizers and the text.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var shared = Environment.GetEnvironmentVariable("DRAY_SHARED")
            ?? throw new InvalidOperationException("Set DRAY_SHARED to the folder with goldens/.");
        _tekkenPath = Path.Combine(shared, "goldens", "tekken", "tekken.json");
        _tokenizer = TekkenTokenizer.Load(_tekkenPath);
        _text = File.ReadAllText(Path.Combine(shared, "goldens", "eval", "wiki.test.raw"));
        _longPiece = new string('語', 20_000);
        _encoded = _tokenizer.Encode(_text);
        var ranks = new StringBuilder();
        for (var id = _tokenizer.SpecialCount; id < _tokenizer.VocabularySize; id++)
            ranks.Append(Convert.ToBase64String(_tokenizer.TokenBytes(id).Span)).Append(' ').Append(id - _tokenizer.SpecialCount).Append('\n');
        _library = TiktokenTokenizer.Create(
            new MemoryStream(Encoding.UTF8.GetBytes(ranks.ToString())),
            new RegexPreTokenizer(new(TekkenSplitter.Pattern, System.Text.RegularExpressions.RegexOptions.Compiled), null),
            null);
    }

    /// <summary>Reads the 10 MB tekken.json.</summary>
    [Benchmark]
    public TekkenTokenizer Load() => TekkenTokenizer.Load(_tekkenPath);

    /// <summary>Encodes the text.</summary>
    [Benchmark]
    public int Encode()
    {
        _ids.Clear();
        _tokenizer.Encode(_text, _ids);
        return _ids.Count;
    }

    /// <summary>Encodes the text with the library alone.</summary>
    [Benchmark]
    public int EncodeLibrary() => _library.EncodeToIds(_text).Count;

    /// <summary>Encodes 60 kB without a blank.</summary>
    [Benchmark]
    public int EncodeLongPiece()
    {
        _ids.Clear();
        _tokenizer.Encode(_longPiece, _ids);
        return _ids.Count;
    }

    /// <summary>Encodes 60 kB without a blank with the library alone.</summary>
    [Benchmark]
    public int EncodeLongPieceLibrary() => _library.EncodeToIds(_longPiece).Count;

    /// <summary>Decodes the text's ids at once.</summary>
    [Benchmark]
    public int Decode() => _tokenizer.Decode(_encoded).Length;

    /// <summary>Decodes the text's ids one by one.</summary>
    [Benchmark]
    public int DecodeIncrementally()
    {
        var detokenizer = new IncrementalDetokenizer(_tokenizer);
        var length = 0;
        foreach (var id in _encoded) length += detokenizer.Append(id).Length;
        return length + detokenizer.Flush().Length;
    }
}
