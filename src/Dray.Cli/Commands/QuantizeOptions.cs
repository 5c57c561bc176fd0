using System.CommandLine;
using System.Globalization;
using Dray.Quantization;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tuning;

namespace Dray.Cli.Commands;

/// <summary>The options of <c>dray quantize</c> that say how; what isn't said has the recipe's value.</summary>
internal sealed class QuantizeOptions
{
    private static readonly (string Unit, long Bytes)[] Units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1)];

    private readonly Option<string> _recipe = new("--recipe")
    {
        Description = "Values for what isn't said: default (200 iterations, 128 samples), best (1000, 512), light (50, 128, larger steps), rtn (rounding to nearest), " +
            "opt-rtn (rounding to nearest with searched scales), seed (best with batches of 4, plain AutoRound). Default: default.",
        HelpName = string.Join('|', QuantizationRecipes.Names),
        DefaultValueFactory = _ => QuantizationRecipes.Standard,
    };

    private readonly Option<string?> _scheme = new("--scheme")
    {
        Description = "Bits and group size by their usual name: W4A16 is 4 bits in groups of 128. Default: W4A16.",
        HelpName = string.Join('|', WeightSchemes.Names),
    };

    private readonly Option<int?> _bits = new("--bits") { Description = "Bits of a weight. Default: the scheme's.", HelpName = "2|3|4|8" };

    private readonly Option<int?> _groupSize = new("--group-size")
    {
        Description = "Inputs that share a scale, -1 for a whole row. Default: the scheme's, 128.", HelpName = "INPUTS",
    };

    private readonly Option<bool> _asymmetric = new("--asym") { Description = "A zero point for each group, instead of the middle of the codes." };

    private readonly Option<string[]> _rules = new("--layer")
    {
        Description = "Another scheme for layers whose names a pattern matches, a part of the name or a regular expression: 'mlp.down_proj:bits=8,group_size=64,sym=false'; " +
            "bits=16 leaves them as they are. May be given several times; a later one goes before an earlier one.",
        HelpName = "PATTERN:KEY=VALUE,...",
    };

    private readonly Option<string[]> _ignored = new("--ignore-layers")
    {
        Description = "Layers that stay as they are: patterns, separated by commas. Default: none.", HelpName = "PATTERNS",
    };

    private readonly Option<bool> _head = new("--quant-lm-head") { Description = "Quantize the head, too, by rounding to nearest." };

    private readonly Option<int?> _iterations = new("--iters")
    {
        Description = "Steps of tuning per block; 0 rounds to nearest. Default: the recipe's, 200.", HelpName = "N",
    };

    private readonly Option<int?> _samples = new("--nsamples") { Description = "Samples of calibration text. Default: the recipe's, 128.", HelpName = "N" };
    private readonly Option<int?> _sequenceLength = new("--seqlen") { Description = "Tokens of a sample. Default: 2048.", HelpName = "TOKENS" };
    private readonly Option<int?> _batchSize = new("--batch-size") { Description = "Samples of a step. Default: the recipe's, 8.", HelpName = "N" };

    private readonly Option<double?> _learningRate = new("--lr")
    {
        Description = "Size of the first step, in codes; it falls to 0. Default: the recipe's, 1/iters.", HelpName = "STEP",
    };

    private readonly Option<double?> _rangeLearningRate = new("--minmax-lr") { Description = "Size of the first step of a group's range. Default: --lr.", HelpName = "STEP" };

    private readonly Option<bool?> _searchScales = new("--search-scales")
    {
        Description = "Whether tuning begins with scales that a search finds to suit the activations, as AutoRound's alg_ext does. Default: true; false in the recipe seed.",
        HelpName = "true|false",
    };

    private readonly Option<string?> _loss = new("--loss")
    {
        Description = "What tuning makes small: mse, the squared error of a block's output, as AutoRound has it, or relative, each token's error in relation to its size. Default: relative; mse in the recipe seed.",
        HelpName = "mse|relative",
    };

    private readonly Option<string?> _dataset = new("--dataset")
    {
        Description = "Calibration text: files with options, such as 'code.jsonl:num=256,calls.jsonl:apply_chat_template'. Default: none.", HelpName = "SPEC",
    };

    private readonly Option<int?> _seed = new("--seed") { Description = "Seed of the order of samples. Default: 42.", HelpName = "N" };

    private readonly Option<string> _format = new("--format")
    {
        Description = "Layout of the output: auto_round, packed as AutoRound packs for GPTQ kernels. Default: auto_round.",
        HelpName = "auto_round",
        DefaultValueFactory = _ => Format,
    };

    private readonly Option<string?> _shardSize = new("--max-shard-size") { Description = "The most of a weight file, such as 500MB. Default: 5GB.", HelpName = "SIZE" };

    private readonly Option<string?> _spill = new("--spill")
    {
        Description = "Folder to keep activations in while tuning, where they don't fit into memory. Default: they stay in memory.", HelpName = "DIR",
    };

    private const string Format = "auto_round";

    /// <summary>Adds the options to a command.</summary>
    public QuantizeOptions(Command command)
    {
        foreach (var option in (Option[])
            [
                _recipe, _scheme, _bits, _groupSize, _asymmetric, _rules, _ignored, _head, _iterations, _samples, _sequenceLength, _batchSize,
                _learningRate, _rangeLearningRate, _searchScales, _loss, _dataset, _seed, _format, _shardSize, _spill,
            ])
        {
            command.Add(option);
        }
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="ArgumentException">A value is wrong; the message names it.</exception>
    public QuantizationOptions Of(ParseResult parsed)
    {
        var recipe = QuantizationRecipes.Of(parsed.GetRequiredValue(_recipe));
        var scheme = parsed.GetValue(_scheme) is { } name ? WeightSchemes.Of(name) : recipe.Scheme;
        if (parsed.GetRequiredValue(_format) is not Format and var format)
            throw new ArgumentException($"--format is '{format}', but {Format} is the only one that is written.");
        var iterations = parsed.GetValue(_iterations) ?? recipe.Iterations;
        var options = recipe with
        {
            Scheme = new WeightScheme(
                parsed.GetValue(_bits) ?? scheme.Bits, parsed.GetValue(_groupSize) ?? scheme.GroupSize, scheme.IsSymmetric && !parsed.GetValue(_asymmetric)),
            Rules = [.. (parsed.GetValue(_rules) ?? []).Select(LayerRule.Parse)],
            IgnoredLayers =
            [
                .. (parsed.GetValue(_ignored) ?? []).SelectMany(
                    patterns => patterns.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
            ],
            QuantizesHead = parsed.GetValue(_head),
            Iterations = iterations,
            Samples = parsed.GetValue(_samples) ?? recipe.Samples,
            SequenceLength = parsed.GetValue(_sequenceLength) ?? recipe.SequenceLength,
            BatchSize = parsed.GetValue(_batchSize) ?? recipe.BatchSize,
            LearningRate = parsed.GetValue(_learningRate) ?? recipe.LearningRate,
            RangeLearningRate = parsed.GetValue(_rangeLearningRate) ?? recipe.RangeLearningRate,
            SearchesScales = parsed.GetValue(_searchScales) ?? (recipe.SearchesScales && (iterations > 0 || recipe.Iterations == 0)),
            Loss = parsed.GetValue(_loss) switch
            {
                null => recipe.Loss,
                "mse" => LossKind.Mse,
                "relative" => LossKind.RelativeMse,
                var loss => throw new ArgumentException($"--loss is '{loss}', but it must be mse or relative."),
            },
            Dataset = parsed.GetValue(_dataset),
            Seed = parsed.GetValue(_seed) ?? recipe.Seed,
            MaxShardBytes = parsed.GetValue(_shardSize) is { } size ? BytesOf(size) : recipe.MaxShardBytes,
            SpillFolder = parsed.GetValue(_spill),
        };
        options.Validate();
        return options;
    }

    private static long BytesOf(string size)
    {
        foreach (var (unit, bytes) in Units)
        {
            if (size.EndsWith(unit, StringComparison.OrdinalIgnoreCase) &&
                double.TryParse(size[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * bytes is >= 1 and < 1e15)
            {
                return (long)(number * bytes);
            }
        }

        throw new ArgumentException($"--max-shard-size is '{size}'; write a number and a unit, such as 500MB or 5GB.");
    }
}
