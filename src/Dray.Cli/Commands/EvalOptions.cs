using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Inference.Compute;
using Dray.Inference.Models;
using Dray.Inference.Tokenization;
using Dray.Quantization.Evaluation;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary>Options that the evaluations share, and what they ask for.</summary>
internal sealed class EvalOptions
{
    private const int DefaultContext = 512;

    private readonly Option<string> _text = new("--text") { Description = "Text file, taken as one string.", HelpName = "FILE", Required = true };

    private readonly Option<int> _context = new("--ctx")
    {
        Description = "Tokens per chunk. Default: 512.",
        HelpName = "TOKENS",
        DefaultValueFactory = _ => DefaultContext,
    };

    private readonly Option<int?> _chunks = new("--chunks") { Description = "The most chunks. Default: all of the text.", HelpName = "N" };

    private readonly Option<bool> _bos = new("--bos")
    {
        Description = "Put BOS in the place of each chunk's first token, as llama.cpp does for tokenizers that begin every text with it. Default: off.",
    };

    private readonly Option<string> _kvCacheDtype = CommonOptions.KvCacheDtype("fp32");
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly ConfigurationOptions _configuration;

    /// <summary>Adds the options to a command.</summary>
    public EvalOptions(Command command)
    {
        foreach (var option in new Option[] { _text, _context, _chunks, _bos, _kvCacheDtype, _json }) command.Add(option);
        _configuration = ConfigurationOptions.OfBackend(command);
    }

    /// <summary>Whether the result is to be JSON.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Reads file and options.</summary>
    public DrayConfiguration Resolve(ParseResult parsed, ILoggerFactory loggers) => _configuration.Resolve(parsed, loggers);

    /// <summary>Loads a checkpoint.</summary>
    public LanguageModel Load(ParseResult parsed, string folder, IComputeBackend backend, IProgress<LoadProgress> progress) =>
        LanguageModel.Load(folder, backend, KvCacheDataTypes.Parse(parsed.GetRequiredValue(_kvCacheDtype)), progress);

    /// <summary>Reads the text and divides it into chunks.</summary>
    /// <exception cref="ArgumentException">The text is too short for one, or a number is out of range.</exception>
    public TextChunks Read(ParseResult parsed, TekkenTokenizer tokenizer) => new(
        tokenizer.Encode(File.ReadAllText(parsed.GetRequiredValue(_text))), parsed.GetValue(_context), parsed.GetValue(_chunks),
        parsed.GetValue(_bos) ? tokenizer.Bos : null);
}
