using System.Globalization;
using System.Text.Json;
using Dray.Cli.Labelling.Tables;
using Dray.Inference;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Cli.Labelling;

/// <summary>A data file and what to ask about each of its rows.</summary>
internal sealed class LabelJob
{
    private readonly LabelOptions _options;
    private readonly PromptTemplate? _system;
    private readonly int _image;

    private LabelJob(LabelOptions options, ITable table, PromptTemplate prompt, PromptTemplate? system, int image, IReadOnlyList<TableColumn> added) =>
        (_options, Table, Prompt, _system, _image, Added) = (options, table, prompt, system, image, added);

    /// <summary>Gets the data.</summary>
    public ITable Table { get; }

    /// <summary>Gets the prompt.</summary>
    public PromptTemplate Prompt { get; }

    /// <summary>Gets the columns to add: the answer, its properties, its probability and its error.</summary>
    public IReadOnlyList<TableColumn> Added { get; }

    /// <summary>Looks through the data and checks all that can be checked before the model is loaded.</summary>
    /// <exception cref="CommandException">Something can't be used.</exception>
    public static LabelJob Open(LabelOptions options)
    {
        var table = TableFile.Open(options.Data);
        TableColumn[] added =
        [
            new(options.Column, ColumnKind.Text),
            .. options.Form.Properties.Select(property => property with { Name = $"{options.Column}.{property.Name}" }),
            .. options.Probability ? (TableColumn[])[new($"{options.Column}_probability", ColumnKind.Number)] : [],
            new($"{options.Column}_error", ColumnKind.Text),
        ];
        if (added.FirstOrDefault(column => table.Columns.Any(other => other.Name == column.Name)) is { } taken)
            throw new CommandException(ExitCode.Usage, $"The data has a column '{taken.Name}' already; give another name with --column.");
        var prompt = PromptTemplate.Read(options.Prompt, table.Columns);
        var system = options.System is null ? null : PromptTemplate.Read(options.System, table.Columns);
        return new LabelJob(options, table, prompt, system, options.Image is null ? -1 : PromptTemplate.Find("--image", options.Image, table.Columns), added);
    }

    /// <summary>The request about a row, as a line of a batch's input without line end.</summary>
    public byte[] Request(long number, object?[] values)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            writer.WriteString("custom_id", number.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("method", "POST");
            writer.WriteString("url", "/v1/chat/completions");
            writer.WriteStartObject("body");
            WriteMessages(writer, values);
            WriteSampling(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return line.ToArray();
    }

    /// <summary>Checks the form and the sampling before the model is loaded.</summary>
    /// <exception cref="CommandException">No row could be asked like this.</exception>
    public async Task CheckAsync(PreflightEngine engine, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("messages");
            WriteMessage(writer, "user", "?", picture: null);
            writer.WriteEndArray();
            WriteSampling(writer);
            writer.WriteEndObject();
        }

        try
        {
            var body = JsonElement.Parse(text.ToArray());
            var chat = ChatRequest.Parse(body);
            var sampling = SamplingParams.Parse(body, engine.DefaultSampling);
            await engine.GenerateAsync(new GenerationRequest { Prompt = chat, Sampling = sampling, Format = StructuredOutput.Parse(body, chat) }, cancellationToken);
        }
        catch (RequestRejectedException exception)
        {
            throw new CommandException(ExitCode.InputRefused, exception.Message);
        }
    }

    /// <summary>The values of the added columns.</summary>
    public IReadOnlyList<object?> ValuesOf(Label label) =>
    [
        label.Text,
        .. _options.Form.ValuesOf(label.Text),
        .. _options.Probability ? (object?[])[label.Probability] : [],
        label.Error,
    ];

    private static void WriteMessage(Utf8JsonWriter writer, string role, string text, string? picture)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        if (picture is null)
        {
            writer.WriteString("content", text);
        }
        else
        {
            writer.WritePropertyName("content");
            JsonSerializer.Serialize(writer, new object[] { new { type = "text", text }, new { type = "image_url", image_url = new { url = picture } } });
        }

        writer.WriteEndObject();
    }

    private void WriteMessages(Utf8JsonWriter writer, object?[] values)
    {
        writer.WriteStartArray("messages");
        if (_system is not null) WriteMessage(writer, "system", _system.Render(values), picture: null);
        WriteMessage(writer, "user", Prompt.Render(values), _image < 0 ? null : TableValue.Text(values[_image]));
        writer.WriteEndArray();
    }

    private void WriteSampling(Utf8JsonWriter writer)
    {
        writer.WriteNumber("max_tokens", _options.MaxTokens);
        writer.WriteNumber("temperature", _options.Temperature);
        if (_options.Temperature > 0) writer.WriteNumber("seed", _options.Seed);
        if (_options.Probability) writer.WriteBoolean("logprobs", true);
        _options.Form.Write(writer);
    }
}
