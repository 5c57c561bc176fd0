using System.CommandLine;
using Dray.Cli.Labelling;
using Dray.Cli.Labelling.Agreement;

namespace Dray.Cli.Commands;

/// <summary>The options of <c>dray label</c>.</summary>
internal sealed class LabelCommandOptions
{
    private const int DefaultMaxTokens = 256;
    private const int DefaultSeed = 42;
    private const int MostPreviewed = 10_000;

    private readonly Argument<string> _data = new("DATA.(csv|jsonl|parquet)") { Description = "Rows to label; .tsv and .ndjson too. Any size: it is read row by row." };

    private readonly Option<string> _prompt = new("--prompt")
    {
        Description = @"Text file with the prompt. {{name}} stands for the row's value of a column, \{{ for two braces.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string?> _system = new("--system") { Description = "Text file with the system prompt, written as --prompt is. Default: none.", HelpName = "FILE" };

    private readonly Option<string> _column = new("--column")
    {
        Description = "Name of the column to add. Beside it NAME_error has the code and message of rows that failed, and is null for the others.",
        HelpName = "NAME",
        Required = true,
    };

    private readonly Option<string?> _image = new("--image")
    {
        Description = "Column with a picture for each row: a path relative to the data file's folder, or a data: URL. Default: none.",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> _schema = new("--schema")
    {
        Description = "JSON schema that answers are held to. The JSON goes to NAME, each property to a column NAME.property. Default: none.",
        HelpName = "FILE.json",
    };

    private readonly Option<string?> _choice = new("--choice") { Description = "The answers to choose from, with commas between them. Default: any answer.", HelpName = "A,B,C" };

    private readonly Option<string?> _choices = new("--choices") { Description = "Text file with an answer to choose from per line. Default: any answer.", HelpName = "FILE" };

    private readonly Option<string?> _regex = new("--regex") { Description = "Pattern that answers match as a whole. Default: any answer.", HelpName = "PATTERN" };

    private readonly Option<bool> _probability = new("--probability")
    {
        Description = "Add NAME_probability: the model's own probability of the answer, 0 to 1, by its tokens' before any constraint.",
    };

    private readonly Option<double> _temperature = new("--temperature")
    {
        Description = "Randomness of answers; 0 takes the likeliest token each time. Default: 0.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int> _maxTokens = new("--max-tokens")
    {
        Description = $"The most tokens of an answer. A held answer that is cut off counts as failed. Default: {DefaultMaxTokens} tokens.",
        HelpName = "TOKENS",
        DefaultValueFactory = _ => DefaultMaxTokens,
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = $"Seed of sampling and of --preview's choice of rows. Default: {DefaultSeed}.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultSeed,
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "File to write: all columns of the data and the new ones, in the format of its extension. What an unfinished run has done is kept in FILE.dray beside it.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replace an output that is there." };

    private readonly Option<int?> _preview = new("--preview")
    {
        Description = "Label only N rows, chosen by --seed, show them and estimate tokens and time of all; writes no output. Default: label all rows.",
        HelpName = "N",
    };

    private readonly Option<double> _priceIn = new("--price-in")
    {
        Description = "Price of a million prompt tokens, for --preview's estimate of the cost. Default: 0.",
        HelpName = "PRICE",
    };

    private readonly Option<double> _priceOut = new("--price-out")
    {
        Description = "Price of a million completion tokens, for --preview's estimate of the cost. Default: 0.",
        HelpName = "PRICE",
    };

    private readonly Option<string?> _gold = new("--gold")
    {
        Description = "Column with right labels: how they agree is written to FILE.agreement.json, .md and .png. Default: none.",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> _goldProperty = new("--gold-property")
    {
        Description = "Property of the schema to compare with --gold. Default: its only one, or the one named like the gold column.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _ignoreCase = new("--ignore-case") { Description = "Compare with --gold without regard to upper and lower case." };

    public LabelCommandOptions(Command command)
    {
        _maxTokens.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--max-tokens must be at least 1 token.");
        });
        _temperature.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 2)) result.AddError("--temperature must be 0 to 2.");
        });
        _column.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>())) result.AddError("--column must have a name.");
        });
        _preview.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > MostPreviewed) result.AddError($"--preview must be 1 to {MostPreviewed} rows.");
        });
        foreach (var price in new[] { _priceIn, _priceOut })
        {
            price.Validators.Add(result =>
            {
                if (!(result.GetValueOrDefault<double>() is >= 0 and < 1e9)) result.AddError($"{price.Name} must be a price of at least 0.");
            });
        }

        command.Validators.Add(result =>
        {
            Option<string?>[] forms = [_schema, _choice, _choices, _regex];
            if (forms.Count(form => result.GetValue(form) is not null) > 1) result.AddError("Only one of --schema, --choice, --choices and --regex can be given.");
            if (result.GetValue(_output) is null && result.GetValue(_preview) is null) result.AddError("--output is missing; name the file to write.");
        });
        command.Add(_data);
        Option[] options = [_prompt, _system, _column, _image, _schema, _choice, _choices, _regex, _probability, _temperature, _maxTokens, _seed, _output, _force, _preview, _priceIn, _priceOut, _gold, _goldProperty, _ignoreCase];
        foreach (var option in options) command.Add(option);
    }

    /// <summary>What to label, and how.</summary>
    /// <exception cref="CommandException">The choices or the schema can't be used.</exception>
    public LabelOptions Read(ParseResult parsed) => new()
    {
        Data = parsed.GetRequiredValue(_data),
        Prompt = parsed.GetRequiredValue(_prompt),
        System = parsed.GetValue(_system),
        Column = parsed.GetRequiredValue(_column),
        Image = parsed.GetValue(_image),
        Form = Form(parsed),
        Temperature = parsed.GetValue(_temperature),
        MaxTokens = parsed.GetValue(_maxTokens),
        Seed = parsed.GetValue(_seed),
        Probability = parsed.GetValue(_probability),
    };

    /// <summary>How many rows to preview, or null to label all.</summary>
    public int? Preview(ParseResult parsed) => parsed.GetValue(_preview);

    /// <summary>What all rows of a preview cost, or null where no price is given.</summary>
    public double? Cost(ParseResult parsed, LabelPreviewResult result)
    {
        var (priceIn, priceOut) = (parsed.GetValue(_priceIn), parsed.GetValue(_priceOut));
        return priceIn > 0 || priceOut > 0 ? result.Cost(priceIn, priceOut) : null;
    }

    /// <summary>What to compare labels with, or null for nothing.</summary>
    /// <exception cref="CommandException">There is no such column or property.</exception>
    public GoldColumn? Gold(ParseResult parsed, LabelJob job, LabelForm form) => parsed.GetValue(_gold) is { } gold
        ? GoldColumn.Find(job, form, gold, parsed.GetValue(_goldProperty), parsed.GetValue(_ignoreCase))
        : null;

    /// <summary>The file to write.</summary>
    public string Output(ParseResult parsed) => parsed.GetValue(_output)!;

    /// <summary>Whether a file that is there is replaced.</summary>
    public bool Force(ParseResult parsed) => parsed.GetValue(_force);

    private LabelForm Form(ParseResult parsed)
    {
        if (parsed.GetValue(_schema) is { } schema) return LabelForm.Schema(schema);
        if (parsed.GetValue(_regex) is { } pattern) return LabelForm.Regex(pattern);
        if (parsed.GetValue(_choice) is { } choice) return Choices("--choice", choice.Split(','));
        return parsed.GetValue(_choices) is { } file ? Choices($"'{file}'", File.ReadLines(file)) : LabelForm.Any;
    }

    private static LabelForm Choices(string source, IEnumerable<string> texts)
    {
        string[] choices = [.. texts.Select(text => text.Trim()).Where(text => text.Length > 0).Distinct(StringComparer.Ordinal)];
        return choices.Length > 1 ? LabelForm.Choice(choices) : throw new CommandException(ExitCode.Usage, $"{source} names {choices.Length} answers; give at least two different ones.");
    }
}
