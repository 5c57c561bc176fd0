using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary>Options of the divergence along generated text.</summary>
internal sealed class EvalGenerationOptions
{
    private readonly Option<string> _lengths = new("--prompt-lengths")
    {
        Description = "Tokens of the prompts; a measurement for each number. Default: 128,512,1024.",
        HelpName = "N,N,...",
        DefaultValueFactory = _ => string.Join(',', new GenerationKldOptions().PromptLengths),
    };

    private readonly Option<int> _tokens = new("--gen")
    {
        Description = "Tokens that the base generates, past any end of sequence. Default: 128.",
        HelpName = "TOKENS",
        DefaultValueFactory = _ => new GenerationKldOptions().Tokens,
    };

    private readonly Option<int> _prompts = new("--prompts")
    {
        Description = "Prompts of each length, which the base answers together. Default: 4.",
        HelpName = "N",
        DefaultValueFactory = _ => new GenerationKldOptions().Prompts,
    };

    /// <summary>Adds the options to a command.</summary>
    public EvalGenerationOptions(Command command)
    {
        foreach (var option in new Option[] { _lengths, _tokens, _prompts }) command.Add(option);
    }

    /// <summary>What is to be measured.</summary>
    /// <exception cref="CommandException">The lengths aren't numbers.</exception>
    public GenerationKldOptions Read(ParseResult parsed) => new()
    {
        PromptLengths = NumberList.Parse("--prompt-lengths", parsed.GetRequiredValue(_lengths)),
        Tokens = parsed.GetValue(_tokens),
        Prompts = parsed.GetValue(_prompts),
    };
}
