using System.CommandLine;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary>Options of the evaluations over chunks of a text, and the chunks that they ask for.</summary>
internal sealed class EvalTextOptions
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

    /// <summary>Adds the options to a command.</summary>
    public EvalTextOptions(Command command)
    {
        foreach (var option in new Option[] { _text, _context, _chunks, _bos }) command.Add(option);
    }

    /// <summary>The text's file.</summary>
    public string FileOf(ParseResult parsed) => parsed.GetRequiredValue(_text);

    /// <summary>The text's chunks in a model's tokens.</summary>
    /// <exception cref="ArgumentException">The text is too short for one, or a number is out of range.</exception>
    public TextChunks Read(ParseResult parsed, LanguageModel model) => new(
        model.Tokenizer.Encode(File.ReadAllText(FileOf(parsed))), parsed.GetValue(_context), parsed.GetValue(_chunks), parsed.GetValue(_bos) ? model.Tokenizer.Bos : null);

    /// <summary>The text's chunks in the tokens of a model and its base.</summary>
    /// <exception cref="ArgumentException">The text is too short for one, or a number is out of range.</exception>
    /// <exception cref="EvaluationException">The two have different tokens.</exception>
    public TextChunks Read(ParseResult parsed, LanguageModel reference, LanguageModel model)
    {
        var (text, other) = (Read(parsed, model), Read(parsed, reference));
        return text.Of(0, text.Count).SequenceEqual(other.Of(0, other.Count)) ? text : throw new EvaluationException(
            "The tokenizers of the model and its base make different tokens of the text; a divergence needs two models of one vocabulary.");
    }
}
